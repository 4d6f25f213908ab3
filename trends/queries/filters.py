"""Forms that read the filters and the order of a list of trends from a query string.

    form = ListFilters(request.GET)
    filtered(Trend.objects.published(), form.frozen)

Several values of a facet widen the list (`status=growing&status=emerging`), further facets narrow
it. Invalid values are ignored: `form.complaints` names them, and `form.chosen` has the others.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from trends.levels import Confidence, Status
from trends.models import VOCABULARIES
from trends.models.trend_queryset import in_column

Row = TypeVar("Row", bound=models.Model)

FACETS = ("status", "confidence", "tag", "audience", "expert", "year")
"""The names of the filters of trends, in the order of query strings and pages."""

MOST_VALUES = 30
"""The most values of a facet that are read, to limit the size of a query."""

_LONGEST_QUOTED = 40

Chosen = Mapping[str, Collection[str | int]]
"""The values chosen of each facet."""
Frozen = tuple[tuple[str, tuple[str | int, ...]], ...]
"""The same in a form that is hashable."""


def frozen(chosen: Chosen, names: Collection[str]) -> Frozen:
    """Return the chosen values of some facets in a hashable form."""
    return tuple((name, tuple(chosen[name])) for name in names if chosen.get(name))


def filtered(
    rows: QuerySet[Row], chosen: Frozen, trend: str = "pk", *, links_are_few: bool = False
) -> QuerySet[Row]:
    """Return the rows of trends that have at least one of the values of every facet.

    `trend` is the lookup of a trend's primary key, and `links_are_few` whether a database had
    better begin with the links to the rows of a vocabulary.
    """
    for name, values in chosen:
        rows = rows.filter(
            VOCABULARIES[name].among(list(map(str, values)), trend, links_are_few=links_are_few)
            if name in VOCABULARIES
            else in_column(name, values)
        )
    return rows


class Sort(models.TextChoices):
    """The order of a list of trends."""

    CHANGED = "changed", _("latest review")
    SINCE = "since", _("latest start")
    CONFIDENCE = "confidence", _("highest confidence")
    TITLE = "title", _("title")


class PictureView(models.TextChoices):
    """The picture above a list of trends."""

    STATUS = "status", _("by status")
    TIME = "time", _("on a timeline")


class Retired(models.TextChoices):
    """Whether a list has retired trends. By default it has none."""

    INCLUDE = "include", _("include retired")
    ONLY = "only", _("retired only")


class ValuesField(forms.TypedMultipleChoiceField):
    """A form field for several distinct values: choices or, with a `pattern`, texts that match it.

    Unlike its base class, it reports every invalid value and not only the first one.
    """

    default_error_messages = {"invalid_choice": _("“%(value)s” is not an option.")}

    def __init__(self, *, pattern: str = "", **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self._pattern = pattern

    def to_python(self, value: Iterable[str] | None) -> list[str]:
        """Return the distinct texts among the first `MOST_VALUES`, without empty ones."""
        texts = super().to_python(value)[:MOST_VALUES]
        return list(dict.fromkeys(filter(None, texts)))

    def valid_value(self, value: str) -> bool:
        if self._pattern:
            return re.fullmatch(self._pattern, value) is not None
        return super().valid_value(value)

    def validate(self, value: list[str]) -> None:
        """Raise ValidationError with one error for each invalid value."""
        message = self.error_messages["invalid_choice"]
        errors = [
            ValidationError(
                message,
                code="invalid_choice",
                params={"value": Truncator(text).chars(_LONGEST_QUOTED)},
            )
            for text in value
            if not self.valid_value(text)
        ]
        if errors:
            raise ValidationError(errors)

    def clean_valid(self, value: Iterable[str] | None) -> list[str | int]:
        """Return the valid values, ignoring the others."""
        return [self.coerce(text) for text in self.to_python(value) if self.valid_value(text)]


def _slugs_field(label: StrOrPromise) -> ValuesField:
    # Slugs are not looked up: no trend has one that does not exist.
    return ValuesField(pattern="[a-z0-9-]{1,100}", label=label)


class TrendFilters(forms.Form):
    """The facets of a list of trends, read from a query string when the form is made.

    `cleaned_data` has a value for each field: the valid ones, else the default of the field.
    """

    status = ValuesField(choices=Status.choices, label=_("Status"))
    confidence = ValuesField(choices=Confidence.choices, label=_("Confidence"))
    tag = _slugs_field(_("Tag"))
    audience = _slugs_field(_("Role"))
    expert = _slugs_field(_("Person quoted"))
    year = ValuesField(pattern="[1-9][0-9]{3}", coerce=int, label=_("Since"))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.full_clean()

    def clean(self) -> dict[str, Any]:
        """Return the cleaned data, with defaults and the valid values of fields with errors."""
        for name, field in self.fields.items():
            if isinstance(field, ValuesField):
                self.cleaned_data.setdefault(name, field.clean_valid(self[name].data))
            else:
                self.cleaned_data[name] = self.cleaned_data.get(name) or field.initial
        return self.cleaned_data

    @property
    def chosen(self) -> dict[str, list[str | int]]:
        """Return the chosen values of each facet."""
        return {
            name: self.cleaned_data[name]
            for name, field in self.fields.items()
            if isinstance(field, ValuesField)
        }

    @property
    def frozen(self) -> Frozen:
        """Return the chosen values in a hashable form, without facets that have none."""
        return frozen(self.chosen, list(self.chosen))

    @property
    def is_filtered(self) -> bool:
        return any(self.chosen.values())

    @property
    def complaints(self) -> list[str]:
        """Return the errors of all fields, to be shown above the list."""
        return [str(message) for messages in self.errors.values() for message in messages]

    def query(
        self, *, without: tuple[str, str] | None = None, page: int = 1, **replaced: object
    ) -> str:
        """Return the canonical query string of the valid values, empty if all are defaults.

        `without` is a facet and a value to leave out. `replaced` has other values for fields.
        """
        values = self.cleaned_data | replaced
        pairs = []
        for name, field in self.fields.items():
            value = values[name]
            if value != field.initial:
                several = value if isinstance(value, list) else [value]
                pairs += [(name, one) for one in several if (name, str(one)) != without]
        if page > 1:
            pairs.append(("page", page))
        return urlencode(pairs)


class ListFilters(TrendFilters):
    """The filters of the index, with its order and its picture."""

    sort = forms.ChoiceField(
        choices=Sort.choices, initial=Sort.CHANGED, required=False, label=_("Sort by")
    )
    view = forms.ChoiceField(
        choices=PictureView.choices, initial=PictureView.STATUS, required=False, label=_("Picture")
    )


class CollectionFilters(ListFilters):
    """The filters of the JSON collection, which can have retired trends."""

    retired = forms.ChoiceField(choices=Retired.choices, initial="", required=False)
