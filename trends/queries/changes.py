"""What moved and why: assessments, settled forecasts and retirements of published trends.

An assessment changes something on its date, a forecast on the day on which it was settled, or,
where that is not known, on its own date, and a trend that is retired on the day from which it
is; one that is yet to come is no change. A change that is as vague as a year lies in every span
that holds the first day of it.
"""

import datetime
from dataclasses import dataclass
from typing import Literal, get_args

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from quotes.models import Source
from trends.levels import EntryKind
from trends.models import Assessment, TimelineEntry, Trend
from trends.movement import Movement
from trends.queries.forecasts import SETTLED
from trendsite.shared.partial_dates import PartialDate, PartialDateField, Precision

What = Literal["new", "moved", "reviewed", "confirmed", "missed", "retired"]


@dataclass(frozen=True)
class Change:
    """One assessment, with how it moved its trend, one settled forecast, or one retired trend."""

    what: What
    date: PartialDate
    row: Assessment | TimelineEntry | Trend
    movement: Movement | None = None

    @property
    def trend(self) -> Trend:
        return self.row if isinstance(self.row, Trend) else self.row.trend

    @property
    def anchor(self) -> str:
        """The place on the trend's page that tells it."""
        return "retired" if isinstance(self.row, Trend) else self.row.anchor

    @property
    def sources(self) -> list[Source]:
        """What it rests on."""
        if isinstance(self.row, Assessment):
            return list(self.row.sources.all())
        source = getattr(self.row, "source", None)
        return [source] if source else []


@dataclass(frozen=True)
class Span:
    """Which changes: of which trend, from which day to which; None is all."""

    trend: Trend | None = None
    since: PartialDate | None = None
    until: PartialDate | None = None

    def of(self, rows: QuerySet) -> QuerySet:
        """Those of the rows, each with its `dated`, that are in the span."""
        if self.trend:
            rows = rows.filter(**{"pk" if rows.model is Trend else "trend": self.trend.pk})
        if self.since:
            rows = rows.filter(dated__gte=self.since)
        if self.until:
            rows = rows.filter(dated__lte=PartialDate.from_date(self.until.last_day))
        return rows


class Changes:
    """The changes in a span as of a day, the latest first: counted, and in slices."""

    def __init__(self, span: Span, today: datetime.date) -> None:
        self._assessments = span.of(_judged(today))
        self._forecasts = span.of(
            TimelineEntry.objects.filter(
                kind=EntryKind.FORECAST, outcome__in=SETTLED, trend__published__lte=today
            ).annotate(dated=Coalesce("settled", "date"), what=F("outcome"))
        )
        self._retired = span.of(
            Trend.objects.retired(today).annotate(
                dated=_as_partial_date("retired"), what=Value("retired")
            )
        )
        self._today = today

    def counts(self) -> dict[What, int]:
        """How many there are of what, none included. Three queries."""
        counts: dict = dict.fromkeys(get_args(What), 0)
        for rows in (self._assessments, self._forecasts, self._retired):
            counts |= dict(rows.order_by().values_list("what").annotate(Count("pk")))
        return counts

    def keys(self) -> QuerySet:
        """(table, primary key, date) of each, for a paginator. One UNION."""
        # modeltranslation's own querysets mix up the columns of a union.
        parts = [
            rows.rewrite(False)
            .order_by()
            .annotate(table=Value(table))
            .values_list("table", "pk", "dated")
            for table, rows in (
                ("assessment", self._assessments),
                ("forecast", self._forecasts),
                ("retired", self._retired),
            )
        ]
        return parts[0].union(*parts[1:], all=True).order_by("-dated", "table", "-pk")

    def gather(self, keys: list[tuple[str, int, PartialDate]]) -> list[Change]:
        """The changes of `keys()`, with their trends, sources and successors. Five queries."""
        wanted = {
            table: [pk for name, pk, _date in keys if name == table]
            for table in ("assessment", "forecast", "retired")
        }
        rows = {
            "assessment": self._assessments.select_related("trend")
            .prefetch_related("sources")
            .in_bulk(wanted["assessment"]),
            "forecast": self._forecasts.select_related("trend", "source").in_bulk(
                wanted["forecast"]
            ),
            "retired": self._retired.with_successors(self._today).in_bulk(wanted["retired"]),
        }
        return [_change(rows[table][pk]) for table, pk, _date in keys]


def _judged(today: datetime.date) -> QuerySet:
    """The assessments of published trends, each with `what` it did and the judgement before it."""
    before = Assessment.objects.filter(trend=OuterRef("trend"), date__lt=OuterRef("date"))
    before = before.order_by("-date")
    stays = Q(status=F("status_before"), confidence=F("confidence_before"))
    return Assessment.objects.filter(trend__published__lte=today).annotate(
        dated=F("date"),
        status_before=Subquery(before.values("status")[:1]),
        confidence_before=Subquery(before.values("confidence")[:1]),
        what=Case(
            When(status_before__isnull=True, then=Value("new")),
            When(stays, then=Value("reviewed")),
            default=Value("moved"),
        ),
    )


def _as_partial_date(field: str) -> Concat:
    """A column of days as one of partial dates: as text, with the precision of a day."""
    day = Cast(field, CharField(max_length=10))
    return Concat(day, Value(f".{Precision.DAY.value}"), output_field=PartialDateField())


def _change(row: Assessment | TimelineEntry | Trend) -> Change:
    if isinstance(row, TimelineEntry | Trend):
        return Change(row.what, row.dated, row)
    if row.what == "moved":
        before = Assessment(status=row.status_before, confidence=row.confidence_before)
        return Change("moved", row.dated, row, Movement(before=before, after=row))
    return Change(row.what, row.dated, row, Movement(is_new=row.what == "new"))
