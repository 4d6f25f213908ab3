"""Forms for translators, who may change texts in some languages and nothing else.

Texts in these languages are fields; everything else is read-only. The server enforces it: a
request that has more than the fields of the form is refused.
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
        """Return the languages whose texts a user may change; empty if all may be changed."""
        if not translated_fields(self.model) or self.may_change_all(request):
            return []
        return [code for code in languages() if request.user.has_perm(TRANSLATE.format(code))]

    def may_change_all(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether a user may change all fields of a row."""
        return super().has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change_all(request, obj) or bool(self.languages_translated(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or bool(self.languages_translated(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return, for a translator, all fields but the texts in the translator's languages."""
        fields = list(super().get_readonly_fields(request, obj))
        codes = self.languages_translated(request)
        if not codes:
            return fields
        texts = translated_fields(self.model)
        own = {column(name, code) for name in texts for code in codes}
        every = [*self.model._meta.concrete_fields, *self.model._meta.many_to_many]
        parent = getattr(self, "parent_model", None)  # the foreign key of an inline is hidden
        left = [
            field.name
            for field in every
            if field.editable
            if not field.primary_key
            if parent is None or field.related_model is not parent
        ]
        return [*fields, *(name for name in left if name not in {*own, *texts, *fields})]
