"""Forecasts on published trends, their outcomes, and the record of these.

Scheduled dates are not forecasts and are in none of these figures.

An outcome counts from the day on which it was known, which is `settled` or else the end of the
entry's date. Old databases may have such a day in the future; until then the forecast is pending.
The record counts a forecast only after the end of its date, even if it was settled earlier, since
forecasts that are settled early are not representative.

The record compares forecasts by the confidence at the time: that of the trend's newest assessment
before the day on which the forecast was made or, if that is unknown, before its date. Reconstructed
assessments do not count, since their authors may have known the outcome.
"""

import datetime
import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import pgettext

from quotes.models import Expert
from trends.levels import Confidence, EntryKind, ForecastState, Outcome, ScheduledState
from trends.models import Assessment, TimelineEntry
from trends.queries.compiled import (
    CompiledRows,
    listed,
    parameter,
)
from trends.queries.lazy_lists import LazyList, read_from_nearer_end
from trendsite.shared.paging import rows_between
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import columns

# Any: timeline entries with the annotations of `forecasts()`.
Forecasts: TypeAlias = QuerySet[Any]

Facet = tuple[str, str]
"""The name of a property by which settled forecasts are counted, and its value."""

SETTLED = [ForecastState.CONFIRMED, ForecastState.MISSED]
ENOUGH = 20
"""The number of settled forecasts from which a share is shown without its interval."""


def forecasts(today: datetime.date) -> Forecasts:
    """Return the forecasts of trends published on a day, annotated with their `state` on that day.

    Trend, source, expert and quotation are joined. `confidence_then` is the confidence at the
    time, None if the trend was not assessed then.

    Overdue and open forecasts come first, the earliest first, then confirmed, missed, disputed and
    void ones, the latest first.
    """
    is_open = Q(state__in=[ForecastState.DUE, ForecastState.PENDING])
    found: Forecasts = (
        TimelineEntry.objects.filter(kind=EntryKind.FORECAST, trend__published__lte=today)
        .select_related("trend", "source", "expert", "quotation")
        .annotate(
            state=Case(
                When(~Q(outcome=Outcome.PENDING) & outcome_is_known(today), then=F("outcome")),
                When(date__ended_before=today, then=Value(ForecastState.DUE.value)),
                default=Value(ForecastState.PENDING.value),
            ),
            confidence_then=_confidence_then(),
        )
        .order_by(
            Case(
                *(When(state=state, then=place) for place, state in enumerate(ForecastState.values))
            ),
            Case(When(is_open, then=F("date"))),
            F("date").desc(),
            "pk",
        )
    )
    return found


def outcome_is_known(today: datetime.date) -> Q:
    """Return a condition for entries whose outcome, if there is one, is known on a day."""
    tomorrow = today + datetime.timedelta(days=1)
    return Q(settled__lte=PartialDate.from_date(today)) | Q(
        settled__isnull=True, date__ended_before=tomorrow
    )


def _is_pending(entry: TimelineEntry, today: datetime.date) -> bool:
    """Return whether a loaded entry has no outcome that is known on a day."""
    if entry.outcome in ("", Outcome.PENDING):
        return True
    if entry.settled is not None:
        return entry.settled.first_day > today
    return entry.date.last_day > today


def hold_back(entries: Iterable[TimelineEntry], today: datetime.date) -> None:
    """Reset the outcomes of loaded entries that are not known on a day. Do not save the entries."""
    for entry in entries:
        if entry.outcome and _is_pending(entry, today):
            if entry.outcome != Outcome.PENDING:
                for name in columns("note"):
                    setattr(entry, name, None)
            entry.outcome, entry.settled = Outcome.PENDING, None


def _confidence_then() -> Subquery:
    """Return the confidence at the time of a forecast; see the module's docstring."""
    before = Assessment.objects.filter(trend=OuterRef("trend"), reconstructed=False).filter(
        date__lt=Coalesce(OuterRef("made"), OuterRef("date"))
    )
    return Subquery(before.order_by("-date").values("confidence")[:1])


@dataclass(frozen=True)
class ForecastSelection:
    """The `forecasts()` as of a day, all of them or those of an expert."""

    today: datetime.date
    expert: Expert | None = None

    def listed(self, state: str = "") -> LazyList[Any]:
        """Return the forecasts in a state, by default all, for a paginator."""
        counts = self.counts()
        number = counts[ForecastState(state)] if state else sum(counts.values())
        return read_from_nearer_end(number, partial(self._read, state))

    def _read(self, state: str, *part: int) -> list[Any]:
        return _page.fetch(self.today, self.expert is not None, state, *part, **self._values)

    def counts(self) -> dict[ForecastState, int]:
        """Return the number of forecasts in each state, with zeros. One query, the first time."""
        return {state: self._counts.get(state.value, 0) for state in ForecastState}

    @cached_property
    def _counts(self) -> dict[str, int]:
        return dict(_counts.fetch(self.today, self.expert is not None, **self._values))

    def settled(self) -> Counter[Facet]:
        """Return how many settled forecasts have each of `facets_of_settled()`. One query."""
        counted: Counter[Facet] = Counter()
        rows = _settled_counts.fetch(self.today, self.expert is not None, **self._values)
        for *row, number in rows:
            counted.update(dict.fromkeys(facets_of_settled(*row), number))
        return counted

    @property
    def _values(self) -> dict[str, Any]:
        return {"expert": self.expert and self.expert.pk}


def _selected(today: datetime.date, of_expert: bool) -> Forecasts:
    found = forecasts(today)
    return found.filter(expert=parameter("expert")) if of_expert else found


@CompiledRows
def _page(
    today: datetime.date, of_expert: bool, state: str, from_end: bool, first: int, last: int
) -> Forecasts:
    rows = _selected(today, of_expert)
    if state:
        rows = rows.filter(state=state)
    return rows_between(rows.reverse() if from_end else rows, first, last)


@CompiledRows
def _counts(today: datetime.date, of_expert: bool) -> QuerySet[Any, Any]:
    rows = _selected(today, of_expert).order_by().values_list("state")
    counted: QuerySet[Any, Any] = rows.annotate(Count("pk"))
    return counted


@CompiledRows
def _settled_counts(today: datetime.date, of_expert: bool) -> QuerySet[Any, Any]:
    tomorrow = today + datetime.timedelta(days=1)
    is_over = Case(When(date__ended_before=tomorrow, then=Value(True)), default=Value(False))
    counted: QuerySet[Any, Any] = (
        _selected(today, of_expert)
        .filter(outcome__in=SETTLED, state__in=SETTLED)
        .order_by()
        .annotate(year=F("date__year"), is_over=is_over)
        .values_list("is_over", "year", "confidence_then", "outcome", "probability")
        .annotate(Count("pk"))
    )
    return counted


def facets_of_settled(
    is_over: bool, year: int, confidence: str | None, outcome: str, probability: int | None
) -> list[Facet]:
    """Return what the record counts of a confirmed or missed forecast.

    `is_over` says whether its own date is, `confidence` is that at the time.
    """
    if not is_over:
        return [("early", "")]
    found = [("year", f"{year}:{outcome}"), ("confidence", f"{confidence}:{outcome}")]
    return found if probability is None else [*found, ("probability", f"{probability}:{outcome}")]


def forecasts_of(trends: Collection[int], today: datetime.date) -> list[Any]:
    """Return what is counted and ordered of all forecasts of some published trends. One query."""
    return _forecasts_of.fetch(today, trends=list(trends))


@CompiledRows
def _forecasts_of(today: datetime.date) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = forecasts(today).filter(trend__in=listed("trends")).order_by()
    columns = ("pk", "trend_id", "date", "made", "settled", "outcome", "probability")
    return rows.values_list(*columns, "state", "confidence_then", named=True)


def by_state(
    entries: Iterable[TimelineEntry],
) -> list[tuple[ForecastState, list[TimelineEntry]]]:
    """Group entries of `forecasts()` by state, in their order."""
    groups = groupby(entries, attrgetter("state"))
    return [(ForecastState(state), list(rows)) for state, rows in groups]


def state_of(entry: TimelineEntry, today: datetime.date) -> ForecastState | ScheduledState | None:
    """Return the state of a loaded timeline entry on a day, None for an event."""
    if entry.kind == EntryKind.EVENT:
        return None
    states = ForecastState if entry.kind == EntryKind.FORECAST else ScheduledState
    if not _is_pending(entry, today):
        return states(entry.outcome)
    return states.DUE if entry.date.last_day < today else states.PENDING


def count_states_of(
    entries: Iterable[TimelineEntry], today: datetime.date
) -> dict[ForecastState, int]:
    """Return the number of forecasts among loaded timeline entries by state, without zeros."""
    states = Counter(
        state for entry in entries if isinstance(state := state_of(entry, today), ForecastState)
    )
    return {state: states[state] for state in ForecastState if states[state]}


@dataclass(frozen=True)
class Tally:
    """The numbers of confirmed and missed forecasts of a group."""

    label: str
    confirmed: int
    missed: int

    @property
    def settled(self) -> int:
        return self.confirmed + self.missed

    @property
    def share(self) -> int:
        """Return the percentage of confirmed forecasts. Requires `settled > 0`."""
        return round(100 * self.confirmed / self.settled)

    @property
    def interval(self) -> tuple[int, int] | None:
        """Return the 95% Wilson interval of the share in percent, None if `ENOUGH` are settled."""
        if self.settled >= ENOUGH:
            return None
        return wilson_interval(self.confirmed, self.settled)


def wilson_interval(successes: int, total: int) -> tuple[int, int]:
    """Return the 95% Wilson score interval of a share, in whole percent. `total` is at least 1."""
    z = 1.959964
    share = successes / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + (z / (2 * total)) ** 2)
    scale = 1 + z * z / total
    low, high = (middle - half) / scale, (middle + half) / scale
    return round(100 * max(low, 0)), round(100 * min(high, 1))


@dataclass(frozen=True)
class Brier:
    """The Brier score: the mean squared error of probabilities. Always saying 50% gives 0.25."""

    score: float
    forecasts: int


@dataclass(frozen=True)
class Bar:
    """A tally as a bar: lengths in percent of the longest bar of the picture."""

    tally: Tally
    confirmed: str
    settled: str


class Record:
    """The record of settled forecasts: in all, by year and by confidence. One query.

    `early` is the number of forecasts settled before their date, which do not count yet. `brier` is
    None if no settled forecast has a probability.
    """

    def __init__(self, forecasts: ForecastSelection) -> None:
        counted = forecasts.settled()
        self.early = counted["early", ""]
        years = {int(_key(value)) for facet, value in counted if facet == "year"}
        self.by_year = _bars(
            [
                _tally(PartialDate.parse(f"{year:04}").display(), counted, "year", year)
                for year in sorted(years)
            ]
        )
        levels = [
            *((confidence.label, confidence.value) for confidence in reversed(Confidence)),
            (pgettext("confidence at the time", "not assessed"), None),
        ]
        tallies = [_tally(label, counted, "confidence", value) for label, value in levels]
        self.by_confidence = _bars([tally for tally in tallies if tally.settled])
        self.all = Tally(
            "",
            sum(bar.tally.confirmed for bar in self.by_year),
            sum(bar.tally.missed for bar in self.by_year),
        )
        self.brier = _brier(counted)


def _key(value: str) -> str:
    """Return a value of `facets_of_settled()` without the outcome at its end."""
    return value.partition(":")[0]


def _brier(counted: Counter[Facet]) -> Brier | None:
    probabilities = {int(_key(value)) for facet, value in counted if facet == "probability"}
    tallies = [(p / 100, _tally("", counted, "probability", p)) for p in sorted(probabilities)]
    total = sum(tally.settled for _probability, tally in tallies)
    if not total:
        return None
    errors = sum(
        (1 - probability) ** 2 * tally.confirmed + probability**2 * tally.missed
        for probability, tally in tallies
    )
    return Brier(errors / total, total)


def _tally(label: object, counted: Counter[Facet], facet: str, key: object) -> Tally:
    return Tally(
        str(label),
        counted[facet, f"{key}:{ForecastState.CONFIRMED}"],
        counted[facet, f"{key}:{ForecastState.MISSED}"],
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
