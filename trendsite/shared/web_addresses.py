"""Fields for what stands in addresses: links to other sites, and slugs in our own."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class WebAddressField(models.URLField):
    """A URL that a reader's browser can open: http or https, at most 500 characters."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 500)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field:
        return super().formfield(**{"assume_scheme": "https", **kwargs})


_is_slug = RegexValidator(
    r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z",
    _("Write lower-case letters a–z and digits, with single hyphens between words."),
)


class AddressSlugFormField(forms.SlugField):
    """A slug, with the message of ours alone: Django's allows more than we do."""

    default_validators = [_is_slug]


class SlugField(models.SlugField):
    """A name that stands in addresses: lower-case ASCII."""

    default_validators = [_is_slug]

    def formfield(self, **kwargs: Any) -> forms.Field:
        return super().formfield(**{"form_class": AddressSlugFormField, **kwargs})

    def db_check(self, connection: Any) -> str:
        column = connection.ops.quote_name(self.column)
        if connection.vendor == "sqlite":
            return (
                f"{column} GLOB '[a-z0-9]*' AND {column} NOT GLOB '*[^a-z0-9-]*'"
                f" AND {column} NOT GLOB '*--*' AND {column} NOT GLOB '*-'"
            )
        return f"{column} ~ '^[a-z0-9]+(-[a-z0-9]+)*$'"


class AddressSlugField(SlugField):
    """The one name of a thing in every language's addresses: unique."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 100)
        kwargs["unique"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["unique"]
        return name, path, args, kwargs
