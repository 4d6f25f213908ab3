"""Reading lists of changes in their kept order, and their kept counts."""

from functools import cached_property
from typing import Any, cast, get_args

from django.db.models import Count, QuerySet

from trends.models import ListedChange
from trends.queries.changes import ChangeKey, Changes, Span, What
from trends.queries.compiled import CompiledRows
from trends.queries.kept_lists.counts import CHANGES, KeptCounts
from trends.queries.kept_lists.slices import KeptSlices


class KeptChanges(Changes):
    """The `Changes` in a span as of a day on which the kept tables are up to date."""

    are_kept = True

    def counts(self) -> dict[What, int]:
        """Return the number of changes of each kind, with zeros. One query, the first time."""
        return dict.fromkeys(get_args(What), 0) | cast(dict[What, int], self._counts)

    @cached_property
    def _counts(self) -> dict[str, int]:
        span = self.span
        if span.trend:
            return dict(_numbers.fetch(span))
        if not (span.since or span.until):
            return KeptCounts.by_value(CHANGES, "what")
        # A vague date counts by its first day, as in all spans.
        first = span.since.first_day.isoformat() if span.since else ""
        last = span.until.last_day.isoformat() if span.until else "9999-12-31"
        return KeptCounts.between(CHANGES, get_args(What), first, last)

    def keys(self) -> "KeptKeys":
        """Return the keys of all changes, for a paginator. One query for a page."""
        return KeptKeys(self.span, sum(self._counts.values()))


class KeptKeys(KeptSlices[ChangeKey]):
    """The keys of the changes in a span, the latest first."""

    def __init__(self, span: Span, number: int) -> None:
        self._span, self._number = span, number

    def count(self) -> int:
        return self._number

    def between(self, first: int, last: int, *, from_end: bool) -> list[ChangeKey]:
        return _keys.fetch(self._span, from_end, first, last)


@CompiledRows
def _keys(span: Span, from_end: bool, first: int, last: int) -> QuerySet[Any, ChangeKey]:
    rows = span.of(ListedChange.objects.all()).order_by("-dated", "table", "-row_id")
    ordered = rows.reverse() if from_end else rows
    return ordered.values_list("table", "row_id", "dated")[first:last]


@CompiledRows
def _numbers(span: Span) -> QuerySet[Any, Any]:
    """Return the number of changes of a trend of each kind."""
    rows = span.of(ListedChange.objects.all()).order_by().values_list("what")
    counted: QuerySet[Any, Any] = rows.annotate(Count("pk"))
    return counted
