"""The panel of filters above a list of trends."""

from dataclasses import dataclass

from django.forms import BoundField

from trends.queries.facets import Choice, Facet
from trends.queries.filters import TrendFilters


@dataclass(frozen=True)
class Removal:
    """An active filter, and the address of the list without it."""

    label: str
    choice: Choice
    address: str


@dataclass(frozen=True)
class FilterPanel:
    """The filters of a list, and which of them are active."""

    state: str
    """The number of trends, in words."""
    path: str
    cleared: str
    """The address of the list without any filter."""
    complaints: list[str]
    removals: list[Removal]
    facets: list[Facet]
    kept: dict[str, str]
    """The parts of the query string that filtering does not change, by name."""
    sort: BoundField | None = None


def filter_panel(
    form: TrendFilters,
    facets: list[Facet],
    *,
    state: str,
    path: str,
    cleared: str,
    kept: dict[str, str] | None = None,
    sort: BoundField | None = None,
) -> FilterPanel:
    """Return the panel for a form and its counted facets."""
    removals = []
    for facet in facets:
        for choice in facet.chosen:
            query = form.query(without=(facet.name, choice.value))
            address = f"{path}?{query}" if query else path
            removals.append(Removal(facet.label, choice, address))
    return FilterPanel(state, path, cleared, form.complaints, removals, facets, kept or {}, sort)
