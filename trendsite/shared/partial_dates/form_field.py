"""The form field of partial dates."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from trendsite.shared.partial_dates.value import PartialDate


class PartialDateFormField(forms.CharField):
    """A form field for a partial date in any form that `PartialDate.parse()` reads."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("max_length", None)  # it is that of the column, not of what people write
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 16, "placeholder": "2025-06"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> str:
        return (
            value.typed if isinstance(value, PartialDate) else "" if value is None else str(value)
        )

    # A CharField returns a text; this field returns a date.
    def to_python(self, value: Any) -> PartialDate | None:  # type: ignore[override]
        if isinstance(value, PartialDate):
            return value
        text = super().to_python(value)
        return PartialDate.parse(text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True
