"""A model field for links to other sites."""

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.db import models


class WebAddressField(models.URLField[str, str]):
    """A URL that a reader's browser can open: http or https, at most 500 characters."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    # Any: as Django's own signatures.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 500)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """Return the form field; an address typed without a scheme is taken as https."""
        return super().formfield(**{"assume_scheme": "https", **kwargs})
