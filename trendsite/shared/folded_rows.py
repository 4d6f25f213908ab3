"""Inlines with many rows, which a form shows folded; their rows are fetched when unfolded.

Instead of the fields of their rows the form then has one hidden field. A request with it leaves
these rows as they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

MOST_ROWS = 10
"""The most saved rows of an inline that a form has from the beginning."""

ROWS = "rows"
"""The parameter of a form's address: the prefix of the inline to fetch, or `ALL` to fold none."""

ALL = "all"

_FOLDED = "-FOLDED"


def rows_asked(request: HttpRequest) -> str:
    """Return the prefix of the inline whose rows are to be fetched; empty for a whole form."""
    asked = request.GET.get(ROWS, ALL) if request.method in ("GET", "HEAD") else ALL
    return "" if asked == ALL else asked


@dataclass(frozen=True)
class FoldedRow:
    """A saved row of a folded inline. `marks` are the states of its translations, in words."""

    label: str
    marks: str


def has_left_rows(post: Mapping[str, Any]) -> bool:
    """Return whether a request leaves the rows of any inline as they are."""
    return any(
        leaves_rows(post, name.removesuffix(_FOLDED)) for name in post if name.endswith(_FOLDED)
    )


def leaves_rows(post: Mapping[str, Any], prefix: str) -> bool:
    """Return whether a request leaves the rows of an inline as they are."""
    return f"{prefix}{_FOLDED}" in post and f"{prefix}-TOTAL_FORMS" not in post


def fold(request: HttpRequest, inlines: Iterable[Any]) -> None:
    """Set `is_folded` of the inlines of a form, and `folded`, the rows of those that are.

    Those of an `EditorsInline` with many rows are, unless the address asks for all. When a
    submitted form is shown again, those that it left folded are, unless one of them has an error.
    """
    for inline in inlines:
        formset, row_label = inline.formset, getattr(inline.opts, "row_label", None)
        if row_label is None:
            continue
        rows = [form.instance for form in formset.initial_forms]
        if formset.is_bound:
            was_folded = f"{formset.prefix}{_FOLDED}" in request.POST
            inline.is_folded = was_folded and not formset.total_error_count()
        else:
            inline.is_folded = len(rows) > MOST_ROWS and request.GET.get(ROWS) != ALL
        if inline.is_folded:
            inline.folded = [
                FoldedRow(row_label(row), getattr(row, "translation_marks", "")) for row in rows
            ]
