"""The forecasts of published trends, and how they turned out.

The record shows how confident the editors were at the time. A forecast has the date that it is
about, not the one on which it was made; so its confidence is that of the trend's newest
assessment before that date, since later ones may know the outcome. Without such an assessment it
is that of the earliest one, and without any that of the trend.
"""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from trends.levels import Confidence, EntryKind, ForecastState, Outcome
from trends.models import Assessment, TimelineEntry
from trendsite.shared.partial_dates import PartialDate

# Any: timeline entries with the annotations of `forecasts()`.
Forecasts: TypeAlias = QuerySet[Any]

SETTLED = [ForecastState.CONFIRMED, ForecastState.MISSED]


def forecasts(today: datetime.date) -> Forecasts:
    """The forecasts of trends published on a day, each with its `state` on that day.

    Each has its trend and source at hand, and the confidence at the time as `confidence_then`.

    The due come first, then the pending, the soonest first; then the confirmed and the missed,
    the latest first.
    """
    due = Q(outcome=Outcome.PENDING, date__ended_before=today)
    settled = Q(outcome__in=SETTLED)
    found: Forecasts = (
        TimelineEntry.objects.filter(kind=EntryKind.FORECAST, trend__published__lte=today)
        .select_related("trend", "source")
        .annotate(
            state=Case(When(due, then=Value(ForecastState.DUE.value)), default=F("outcome")),
            confidence_then=_confidence_then(),
        )
        .order_by(
            Case(
                *(When(state=state, then=place) for place, state in enumerate(ForecastState.values))
            ),
            Case(When(~settled, then=F("date"))),
            F("date").desc(),
            "pk",
        )
    )
    return found


def _confidence_then() -> Coalesce:
    """Return the confidence before the date of a forecast, as the docstring above explains."""
    assessments = Assessment.objects.filter(trend=OuterRef("trend"))
    before = assessments.before(OuterRef("date"))
    return Coalesce(
        Subquery(before.values("confidence")[:1]),
        Subquery(assessments.order_by("date").values("confidence")[:1]),
        F("trend__confidence"),
    )


def count_states(forecasts: Forecasts) -> dict[ForecastState, int]:
    """Return the number of forecasts in each state, zeros included. One query."""
    counts = dict(forecasts.order_by().values_list("state").annotate(Count("pk")))
    return {state: counts.get(state.value, 0) for state in ForecastState}


def state_of(entry: TimelineEntry, today: datetime.date) -> ForecastState | None:
    """Return the state of a forecast on a day; None for other entries of a timeline."""
    if entry.kind != EntryKind.FORECAST:
        return None
    if entry.outcome == Outcome.PENDING and entry.date.last_day < today:
        return ForecastState.DUE
    return ForecastState(entry.outcome)


def count_states_of(
    entries: Iterable[TimelineEntry], today: datetime.date
) -> dict[ForecastState, int]:
    """Count the states of the forecasts among timeline entries; without zeros."""
    states = Counter(filter(None, (state_of(entry, today) for entry in entries)))
    return {state: states[state] for state in ForecastState if states[state]}


@dataclass(frozen=True)
class Tally:
    """How many of the settled forecasts were confirmed."""

    label: str
    confirmed: int
    missed: int

    @property
    def settled(self) -> int:
        return self.confirmed + self.missed

    @property
    def share(self) -> int:
        """Percentage confirmed. Requires `settled > 0`."""
        return round(100 * self.confirmed / self.settled)


@dataclass(frozen=True)
class Bar:
    """A tally as a bar: lengths in percent of the longest bar of the picture."""

    tally: Tally
    confirmed: str
    settled: str


class Record:
    """How settled forecasts turned out: in all, by year and by confidence.

    Takes `forecasts()`. One query.
    """

    def __init__(self, forecasts: Forecasts) -> None:
        rows = list(
            forecasts.filter(outcome__in=SETTLED)
            .order_by()
            .annotate(year=F("date__year"))
            .values_list("year", "confidence_then", "outcome")
            .annotate(Count("pk"))
        )
        years: Counter[object] = Counter()
        confidences: Counter[object] = Counter()
        for year, confidence, outcome, count in rows:
            years[year, outcome] += count
            confidences[confidence, outcome] += count
        self.by_year = _bars(
            [
                _tally(PartialDate.parse(f"{year:04}").display(), years, year)
                for year in sorted({row[0] for row in rows})
            ]
        )
        self.by_confidence = _bars(
            [
                tally
                for confidence in reversed(Confidence)
                if (tally := _tally(confidence.label, confidences, confidence.value)).settled
            ]
        )
        self.all = Tally(
            "",
            sum(bar.tally.confirmed for bar in self.by_year),
            sum(bar.tally.missed for bar in self.by_year),
        )


def _tally(label: object, counts: Counter[object], key: object) -> Tally:
    return Tally(
        str(label),
        counts[key, ForecastState.CONFIRMED.value],
        counts[key, ForecastState.MISSED.value],
    )


def _bars(tallies: list[Tally]) -> list[Bar]:
    longest = max((tally.settled for tally in tallies), default=1)
    return [
        Bar(
            tally,
            f"{100 * tally.confirmed / longest:.2f}%",
            f"{100 * tally.settled / longest:.2f}%",
        )
        for tally in tallies
    ]
