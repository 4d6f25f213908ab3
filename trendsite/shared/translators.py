"""The forms of translators, who may change texts in some languages and nothing else.

The texts of these languages are fields; all else is read. It is the server that says so: what is
not a field of the form is not taken from a request, and a request that has it is refused.
"""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from trendsite.shared.translated import column, languages, translated_fields

TRANSLATE = "trends.translate_{}"
"""The permission to translate into a language. `trends` has it, for the rows of all apps."""


class TranslatedForms(admin.options.BaseModelAdmin[Any]):
    """Base of admins and inlines whose texts may be changed in some languages alone."""

    def languages_translated(self, request: HttpRequest) -> list[str]:
        """Return the languages to which a user is limited; empty if everything may be changed."""
        if not translated_fields(self.model) or self.may_change_all(request):
            return []
        return [code for code in languages() if request.user.has_perm(TRANSLATE.format(code))]

    def may_change_all(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Tell whether a user may change everything of a row, not the texts of a language alone."""
        return super().has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change_all(request, obj) or bool(self.languages_translated(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or bool(self.languages_translated(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return also all that is not a text in one of the languages of a translator."""
        fields = list(super().get_readonly_fields(request, obj))
        codes = self.languages_translated(request)
        if not codes:
            return fields
        texts = translated_fields(self.model)
        own = {column(name, code) for name in texts for code in codes}
        every = [*self.model._meta.concrete_fields, *self.model._meta.many_to_many]
        parent = getattr(self, "parent_model", None)  # to which a row of an inline points, hidden
        left = [
            field.name
            for field in every
            if field.editable
            if not field.primary_key
            if parent is None or field.related_model is not parent
        ]
        return [*fields, *(name for name in left if name not in {*own, *texts, *fields})]
