"""Slugs, the ASCII names of rows in addresses and fixtures, and fields for them."""

from collections.abc import Container, Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

SLUG_LENGTH = 100
"""The most characters of a slug in an address."""

_is_slug = RegexValidator(
    r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z",
    _("Enter lower-case letters a–z and digits, with single hyphens between words."),
)


def free_slug(wanted: str, taken: Container[str]) -> str:
    """Return `wanted`, or the first of `wanted-2`, `wanted-3` … that is not in `taken`."""
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


class SlugFormField(forms.SlugField):
    """A form field for a slug.

    Replaces Django's validator, which also allows capitals and underscores.
    """

    default_validators = [_is_slug]


class SlugField(models.SlugField[str, str]):
    """Lower-case ASCII words with single hyphens between them, checked by the database too."""

    default_validators = [_is_slug]

    # Any, here and below: the types of Django's own signatures.
    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": SlugFormField, **kwargs})

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        """Return the condition of the column's CHECK constraint."""
        column = connection.ops.quote_name(str(self.column))
        if connection.vendor == "sqlite":
            return (
                f"{column} GLOB '[a-z0-9]*' AND {column} NOT GLOB '*[^a-z0-9-]*'"
                f" AND {column} NOT GLOB '*--*' AND {column} NOT GLOB '*-'"
            )
        return f"{column} ~ '^[a-z0-9]+(-[a-z0-9]+)*$'"


class AddressSlugField(SlugField):
    """A unique slug of at most 100 characters: the name of a row in every language's address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", SLUG_LENGTH)
        kwargs["unique"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["unique"]
        return name, path, args, kwargs
