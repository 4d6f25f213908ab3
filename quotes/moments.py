"""Moments of a video: seconds from its start, read and shown as players write them."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_WRITTEN = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,6})", re.ASCII)


def parse_moment(text: str) -> int:
    """Seconds from `754`, `12:34` or `1:02:03`, in full-width digits too.

    Raises ValidationError for anything else.
    """
    match = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).strip())
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, -1)
    has_minutes = match and match[2]
    if seconds < 0 or (has_minutes and seconds > 59) or (match[1] and minutes > 59):
        raise ValidationError(
            _("“%(text)s” is not a moment of a video: write 12:34, 1:02:03 or seconds."),
            code="invalid",
            params={"text": text},
        )
    return hours * 3600 + minutes * 60 + seconds


def format_moment(seconds: int) -> str:
    """`12:34`, or `1:02:03` from an hour on."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


class MomentFormField(forms.CharField):
    """A moment as `parse_moment()` reads it; None where it is empty."""

    widget = forms.TextInput(attrs={"size": 8, "placeholder": "12:34"})

    def prepare_value(self, value: Any) -> Any:
        return format_moment(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        text = super().to_python(value)
        return parse_moment(text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True
