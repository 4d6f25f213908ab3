"""How the fields of the admins' forms look."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.forms import Field, ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext as _
from modeltranslation.fields import TranslationField

from trendsite.shared.forms import (
    EditorsTextarea,
    EditorsTextInput,
    MarkdownTextarea,
    RowChoice,
    RowsChoice,
    RowsFormField,
    citing_attributes,
)
from trendsite.shared.translators import TranslatedForms


class EditorsFields(TranslatedForms):
    """Base of admins and inlines: how the fields of their forms look.

    The input of a translated text has the `lang` of its language; those named in
    `markdown_fields` have a preview. The one that marks sources has a button for it, which looks
    them up at the address named `cite_url`. What a row points to can be added and changed beside
    its name, but not deleted from there.
    """

    markdown_fields: Iterable[str] = ()
    cite_url = ""
    formfield_overrides = {
        models.CharField: {"widget": EditorsTextInput},
        models.TextField: {"widget": EditorsTextarea},
    }

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        if db_field.name in self.markdown_fields:
            kwargs["widget"] = MarkdownTextarea
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and self.cite_url and db_field.name == self.model.marked_text:
            field.widget.attrs.update(citing_attributes(self.cite_url))
        translated: Any = db_field  # of a class that modeltranslation makes for each field
        if field and issubclass(type(db_field), TranslationField):
            field.widget.attrs["lang"] = translated.language
            if translated.translated_field.name in self.model.own_texts:
                field.widget.attrs["data-own"] = "yes"
            if translated.translated_field.name in self.model.required_texts:
                field.help_text = field.help_text or _("Required in at least one language.")
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False
            field.widget.can_view_related = False
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RowChoice(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RowsChoice(db_field, self.admin_site))
            kwargs.setdefault("form_class", RowsFormField)
        return super().formfield_for_manytomany(db_field, request, **kwargs)
