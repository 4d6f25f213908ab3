"""The panel of filters above a list of trends."""

from dataclasses import dataclass
from functools import cached_property

from trends.queries.facets import Choice, Facet
from trends.queries.filters import TrendFilters


@dataclass(frozen=True)
class Removal:
    """An active filter, and the address of the list without it."""

    label: str
    choice: Choice
    address: str


@dataclass(frozen=True, kw_only=True)
class FilterPanel:
    """The filters of a list, and which of them are active.

    `state` is the number of trends in words, `cleared` the address of the list without any filter.
    `kept` has the parts of the query string that filtering does not change, by name.
    """

    form: TrendFilters
    facets: list[Facet]
    state: str
    path: str
    cleared: str
    kept: dict[str, str]

    @cached_property
    def removals(self) -> list[Removal]:
        """Return the active filters."""
        return [
            Removal(facet.label, choice, f"{self.path}?{query}" if query else self.path)
            for facet in self.facets
            for choice in facet.chosen
            for query in [self.form.query(without=(facet.name, choice.value))]
        ]
