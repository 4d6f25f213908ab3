"""Moments of a video: seconds from its start, written as players write them."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_WRITTEN = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,6})", re.ASCII)
_LONGEST = 100  # characters, blanks included


def parse_moment(text: str) -> int:
    """Return the seconds of a moment written as `754`, `12:34` or `1:02:03`.

    Full-width digits are read too. Raises ValidationError for anything else.
    """
    plain = unicodedata.normalize("NFKC", text).strip() if len(text) <= _LONGEST else ""
    match = _WRITTEN.fullmatch(plain)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, -1)
    if not match or (match[2] and seconds > 59) or (match[1] and minutes > 59):
        raise ValidationError(
            _("“%(text)s” is not a time in a video. Enter 12:34, 1:02:03 or seconds."),
            code="invalid",
            params={"text": text},
        )
    return hours * 3600 + minutes * 60 + seconds


def format_moment(seconds: int) -> str:
    """Return seconds as `12:34`, or as `1:02:03` from an hour on."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


class MomentFormField(forms.CharField):
    """A form field for a moment that `parse_moment()` can read; its empty value is None."""

    widget = forms.TextInput(attrs={"size": 8, "placeholder": "12:34"})

    # Any: Django hands over whatever a form was given.
    def prepare_value(self, value: Any) -> Any:
        return format_moment(value) if isinstance(value, int) else value

    # A CharField's value is a text; this one's is what its cleaning makes of the text.
    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        text = super().to_python(value)
        return parse_moment(text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True
