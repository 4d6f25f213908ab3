"""Columns and filters of the admin's lists for missing and stale translations."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from trendsite.shared.paging import KeysPaginator
from trendsite.shared.translated import column, languages
from trendsite.shared.translations.conditions import lacking, number_missing, number_of, stale
from trendsite.shared.translations.form_marks import mark_translations, with_marks, words_for
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
        """Annotate rows, for each language, with the numbers of missing and of stale texts."""
        own = self.model._base_manager.filter(pk=OuterRef("pk"))
        content_type = ContentType.objects.get_for_model(self.model)
        numbers: dict[str, Any] = {}
        for language in languages():
            states = TranslationState.objects.stale(language).filter(
                content_type=content_type, object_id=OuterRef("pk")
            )
            numbers[column("missing", language)] = number_missing(own, language)
            numbers[column("stale", language)] = number_of(states)
        annotated: QuerySet[Any] = rows.annotate(**numbers)
        return annotated

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
        """Return a CSS class and a text on a language, for a row of `for_list()`."""
        return label_of_counts(
            getattr(row, column("missing", language)), getattr(row, column("stale", language))
        )


def label_of_counts(missing: int, stale: int) -> tuple[str, str]:
    """Return a CSS class and a text for the numbers of missing and stale texts."""
    label = ", ".join(words_for(missing, stale))
    return ("partial" if missing else "stale" if stale else "complete"), label or _("complete")


class _LanguageFilter(admin.SimpleListFilter):
    """Base of filters of a `TranslatedList` by the state of texts in a language."""

    condition: str
    """The name of the admin's method that returns the condition for a language."""

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        self._condition: Callable[[str], Q] = getattr(model_admin, self.condition)
        return [(code, get_language_info(code)["name_local"]) for code in languages()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        language = self.value()
        return queryset.filter(self._condition(language)) if language in languages() else queryset


class MissingFilter(_LanguageFilter):
    """Filters the rows that lack a text in a language."""

    title = gettext_lazy("texts missing in")
    parameter_name = "incomplete"
    condition = "lacking_in"


class StaleFilter(_LanguageFilter):
    """Filters the rows of which a text is stale in a language."""

    title = gettext_lazy("texts out of date in")
    parameter_name = "stale"
    condition = "stale_in"
