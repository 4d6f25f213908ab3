"""Queries for changes of published trends: assessments, forecasts, and retirements.

These are changes:

- an assessment on its date, unless it was reconstructed afterwards
- a forecast on the day on which it was made, if its trend was published then, and on the day on
  which its outcome was known or, if that is not given, on its own date
- a retirement on its day, unless that is in the future

Scheduled dates are not changes. A vague date, such as a year, is in every span that includes its
first day.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal, cast, get_args

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from quotes.models import Source
from trends.levels import EntryKind, Outcome
from trends.models import (
    VOCABULARIES,
    Assessment,
    ListedChange,
    TimelineEntry,
    Trend,
    TrendQuerySet,
)
from trends.movement import Movement
from trends.queries.compiled import (
    CompiledRows,
    keep,
    listed,
    parameter,
    union,
    union_of_slices,
)
from trends.queries.forecasts import outcome_is_known
from trends.queries.kept_lists.counts import CHANGES, counts_between, counts_by_value
from trends.queries.lazy_lists import LazyList, read_from_nearer_end
from trendsite.shared.partial_dates import PartialDate, PartialDateField, as_partial_date
from trendsite.shared.translated import active_language, for_union

What = Literal[
    "new", "moved", "reviewed", "made", "confirmed", "missed", "disputed", "void", "retired"
]

_SAID = {
    "made": _("new forecast"),
    "confirmed": _("forecast came true"),
    "missed": _("forecast missed"),
    "disputed": _("outcome of a forecast disputed"),
    "void": _("forecast void"),
}

ChangeKey = tuple[str, int, PartialDate]
"""The kind of row, its primary key, and the date of the change."""

ChangeOfTrend = tuple[int, str, int, PartialDate, What]
"""The primary key of the trend, the kind of row, its primary key, the date, and what it was."""


@dataclass(frozen=True)
class Change:
    """A change: an assessment with its movement, a forecast made or settled, or a retired trend."""

    what: What
    date: PartialDate
    row: Assessment | TimelineEntry | Trend
    movement: Movement | None = None
    """Of an assessment; falsy if the judgement stayed the same."""

    @property
    def said(self) -> str:
        """Return what happened to a forecast in words, empty for other changes."""
        return str(_SAID.get(self.what, ""))

    @property
    def trend(self) -> Trend:
        return self.row if isinstance(self.row, Trend) else self.row.trend

    @property
    def anchor(self) -> str:
        """Return the id of the element on the trend's page that shows the change."""
        return "retired" if isinstance(self.row, Trend) else self.row.anchor

    @property
    def sources(self) -> list[Source]:
        """Return the sources that the row cites."""
        if isinstance(self.row, Assessment):
            return list(self.row.sources.all())
        if isinstance(self.row, TimelineEntry) and self.row.source:
            return [self.row.source]
        return []


@dataclass(frozen=True)
class Span:
    """The filters of changes: a trend or all, and two dates or no limits."""

    trend: Trend | None = None
    since: PartialDate | None = None
    until: PartialDate | None = None

    def of(self, rows: QuerySet[ListedChange]) -> QuerySet[ListedChange]:
        """Return the listed changes in the span."""
        if self.trend:
            rows = rows.filter(trend=self.trend.pk)
        if self.since:
            rows = rows.filter(dated__begins_from=self.since.first_day)
        if self.until:
            rows = rows.filter(dated__lte=PartialDate.from_date(self.until.last_day))
        return rows


class Changes:
    """The changes in a span as of a day, the latest first."""

    def __init__(self, span: Span, today: datetime.date) -> None:
        self.span, self.today = span, today

    def counts(self) -> dict[What, int]:
        """Return the number of changes of each kind, with zeros. One query, the first time."""
        return dict.fromkeys(get_args(What), 0) | cast(dict[What, int], self._counts)

    @cached_property
    def _counts(self) -> dict[str, int]:
        span = self.span
        if span.trend:
            return dict(_numbers.fetch(span))
        if not (span.since or span.until):
            return counts_by_value(CHANGES, "what")
        # A vague date counts by its first day, as in all spans.
        first = span.since.first_day.isoformat() if span.since else ""
        last = span.until.last_day.isoformat() if span.until else "9999-12-31"
        return counts_between(CHANGES, get_args(What), first, last)

    def keys(self) -> LazyList[ChangeKey]:
        """Return the keys of all changes, for a paginator. One query for a page."""
        return read_from_nearer_end(sum(self._counts.values()), partial(_keys.fetch, self.span))

    def gather(self, keys: Iterable[ChangeKey]) -> list[Change]:
        """Return the changes with these keys, with trends, sources and successors. Six queries."""
        keys = list(keys)
        found = {}
        for table in _TABLES:
            pks = [pk for name, pk, _date in keys if name == table]
            rows = _full_rows.fetch(table, self.today, pks=pks) if pks else []
            if table == "assessment":
                _keep_sources(rows)
            found[table] = {row.pk: row for row in rows}
        return [_change(found[table][pk], date) for table, pk, date in keys if pk in found[table]]


def latest_changes(today: datetime.date, most: int) -> list[Change]:
    """Return the latest changes with their trends, without unchanged reviews. Four queries."""
    found = [
        _change(row, row.dated)
        for table in _TABLES
        for row in _latest_rows.fetch(table, today, most)
    ]
    return sorted(found, key=lambda change: change.date, reverse=True)[:most]


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


_TABLES = ("assessment", "made", "settled", "retired")
"""The sources of changes. A forecast can be a change twice: when made, and when settled."""


# Any: three models, and annotations.
def _rows(table: str, today: datetime.date) -> Any:
    """Return the changes of one table, with their date as `dated` and their `what`."""
    match table:
        case "assessment":
            observed = Assessment.objects.filter(_is_published(today)).observed(today)
            return observed.with_change().annotate(dated=F("date"))
        case "made":
            made = _forecasts(today).filter(_is_made(today))
            return made.annotate(dated=F("made"), what=Value("made"))
        case "settled":
            settled = _forecasts(today).filter(_is_settled(today))
            return settled.annotate(dated=_DAY_OF_OUTCOME, what=F("outcome"))
        case _:
            retired = Trend.objects.retired(today)
            return retired.annotate(dated=as_partial_date("retired"), what=Value("retired"))


def _is_published(today: datetime.date) -> Exists:
    """Return a condition for rows of published trends.

    It is a subquery, since with a join SQLite begins with the trends and sorts all their rows.
    """
    return Exists(Trend.everything.published(today).order_by().filter(pk=OuterRef("trend")))


def _forecasts(today: datetime.date) -> QuerySet[Any]:
    return TimelineEntry.objects.filter(_is_published(today), kind=EntryKind.FORECAST)


def _is_made(today: datetime.date) -> Q:
    """Return the condition that a forecast was made while readers saw its trend."""
    # The text of a partial date begins with its first day, and is greater than that alone.
    published = Cast("trend__published", PartialDateField())
    return Q(made__gte=published, made__lte=PartialDate.from_date(today))


def _is_settled(today: datetime.date) -> Q:
    return outcome_is_known(today) & ~Q(outcome=Outcome.PENDING)


_DAY_OF_OUTCOME = Coalesce("settled", "date")


_FEW = 1000
"""So many trends of a feed are read to find what is the latest; of more, the latest of all are."""


@dataclass(frozen=True)
class FeedTrends:
    """The trends of a feed: of a kind, which is a key of `VOCABULARIES`, or all if it is empty.

    A query that is compiled has them by the kind and whether they are few, and as the parameter
    `slug` that of the tag, audience or expert.
    """

    kind: str = ""
    are_few: bool = False

    @classmethod
    def of(cls, kind: str, slug: str) -> "FeedTrends":
        """Return those of a tag, an audience or an expert, or all. At most one query."""
        if not kind:
            return cls()
        vocabulary = VOCABULARIES[kind]
        links = vocabulary.links._default_manager.filter(**{f"{vocabulary.row}__slug": slug})
        few = vocabulary.links_are_few or links.order_by()[: _FEW + 1].count() <= _FEW
        return cls(kind, few)

    def published(self, today: datetime.date) -> TrendQuerySet:
        """Return them, in the active language."""
        trends: TrendQuerySet = self._among(Trend.objects.published(today), "pk")
        if not self.kind or self.are_few:
            return trends.offered_in(active_language())
        # Links first, whose index has all they ask for; a condition on texts reads the trend.
        offered = Trend.everything.filter(pk=OuterRef("pk")).offered_in(active_language())
        return trends.filter(Exists(offered.order_by()))

    def rows(self, rows: Any, today: datetime.date) -> Any:
        """Return the rows, of any model, that are of these trends.

        A database begins with the trends if they are few, else with the order of the rows.
        """
        if self.are_few:
            return rows.filter(trend__in=self.published(today).order_by().values("pk"))
        trends = Trend.objects.published(today).offered_in(active_language()).order_by()
        return self._among(rows, "trend").filter(Exists(trends.filter(pk=OuterRef("trend"))))

    def _among(self, rows: Any, trend: str) -> Any:
        """Return the rows whose trend, by this lookup, is of the tag, audience or expert."""
        if not self.kind:
            return rows
        slugs: Any = [parameter("slug")]
        vocabulary = VOCABULARIES[self.kind]
        return rows.filter(vocabulary.among(slugs, trend, links_are_few=self.are_few))


def latest_moves(
    today: datetime.date, trends: FeedTrends, slug: str, most: int
) -> list[Assessment]:
    """Return candidates for the latest assessments that moved a trend of a feed. Three queries.

    They are the latest by their first days, for which the database has an index, and the latest of
    those with a vague date, which a feed dates by its end.
    """
    found = {
        pk
        for is_a_day in (1, 0)
        for pk in _latest_moved.fetch(today, trends, most, is_a_day, slug=slug)
    }
    return _moves.fetch(found=sorted(found))


# Keys first: PostgreSQL answers a condition on two subqueries by a scan of all assessments.
@CompiledRows
def _latest_moved(
    today: datetime.date, trends: FeedTrends, most: int, is_a_day: int
) -> QuerySet[Any, int]:
    moved = ListedChange.objects.filter(what="moved", is_a_day=is_a_day)
    rows = trends.rows(moved, today).order_by("-dated", "-row_id")
    pks: QuerySet[Any, int] = rows.values_list("row_id", flat=True)[:most]
    return pks


@CompiledRows
def _moves() -> QuerySet[Assessment]:
    found = Assessment.objects.filter(pk__in=listed("found"))
    return found.with_change().select_related("trend").order_by("-date", "-pk")


def latest_forecasts(
    today: datetime.date, trends: FeedTrends, slug: str, most: int
) -> list[Change]:
    """Return the changes of the latest `most` forecasts of a feed, with their trends. One query.

    A forecast may have two changes: made and settled. Those whose outcome is unknown after
    their date are not read.
    """
    return [
        Change(cast(What, what), day, row)
        for row in _latest_forecasts.fetch(today, trends, most, slug=slug)
        for what, day in (("made", row.made_on), (row.outcome, row.settled_on))
        if day
    ]


@CompiledRows
def _latest_forecasts(today: datetime.date, trends: FeedTrends, most: int) -> QuerySet[Any]:
    forecasts = _forecasts(today).annotate(
        made_on=Case(When(_is_made(today), then=F("made"))),
        settled_on=Case(When(_is_settled(today), then=_DAY_OF_OUTCOME)),
    )
    # The latest of each kind by an index; then the latest of these.
    rows = trends.rows(forecasts, today)
    made = rows.filter(_is_made(today), settled_on__isnull=True).order_by("-made", "-pk")
    settled = _latest_settled(trends.rows(ListedChange.objects.all(), today), most)
    # One subquery: PostgreSQL answers a condition on one or another by a scan of the table.
    latest_of_each = union_of_slices([made.values("pk")[:most], *settled])
    found = forecasts.filter(pk__in=RawSQL(*latest_of_each))
    latest: QuerySet[Any] = found.select_related("trend", "source", "expert").order_by(
        Coalesce("settled_on", "made_on").desc(), "-pk"
    )[:most]
    return latest


_OUTCOMES = [outcome.value for outcome in Outcome if outcome != Outcome.PENDING]


def _latest_settled(changes: QuerySet[ListedChange], most: int) -> list[QuerySet[Any, Any]]:
    """Return querysets for the keys of forecasts, among which are those settled last.

    An index has the order of each queryset, so that none is sorted.
    """
    return [
        changes.filter(what=outcome, is_a_day=is_a_day)
        .order_by("-dated", "-row_id")
        .values("row_id")[:most]
        for outcome in _OUTCOMES
        for is_a_day in (0, 1)
    ]


def _arm(table: str, rows: QuerySet[Any], *columns: str) -> QuerySet[Any, Any]:
    """Return the columns of changes of one table, to be united with those of others."""
    named = for_union(rows).order_by().annotate(table=Value(table))
    found: QuerySet[Any, Any] = named.values_list(*columns)
    return found


def changes_of(trends: Collection[int], today: datetime.date) -> list[ChangeOfTrend]:
    """Return all changes of some trends, in no order. One query."""
    return _changes_of.fetch(today, trends=list(trends))


@CompiledRows
def _changes_of(today: datetime.date) -> QuerySet[Any, ChangeOfTrend]:
    arms = []
    for table in _TABLES:
        trend = "pk" if table == "retired" else "trend_id"
        rows = _rows(table, today).filter(**{f"{trend}__in": listed("trends")})
        arms.append(_arm(table, rows, trend, "table", "pk", "dated", "what"))
    return union(arms, distinct=False)


@CompiledRows
def _full_rows(table: str, today: datetime.date) -> QuerySet[Any]:
    """Return the rows of a table with some keys, with all that a list of changes shows."""
    rows: Any = _rows(table, today).filter(pk__in=listed("pks"))
    match table:
        case "assessment":
            rows = rows.select_related("trend")
        case "made" | "settled":
            rows = rows.select_related("trend", "source", "expert", "quotation")
        case _:
            rows = rows.with_successors(today)
    found: QuerySet[Any] = rows.order_by()
    return found


_sources = CompiledRows(
    lambda: (
        Assessment.sources.through._default_manager.filter(assessment__in=listed("assessments"))
        .select_related("source")
        .order_by("source__key")
    )
)


def _keep_sources(assessments: Collection[Assessment]) -> None:
    """Fetch the sources of assessments. One query, none without assessments."""
    if not assessments:
        return
    cited = defaultdict(list)
    links: list[Any] = _sources.fetch(assessments=[row.pk for row in assessments])
    for link in links:
        cited[link.assessment_id].append(link.source)
    for row in assessments:
        keep(row, "sources", cited[row.pk])


@CompiledRows
def _latest_rows(table: str, today: datetime.date, most: int) -> QuerySet[Any]:
    rows: Any = _rows(table, today)
    if table == "settled":
        settled = _latest_settled(ListedChange.objects.all(), most)
        rows = rows.filter(pk__in=RawSQL(*union_of_slices(settled)))
    if table == "assessment":
        rows = rows.exclude(what="reviewed")
    if table != "retired":
        rows = rows.select_related("trend")
    dated = "-retired" if table == "retired" else "-dated"
    found: QuerySet[Any] = rows.order_by(dated, "-pk")[:most]
    return found


def _change(row: Assessment | TimelineEntry | Trend, date: PartialDate) -> Change:
    match row:
        case Assessment():
            return Change(cast(What, row.what), date, row, row.movement)
        case TimelineEntry():
            return Change(vars(row)["what"], date, row)
        case _:
            return Change("retired", date, row)
