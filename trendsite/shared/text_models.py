"""Models that save their texts in a normal form."""

import sys
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from trendsite.shared.text.normal_form import check_characters, normal_form

LONGEST_TEXT = 20_000
"""The most characters of a text without a maximum of its own: ten pages of a book."""


def check_length(text: str) -> None:
    """Raise ValidationError if a text is longer than `LONGEST_TEXT`."""
    if len(text) > LONGEST_TEXT:
        raise ValidationError(
            _("Write at most %(most)s characters; there are %(number)s."),
            code="max_length",
            params={"most": f"{LONGEST_TEXT:,}", "number": f"{len(text):,}"},
        )


class TextModel(models.Model):
    """A model whose texts are saved in their normal form, without control characters.

    Texts without a `max_length` have at most `LONGEST_TEXT` characters. Addresses of other sites
    are not changed: another form may be another address.
    """

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Iterable[str] | None = None) -> None:
        self.tidy_texts()
        excluded = set(exclude or ())
        errors: dict[str, list[ValidationError]] = {}
        for field in self.text_fields():
            text = getattr(self, field.attname)
            if field.name not in excluded and isinstance(text, str):
                try:
                    check_characters(text)
                    if isinstance(field, models.TextField):
                        check_length(text)
                except ValidationError as error:
                    errors[field.name] = error.error_list
        try:
            super().clean_fields(excluded | errors.keys())
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    @classmethod
    @cache
    def text_fields(cls) -> list[models.Field[Any, Any]]:
        """Return the fields with texts that people write."""
        return text_fields(cls)

    def tidy_texts(self) -> None:
        """Replace every text by its normal form."""
        for field in self.text_fields():
            text = getattr(self, field.attname)
            if isinstance(text, str):
                setattr(self, field.attname, tidy(field, text))


def text_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Return the fields with texts of a model, or of its state in a migration."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.SlugField | models.URLField)
        and not field.choices
        and field.editable
    ]


def tidy(field: models.Field[Any, Any], text: str) -> str | None:
    """Return the normal form of a text, None if that is empty and the field is nullable."""
    is_long = isinstance(field, models.TextField)
    return normal_form(text, one_line=not is_long) or (None if field.null else "")


def tidy_saved_rows(model: type[models.Model]) -> None:
    """Save the normal form of the texts of all rows. One query, and one for each row that changes.

    For migrations. A row that would then violate a constraint stays as it is and is named on
    standard error, for an editor to look at.
    """
    fields = text_fields(model)
    names = [field.attname for field in fields]
    for pk, *texts in model._base_manager.order_by("pk").values_list("pk", *names).iterator():
        changed = {
            field.attname: new
            for field, text in zip(fields, texts, strict=True)
            if isinstance(text, str) and (new := tidy(field, text)) != text
        }
        try:
            if changed:
                with transaction.atomic():
                    model._base_manager.filter(pk=pk).update(**changed)
        except DatabaseError as error:
            print(f"\n  {model._meta.label} {pk} keeps its texts: {error}", file=sys.stderr)


@receiver(pre_save)
def _tidy(instance: models.Model, **kwargs: Any) -> None:
    # A signal, since Django's own fixtures do not call `save()`.
    if isinstance(instance, TextModel):
        instance.tidy_texts()
