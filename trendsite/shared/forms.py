"""Base classes of the admin's forms: versions, ordered rows, choices of rows, Markdown."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    AdminTextInputWidget,
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)
from django.contrib.contenttypes.forms import BaseGenericInlineFormSet
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import BaseInlineFormSet, BaseModelFormSet
from django.forms.widgets import ChoiceWidget
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trendsite.shared.outages import Outage
from trendsite.shared.paths import form_path
from trendsite.shared.revisions.shown import last_writer
from trendsite.shared.text.normal_form import normal_form
from trendsite.shared.versions import VersionedModel
from trendsite.shared.writes import Write

_LAST_PLACE = 9999
_LARGEST_KEY = models.BigIntegerField.MAX_BIGINT


class _KnownRowsWidget(AutocompleteMixin, ChoiceWidget):
    """An autocomplete that shows rows that are loaded already, and fetches others in one query.

    Django's own makes a query for each widget on the page, and raises for an invalid key.
    """

    # Returns the rows that are loaded; a function, since most widgets are never rendered.
    known_rows: Any = staticmethod(tuple)

    def optgroups(
        self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None
    ) -> list[Any]:
        """Return one group with the chosen rows, after an empty option if none need be chosen."""
        options = []
        if not (self.is_required or self.allow_multiple_selected):
            options.append(self.create_option(name, "", "", selected=False, index=0))
        for row in self._rows([str(key) for key in value if key]):
            label = self.choices.field.label_from_instance(row)
            options.append(
                self.create_option(name, row.pk, label, selected=True, index=len(options))
            )
        return [(None, options, 0)]

    def _rows(self, keys: list[str]) -> Iterable[models.Model]:
        if not keys:
            return []
        known = {str(row.pk): row for row in self.known_rows()}
        if known.keys() >= set(keys):
            return [known[key] for key in keys]
        rows: Iterable[models.Model] = self.choices.queryset.filter(pk__in=filter(is_key, keys))
        return rows


class RowChoice(_KnownRowsWidget, AutocompleteSelect):
    """An autocomplete for one row."""


class RowsChoice(_KnownRowsWidget, AutocompleteSelectMultiple):
    """An autocomplete for several rows, each of which has a button that removes it.

    There is none that removes them all: select2 puts it into the list, where only items may be.
    """

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().build_attrs(*args, **kwargs), "data-allow-clear": "false"}


# How many characters a text needs to be shown again when a form is refused as a whole.
_WORTH_KEEPING = 20
_NOT_TYPED = {"csrfmiddlewaretoken", "began_with"}


def typed_texts(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the longer texts of a form, with the names of their fields, to be shown again."""
    return [
        (name, text)
        for name, values in request.POST.lists()
        for text in values
        if len(text) >= _WORTH_KEEPING
        if name not in _NOT_TYPED and "password" not in name
    ]


def nothing_saved(
    request: HttpRequest, site: AdminSite, texts: list[tuple[str, str]], *, is_gone: bool = False
) -> TemplateResponse:
    """Return the page after a form that cannot be saved, with the texts that were typed into it.

    Its row is gone, or else its token is not valid any more.
    """
    context = {
        **site.each_context(request),
        "title": gettext("Nothing was saved"),
        "texts": texts,
        "is_gone": is_gone,
    }
    status = 404 if is_gone else 403
    return TemplateResponse(request, "admin/not_saved.html", context, status=status)


def is_key(text: str) -> bool:
    """Return whether a text is a valid primary key."""
    return text.isascii() and text.isdecimal() and int(text) <= _LARGEST_KEY


class RowsFormField(forms.ModelMultipleChoiceField[Any]):
    """A choice of several rows that refuses keys too large for a query, which Django does not."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not is_key(str(key)):
                raise ValidationError(
                    self.error_messages["invalid_choice"],
                    code="invalid_choice",
                    params={"value": key},
                )
        return super().clean(value)


class EditorsForm(forms.ModelForm[Any]):
    """A form whose autocompletes show the rows that were loaded with the form's row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = getattr(field.widget, "widget", field.widget)  # with or without Django's “+”
            if isinstance(widget, _KnownRowsWidget):
                widget.known_rows = partial(self._chosen_rows, name)

    def save_before(self, write: Write) -> None:
        """Save rows that the form's row will point to. Does nothing by default."""

    def _chosen_rows(self, name: str) -> list[models.Model]:
        """Return the rows that a relation of the saved row has."""
        if self.instance.pk is None:
            return []
        chosen = self.initial.get(name)
        if not isinstance(chosen, list):  # one row at most, then, given by its key
            chosen = [getattr(self.instance, name)]
        return [row for row in chosen if isinstance(row, models.Model)]


class VersionedForm(EditorsForm):
    """The form of a `VersionedModel`, which does not overwrite what others saved meanwhile.

    `version_seen` is the version that the form was opened with. `outage` is why an attempt to save
    the form has just failed. `held_back` is why a valid form is shown again instead of being saved;
    see `trendsite.shared.merging`. With either of them the form is invalid.
    """

    held_back = ""
    version_seen = forms.IntegerField(label="", required=False, widget=forms.HiddenInput)
    outage: Outage | None = None

    instance: VersionedModel

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version_seen"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        """Lock the saved rows, then refuse the form if it was opened before the last change."""
        cleaned = super().clean() or self.cleaned_data
        if self.outage:
            raise ValidationError(
                gettext("%(outage)s Nothing was saved. Please save again in a few seconds.")
                % {"outage": self.outage.label},
                code="outage",
            )
        versions = self._lock(cleaned)
        if self.instance.pk is not None:
            version = versions.get(self.instance.pk)
            if version is None or version != cleaned.get("version_seen"):
                raise ValidationError(self._conflict(), code="stale")
        if self.held_back:
            raise ValidationError(self.held_back, code="held")
        return cleaned

    def keys_to_lock(self, cleaned: dict[str, Any]) -> set[int]:
        """Return the primary keys of the rows of the form's model that saving the form locks."""
        return set() if self.instance.pk is None else {self.instance.pk}

    def _lock(self, cleaned: dict[str, Any]) -> dict[int, int]:
        """Lock rows and return their versions by primary key. One query.

        If two editors save at once, the second one waits here and then gets the first one's
        version. Rows are locked in the order of their keys, which prevents deadlocks, and with
        NO KEY, so that other forms can save foreign keys to them.
        """
        rows = self._meta.model._base_manager.select_for_update(no_key=True)
        rows = rows.filter(pk__in=self.keys_to_lock(cleaned)).order_by("pk")
        return dict(rows.values_list("pk", "version"))

    def _conflict(self) -> SafeString:
        return format_html(
            gettext(
                "{who} saved this {kind} while you were editing it. Your changes have not been "
                "saved, but they are still below. "
                '<a href="{url}" target="_blank">Open the saved version in a new window</a> '
                "and make them there."
            ),
            who=last_writer(self.instance),
            kind=self.instance._meta.verbose_name,
            url=form_path(self.instance),
        )


class RowForm(EditorsForm):
    """The form of a row of an inline. A saved row that was not changed is not validated again.

    That saves some ten queries for each row.
    """

    def full_clean(self) -> None:
        is_saved = self.instance.pk is not None
        # Django leaves a form with this alone as long as it is not changed.
        self.empty_permitted = self.empty_permitted or is_saved
        super().full_clean()
        if self.is_bound and is_saved and not self.has_changed():
            # The formset compares these values between all rows, for unique constraints.
            columns = {field.name for field in self._meta.model._meta.concrete_fields}
            self.cleaned_data = {
                name: self.instance.serializable_value(name)
                for name in self.fields
                if name in columns
            }


class ShownRows(BaseModelFormSet[Any, Any]):
    """Base of formsets: which rows a page shows, and how many forms are built."""

    shown_rows: list[models.Model] | None = None

    def show_submitted_rows(self) -> None:
        """Show all submitted rows, also those that another editor has deleted meanwhile.

        By default Django shows only as many of them as there are saved rows now.
        """
        self.shown_rows = [form.instance for form in self.initial_forms]

    def get_queryset(self) -> Any:
        return super().get_queryset() if self.shown_rows is None else self.shown_rows

    def initial_form_count(self) -> int:
        """Return the number of forms of saved rows, at least 0 whatever the request claims."""
        return max(super().initial_form_count(), 0)

    def clean(self) -> None:
        """Refuse saved rows that the request claims to be new: they would be added twice."""
        super().clean()
        model: Any = self.model  # the stubs let it be None
        key = model._meta.pk.name
        if any(form.data.get(form.add_prefix(key)) for form in self.extra_forms):
            raise ValidationError(
                _("These rows are not as the page has sent them. Open the page again."),
                code="tampered",
            )

    def total_form_count(self) -> int:
        """Return the number of forms, without new ones if the request claims far too many.

        Django refuses such a request, but only after it has built as many forms as are allowed.
        """
        most = self.absolute_max or 0
        claimed = (self.management_form.cleaned_data["TOTAL_FORMS"] or 0) if self.is_bound else 0
        if claimed > most:
            return min(self.initial_form_count(), most)
        return super().total_form_count()


class RowsFormSet(ShownRows, BaseInlineFormSet[Any, Any, Any]):
    """The formset of an inline."""


class GenericRowsFormSet(ShownRows, BaseGenericInlineFormSet[Any, Any]):
    """The formset of an inline whose rows have a generic foreign key."""


class PlaceFormField(forms.IntegerField):
    """A place in an order, which editors count from one and the database from zero."""

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


class OrderedRowForm(RowForm):
    """A row of an inline that has a place among its siblings, in the column `order`."""

    order = PlaceFormField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial.pop("order", None)  # an empty place means the last one, not the default

    def has_changed(self) -> bool:
        """Return whether the row was changed. A new row with nothing but a place was not."""
        if self.instance.pk is None:
            return bool(set(self.changed_data) - {"order"})
        return super().has_changed()


class OrderedFormSet(RowsFormSet):
    """The formset of ordered rows. Those without a place come last, in the order of the form."""

    def clean(self) -> None:
        super().clean()
        rows = [form for form in self.forms if form.instance.pk or form.has_changed()]
        places = [getattr(form, "cleaned_data", {}).get("order") for form in rows]
        following = max((place for place in places if place is not None), default=-1) + 1
        for form, place in zip(rows, places, strict=True):
            is_shown = not form.instance.pk or form.add_prefix("order") in form.data
            if place is None and is_shown:  # forms of translators do not have the field
                form.instance.order = following
                following += 1


class EditorsTextInput(AdminTextInputWidget):
    """An input that returns the normal form of what was typed, which is the form that is saved.

    Otherwise a text with invisible characters would count as changed, or as too long.
    """

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        text = super().value_from_datadict(data, files, name)
        return normal_form(text, one_line=True) if text else text


class EditorsTextarea(AdminTextareaWidget):
    """A text area that returns the normal form of what was typed, with Unix line ends."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        text = super().value_from_datadict(data, files, name)
        return normal_form(text) if text else text


class MarkdownTextarea(EditorsTextarea):
    """A text area for Markdown, to which `markdown.js` adds a button for a preview."""

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


def citing_attributes(url_name: str) -> dict[str, Any]:
    """Return the attributes for which `citing.js` adds a button that cites a source in the text."""
    return {
        "data-cite": reverse_lazy(url_name),
        "data-cite-label": _("Cite a source"),
        "data-cite-search": _("Search for a source"),
        "data-cite-none": _("No source was found."),
        "data-cite-failed": _("The sources could not be fetched. Your text is untouched."),
    }
