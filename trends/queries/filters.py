"""What a query string may ask of a list of trends, for pages and the JSON alike.

    form = TrendFilters(request.GET)
    Trend.objects.published().filtered(form.applied)

Several values of one kind widen (`status=growing&status=emerging`), kinds narrow each other.
A value that cannot be is never an error of the server: `form.is_valid()` is false and
`form.errors` says which, and `form.applied` holds the others.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from trends.levels import Confidence, Status

KINDS = ("status", "confidence", "tag", "audience", "expert", "year")
"""What can be filtered by, in the order of query strings and pages."""

MOST_VALUES = 30
"""How many values of a kind are read, so that no address makes an endless query."""


class Sort:
    """How a list is ordered; the first is the default."""

    CHANGED = "changed"
    SINCE = "since"
    CONFIDENCE = "confidence"
    TITLE = "title"

    choices = [
        (CHANGED, _("latest change")),
        (SINCE, _("since, the latest first")),
        (CONFIDENCE, _("confidence, the highest first")),
        (TITLE, _("title")),
    ]


class View:
    """How the picture above a list is drawn; the first is the default."""

    STATUS = "status"
    TIME = "time"

    choices = [(STATUS, _("by status")), (TIME, _("on a time axis"))]


class ValuesField(forms.Field):
    """Any number of values under one name, each of which `reads` must make something of."""

    widget = forms.MultipleHiddenInput

    def __init__(self, reads: Callable[[str], Any], **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self._reads = reads

    def read(self, values: Iterable[str] | None) -> tuple[list, list[str]]:
        """The values that can be, each once and in order, and the texts of those that cannot."""
        known, unknown = {}, []
        for text in list(values or [])[:MOST_VALUES]:
            try:
                known[self._reads(text)] = None
            except ValueError:
                unknown.append(text)
        return list(known), [text for text in unknown if text]

    def clean(self, value: Iterable[str] | None) -> list:
        known, unknown = self.read(value)
        if unknown:
            raise ValidationError(
                [
                    ValidationError(
                        _("“%(value)s” is not a choice here."),
                        code="unknown",
                        params={"value": text if len(text) <= 40 else text[:39] + "…"},
                    )
                    for text in unknown
                ]
            )
        return known


def _one_of(values: Iterable[str]) -> Callable[[str], str]:
    known = frozenset(values)

    def reads(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return reads


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,100}", text):
        raise ValueError(text)
    return text


def _year(text: str) -> int:
    if not re.fullmatch(r"[0-9]{4}", text, re.ASCII) or text == "0000":
        raise ValueError(text)
    return int(text)


class Retired:
    """Whether a list holds retired trends; the default, which has no name, is that it does not."""

    INCLUDE = "include"
    ONLY = "only"

    choices = [(INCLUDE, _("with those that are retired")), (ONLY, _("only those"))]


class TrendFilters(forms.Form):
    """Filters and order of a list of trends.

    Whether a tag, an audience or an expert is there is not asked: of one that is not, there is
    no trend.
    """

    status = ValuesField(_one_of(Status.values), label=_("Status"))
    confidence = ValuesField(_one_of(Confidence.values), label=_("Confidence"))
    tag = ValuesField(_slug, label=_("Tag"))
    audience = ValuesField(_slug, label=_("Audience"))
    expert = ValuesField(_slug, label=_("Expert"))
    year = ValuesField(_year, label=_("Since"))
    sort = forms.ChoiceField(choices=Sort.choices, required=False, label=_("Sort by"))
    view = forms.ChoiceField(choices=View.choices, required=False, label=_("Picture"))

    @cached_property
    def applied(self) -> dict[str, list]:
        """What to filter by: the values of each kind that can be."""
        return {
            kind: self.fields[kind].read(self.data.getlist(kind))[0] if self.is_bound else []
            for kind in KINDS
        }

    @property
    def is_filtered(self) -> bool:
        return any(self.applied.values())

    @property
    def sort_applied(self) -> str:
        """The order asked for, else the default one."""
        asked = self.data.get("sort")
        return asked if asked in dict(Sort.choices) else Sort.CHANGED

    @property
    def view_applied(self) -> str:
        """The picture asked for, else the default one."""
        return View.TIME if self.data.get("view") == View.TIME else View.STATUS

    @property
    def complaints(self) -> list[str]:
        """What could not be read, in words, for the page."""
        return [message for messages in self.errors.values() for message in messages]

    def query(
        self,
        *,
        without: tuple[str, str] | None = None,
        view: str | None = None,
        **more: int | str,
    ) -> str:
        """The query string of what is applied, always in the same order; empty for nothing.

        Without one value of one kind, where told; with another view; with more, such as the
        number of a page.
        """
        pairs = [
            (kind, value)
            for kind in KINDS
            for value in self.applied[kind]
            if (kind, str(value)) != without
        ]
        if self.sort_applied != Sort.CHANGED:
            pairs.append(("sort", self.sort_applied))
        if (view or self.view_applied) != View.STATUS:
            pairs.append(("view", view or self.view_applied))
        return urlencode(pairs + list(more.items()))


class CollectionFilters(TrendFilters):
    """Those of the collection for programs, which may ask for retired trends, too."""

    retired = forms.ChoiceField(choices=Retired.choices, required=False)

    @property
    def retired_applied(self) -> str:
        """One of `Retired`, or empty: none of them."""
        asked = self.data.get("retired")
        return asked if asked in dict(Retired.choices) else ""

    def query(self, **kwargs: Any) -> str:
        retired = {"retired": self.retired_applied} if self.retired_applied else {}
        return super().query(**retired, **kwargs)
