"""What the editors' forms share: rows in an order, texts with a language, Markdown."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.forms.models import BaseInlineFormSet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

_LAST_PLACE = 9999


class PlaceFormField(forms.IntegerField):
    """A place in an order. Editors count from one, the database from zero."""

    widget = forms.NumberInput(
        attrs={
            "class": "place",
            "data-up": _("Move up"),
            "data-down": _("Move down"),
            "data-drag": _("Drag to another place"),
        }
    )

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {
            "label": _("Place"),
            "required": False,
            "min_value": 1,
            "max_value": _LAST_PLACE,
            "help_text": _("1 is the first. Empty: at the end."),
            **kwargs,
        }
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value + 1 if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        place = super().clean(value)
        return None if place is None else place - 1

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class OrderedRowForm(forms.ModelForm):
    """A row of an inline that has a place among its siblings, in the column `order`."""

    order = PlaceFormField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial.pop("order", None)  # the model's default is not a choice of the editor

    def has_changed(self) -> bool:
        """A new row with nothing but a place is one that the editor left empty."""
        if self.instance.pk is None:
            return bool(set(self.changed_data) - {"order"})
        return super().has_changed()


class OrderedFormSet(BaseInlineFormSet):
    """Rows in an order; those without a place come after all others, as they stand."""

    def clean(self) -> None:
        super().clean()
        rows = [form for form in self.forms if form.instance.pk or form.has_changed()]
        places = [getattr(form, "cleaned_data", {}).get("order") for form in rows]
        following = max((place for place in places if place is not None), default=-1) + 1
        for form, place in zip(rows, places, strict=True):
            if place is None:
                form.instance.order = following
                following += 1


class EditorsTextarea(AdminTextareaWidget):
    """A text with the line breaks of Unix: browsers send others, and all would look changed."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        text = super().value_from_datadict(data, files, name)
        return text.replace("\r\n", "\n") if text else text


class MarkdownTextarea(EditorsTextarea):
    """A text whose rendering can be looked at before it is saved; `markdown.js` adds a button."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {
                "class": "vLargeTextField markdown",
                "data-render": reverse_lazy("admin:markdown"),
                "data-show": _("Preview"),
                "data-hide": _("Back to the text"),
                "data-failed": _("The preview could not be fetched. Your text is untouched."),
                **(attrs or {}),
            }
        )
