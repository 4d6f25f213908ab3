"""Updating the kept rows of changes and forecasts of the trends that were written."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from trends.levels import ForecastState, Outcome
from trends.models import ListedChange, ListedForecast
from trends.queries.changes import changes_of
from trends.queries.forecasts import SETTLED, facets_of_settled
from trends.queries.inserting import create
from trends.queries.kept_lists.counts import CHANGES, FORECASTS, Counted
from trends.queries.kept_lists.kept_forecasts import PLACES

_OPEN = (ForecastState.DUE, ForecastState.PENDING)


def renew_changes(trends: Collection[int], today: datetime.date) -> Counter[Counted]:
    """Update the rows of changes of some trends; return the differences of counts.

    Two queries, and at least two more if any row differs.
    """
    rows = [
        ListedChange(
            trend_id=trend,
            table=table,
            row_id=pk,
            dated=dated,
            is_a_day=int(dated.first_day == dated.last_day),
            what=what,
        )
        for trend, table, pk, dated, what in changes_of(trends, today)
    ]
    return _replace(ListedChange, trends, rows)


def renew_forecasts(
    forecasts: Iterable[Any], trends: Collection[int], today: datetime.date
) -> Counter[Counted]:
    """Update the rows of forecasts of some trends; return the differences of counts.

    `forecasts` are those of `forecasts_of()`. One query, and at least two more if any row differs.
    """
    rows = [
        ListedForecast(
            entry_id=forecast.pk,
            trend_id=forecast.trend_id,
            place=PLACES[forecast.state],
            soonest=forecast.date if forecast.state in _OPEN else None,
            date=forecast.date,
            counted=_counted(forecast, today),
        )
        for forecast in forecasts
    ]
    return _replace(ListedForecast, trends, rows)


def days_of(forecast: Any) -> Iterator[datetime.date]:
    """Yield the days, past and future, on which the list or the counts of a forecast change."""
    last_day = forecast.date.last_day
    if forecast.made:
        yield forecast.made.first_day  # it is a change
    if forecast.outcome != Outcome.PENDING:
        yield last_day  # it counts in the record
        if forecast.settled:
            yield forecast.settled.first_day
    if forecast.state in _OPEN and last_day < datetime.date.max:
        yield last_day + datetime.timedelta(days=1)  # it is due


def _counted(forecast: Any, today: datetime.date) -> list[list[str]]:
    found = [("state", forecast.state)]
    if forecast.state in SETTLED:
        found += facets_of_settled(
            forecast.date.last_day <= today,
            forecast.date.first_day.year,
            forecast.confidence_then,
            forecast.outcome,
            forecast.probability,
        )
    return [list(facet) for facet in found]


# Any: one of the two models.
def _replace(model: Any, trends: Collection[int], rows: Iterable[Any]) -> Counter[Counted]:
    before: dict[int, dict[Any, Any]] = defaultdict(dict)
    after: dict[int, dict[Any, Any]] = defaultdict(dict)
    for row in model._default_manager.filter(trend__in=trends).order_by():
        before[row.trend_id][_content(row)] = row
    for row in rows:
        after[row.trend_id][_content(row)] = row
    differ = [trend for trend in trends if before[trend].keys() != after[trend].keys()]
    counts: Counter[Counted] = Counter()
    if differ:
        model._default_manager.filter(trend__in=differ).delete()
        create(model, [row for trend in differ for row in after[trend].values()])
    for trend in differ:
        for row in before[trend].values():
            counts.subtract(_counts_of(row))
        for row in after[trend].values():
            counts.update(_counts_of(row))
    return counts


def _content(row: ListedChange | ListedForecast) -> tuple[Any, ...]:
    if isinstance(row, ListedChange):
        return row.table, row.row_id, row.dated, row.what
    return row.entry_id, row.place, row.soonest, row.date, tuple(map(tuple, row.counted))


def _counts_of(row: ListedChange | ListedForecast) -> Iterator[Counted]:
    """Yield the (of, facet, value) of the counts to which a row adds one."""
    if isinstance(row, ListedChange):
        yield (CHANGES, "what", row.what)
        yield (CHANGES, row.what, row.dated.first_day.isoformat())
    else:
        for facet, value in row.counted:
            yield (FORECASTS, facet, value)
