"""Reading lists of forecasts in their kept order, and their kept counts."""

import datetime
from collections import Counter
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from trends.levels import ForecastState
from trends.models import ListedForecast
from trends.queries.compiled import CompiledRows, listed
from trends.queries.forecasts import Facet, Forecasts, ForecastSelection, forecasts
from trends.queries.kept_lists.counts import FORECASTS, counts_by_facet
from trends.queries.lazy_lists import in_order

PLACES = {state.value: place for place, state in enumerate(ForecastState)}
"""The order of states in lists."""


class KeptForecasts(ForecastSelection):
    """All `forecasts()` as of a day on which the kept tables are up to date.

    One query for all numbers.
    """

    def _read(self, state: str, *part: int) -> list[Any]:
        pks = _page.fetch(state, *part)
        return in_order(_rows.fetch(self.today, found=pks), pks)

    def counts(self) -> dict[ForecastState, int]:
        """Return the number of forecasts in each state, with zeros."""
        return {state: self._counted["state", state.value] for state in ForecastState}

    def settled(self) -> Counter[Facet]:
        """Return the number of settled forecasts for each of `facets_of_settled()`."""
        return self._counted

    @cached_property
    def _counted(self) -> Counter[Facet]:
        return Counter(counts_by_facet(FORECASTS))


@CompiledRows
def _page(state: str, from_end: bool, first: int, last: int) -> QuerySet[Any, int]:
    rows = ListedForecast.objects.order_by("place", "soonest", "-date", "entry_id")
    if state:
        rows = rows.filter(place=PLACES[state])
    ordered = rows.reverse() if from_end else rows
    pks: QuerySet[Any, int] = ordered.values_list("entry_id", flat=True)[first:last]
    return pks


@CompiledRows
def _rows(today: datetime.date) -> Forecasts:
    return forecasts(today).filter(pk__in=listed("found")).order_by()
