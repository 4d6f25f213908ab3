"""Columns and filters of the admin's lists for missing and stale translations."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from trendsite.shared.paging import KeysPaginator
from trendsite.shared.translated import column, languages
from trendsite.shared.translations.conditions import lacking, number_missing, stale
from trendsite.shared.translations.counts_in_words import words_for
from trendsite.shared.translations.form_marks import mark_translations, with_marks
from trendsite.shared.translations.models import TranslationState


class TranslatedList(admin.ModelAdmin[Any]):
    """Base of admins whose list shows what is missing or stale in each language.

    Add `the_languages` to `list_display`, and the two filters below to `list_filter`.
    """

    def lacking_in(self, language: str) -> Q:
        """Return a condition for the rows that lack a text in a language."""
        return lacking(self.model, language)

    def stale_in(self, language: str) -> Q:
        """Return a condition for the rows of which a text is stale in a language."""
        return Q(stale(self.model, language))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["is_translated"] = True
        parts = (context["adminform"], context["inline_admin_formsets"])
        marks = mark_translations(*parts) if kwargs.get("obj") is not None else {}
        response = super().render_change_form(request, context, *args, **kwargs)
        context["form_parts"] = with_marks(context.get("form_parts", ()), marks)
        return response

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Annotate what the list shows; see `EditorsAdmin.for_list()`."""
        return self.with_missing(rows)

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        per_page: int,
        *args: Any,
        **kwargs: Any,
    ) -> KeysPaginator:
        """Return a paginator that annotates the rows of a page only, not all rows before them."""
        return KeysPaginator(queryset, per_page)

    def with_missing(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Annotate rows, for each language, with the numbers of missing and of stale texts."""
        own = self.model._base_manager.filter(pk=OuterRef("pk"))
        numbers: dict[str, Any] = {}
        for language in languages():
            missing = Subquery(number_missing(own, language))
            numbers[column("missing", language)] = Coalesce(missing, 0)
            numbers[column("stale", language)] = Coalesce(self._number_stale(language), 0)
        annotated: QuerySet[Any] = rows.annotate(**numbers)
        return annotated

    def _number_stale(self, language: str) -> Subquery:
        content_type = ContentType.objects.get_for_model(self.model)
        states = TranslationState.objects.stale(language).order_by()
        of_row = states.filter(content_type=content_type, object_id=OuterRef("pk"))
        grouped = of_row.annotate(all_rows=Value(1)).values("all_rows")
        return Subquery(grouped.annotate(number=Count("pk")).values("number"))

    @admin.display(description=gettext_lazy("translations"))
    def the_languages(self, row: models.Model) -> SafeString:
        return format_html_join(
            " ",
            '<span class="completeness is-{}" title="{}">{}</span>',
            (
                (*self.language_label(row, code), self.language_text(row, code))
                for code in languages()
            ),
        )

    def language_text(self, row: Any, language: str) -> str:
        """Return the text that stands for a language in the list."""
        return language

    def language_label(self, row: Any, language: str) -> tuple[str, str]:
        """Return a CSS class and a text on a language, for a row of `with_missing()`."""
        return label_of_counts(
            getattr(row, column("missing", language)), getattr(row, column("stale", language))
        )


def label_of_counts(missing: int, stale: int) -> tuple[str, str]:
    """Return a CSS class and a text for the numbers of missing and stale texts."""
    label = ", ".join(words_for(missing, stale))
    return ("partial" if missing else "stale" if stale else "complete"), label or _("complete")


class _LanguageFilter(admin.SimpleListFilter):
    """Base of filters of a `TranslatedList` by the state of texts in a language."""

    def __init__(
        self, request: HttpRequest, params: Any, model: Any, model_admin: TranslatedList
    ) -> None:
        self._admin = model_admin
        super().__init__(request, params, model, model_admin)

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        return [(code, get_language_info(code)["name_local"]) for code in languages()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        language = self.value()
        if language not in languages():
            return queryset
        selected: QuerySet[Any] = queryset.filter(self.condition(self._admin, language))
        return selected

    def condition(self, model_admin: TranslatedList, language: str) -> Q:
        raise NotImplementedError


class MissingFilter(_LanguageFilter):
    """Filters the rows that lack a text in a language."""

    title = gettext_lazy("texts missing in")
    parameter_name = "incomplete"

    def condition(self, model_admin: TranslatedList, language: str) -> Q:
        return model_admin.lacking_in(language)


class StaleFilter(_LanguageFilter):
    """Filters the rows of which a text is stale in a language."""

    title = gettext_lazy("texts out of date in")
    parameter_name = "stale"

    def condition(self, model_admin: TranslatedList, language: str) -> Q:
        return model_admin.stale_in(language)
