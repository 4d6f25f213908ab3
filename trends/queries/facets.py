"""Counting the trends for each choice of a facet.

The counts of a facet apply the filters of the other facets, but not its own: beside a chosen status
are the numbers of trends that other statuses would add.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from itertools import combinations
from operator import and_, or_
from typing import Any

from django.db import models
from django.db.models import Count, QuerySet
from django.utils.translation import ngettext

from trends.levels import Confidence, Status
from trends.models import VOCABULARIES, ListedTrend
from trends.models.trend_queryset import in_column
from trends.queries.compiled import CompiledRows, listed
from trends.queries.filters import FACETS, Chosen, Frozen, TrendFilters, filtered, frozen
from trends.queries.kept_lists.counts import counts_by_value, most_counted
from trends.queries.kept_lists.kept_trends import lists_of
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import languages, translated

MOST_CHOICES = 24
"""The most rows of a vocabulary to offer: those chosen, then those with the most trends."""

_COLUMNS = {"status": "status", "confidence": "confidence", "year": "since__year"}
"""The lookup of each facet that is a column of trends."""

_LEVELS: dict[str, type[models.TextChoices]] = {"status": Status, "confidence": Confidence}


def trends_in_words(number: int) -> str:
    """Return a number of trends with the noun, in the active language."""
    return ngettext("%(number)s trend", "%(number)s trends", number) % {"number": number}


@dataclass(frozen=True)
class Choice:
    """One value of a facet, with the number of trends that have it."""

    value: str
    label: str
    count: int
    is_chosen: bool
    language: str = ""
    """The language of the label where it is not the page's; else empty."""

    @property
    def count_text(self) -> str:
        return trends_in_words(self.count)


@dataclass(frozen=True)
class Facet:
    """A filter of trends with its choices."""

    name: str
    """As in query strings."""
    label: str
    choices: list[Choice]

    @property
    def chosen(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.is_chosen]


def count_facets(chosen: Chosen, found: Collection[int] | None = None) -> list[Facet]:
    """Return the facets of the trends in force, or of those that were `found`, with their counts.

    Facets without choices are left out. Chosen values that no trend has are among the choices, so
    that a reader can remove them. At most ten queries: one for the counts of the trends' own
    columns, or one for each of them; for each vocabulary one for its counts and one for its rows;
    and one to find the row of a filter.
    """
    are_found, values = found is not None, {"found": found}

    @cache
    def column_counts() -> dict[str, Counter[Any]]:
        linked, own = frozen(chosen, VOCABULARIES), frozen(chosen, _COLUMNS)
        return _column_counts(_combinations.fetch(are_found, linked, own, **values), chosen)

    kept_of = cache(lists_of)
    facets = []
    for name in FACETS:
        asked = chosen.get(name, [])
        others = frozen(chosen, [other for other in FACETS if other != name])
        of = [] if are_found else kept_of(others)
        if name in VOCABULARIES:
            counts = (
                most_counted(name, of, [str(value) for value in asked], MOST_CHOICES)
                if of
                else Counter(dict(_linked.fetch(name, are_found, others, **values)))
            )
            choices = _vocabulary_choices(name, counts, asked)
        else:
            numbers = counts_by_value(of, name) if of else column_counts()[name]
            choices = (
                _year_choices({int(year): number for year, number in numbers.items()}, asked)
                if name == "year"
                else level_choices(_LEVELS[name], numbers, asked)
            )
        if choices:
            facets.append(Facet(name, str(TrendFilters.base_fields[name].label), choices))
    return facets


def level_choices(
    levels: type[models.TextChoices], counts: Mapping[str, int], chosen: Collection[str | int]
) -> list[Choice]:
    """Return a choice for each level, in the order of levels, also for those without trends."""
    return [
        Choice(level.value, str(level.label), counts.get(level.value, 0), level.value in chosen)
        for level in levels
    ]


def _among(are_found: bool, chosen: Frozen) -> QuerySet[ListedTrend]:
    """Return those of the trends in force, or of the parameter `found`, that filters select."""
    rows = ListedTrend.objects.filter(language=languages()[0])
    rows = rows.filter(trend_id__in=listed("found")) if are_found else rows.filter(in_force=1)
    return filtered(rows, chosen, "trend_id")


@CompiledRows
def _combinations(are_found: bool, linked: Frozen, own: Frozen) -> QuerySet[Any, tuple[Any, ...]]:
    """Return those combinations of status, confidence and year that count, with their numbers.

    A combination counts for a facet that all other filters select. So where there are three, at
    least two select it, and a database asks for the links of few trends. An index has all columns.
    """
    rows = _among(are_found, linked)
    conditions = [in_column(name, values) for name, values in own]
    if len(conditions) > 1:
        others = combinations(conditions, len(conditions) - 1)
        rows = rows.filter(reduce(or_, (reduce(and_, some) for some in others)))
    own_columns = rows.order_by().values_list(*_COLUMNS.values())
    counted: QuerySet[Any, Any] = own_columns.annotate(Count("pk"))
    return counted


@CompiledRows
def _linked(name: str, are_found: bool, chosen: Frozen) -> QuerySet[Any, tuple[str, int]]:
    """Return the slugs of the rows of a vocabulary, with the number of trends that have them."""
    # The rows are fetched by another query: joined and sorted in one query, one of the databases
    # took a hundred times longer.
    vocabulary = VOCABULARIES[name]
    trends = _among(are_found, chosen).order_by().values("trend_id")
    links = vocabulary.links._default_manager.filter(**{f"{vocabulary.trend}__in": trends})
    slugs: Any = links.order_by().values_list(f"{vocabulary.row}__slug")
    counted: QuerySet[Any, Any] = slugs.annotate(Count(vocabulary.trend, distinct=True))
    return counted


@CompiledRows
def _vocabulary_rows(name: str) -> QuerySet[Any]:
    manager = VOCABULARIES[name].model._default_manager
    return manager.filter(slug__in=listed("slugs", "text")).order_by()


def _column_counts(
    counted: Iterable[tuple[Any, ...]], chosen: Chosen
) -> dict[str, Counter[Any]]:  # Any: values are texts, years are numbers
    """Count the trends for each value of status, confidence and year.

    The database counts the combinations of the three, to which the filters of the other two are
    applied here.
    """
    counts: dict[str, Counter[Any]] = {name: Counter() for name in _COLUMNS}
    for *values, number in counted:
        combination = dict(zip(_COLUMNS, values, strict=True))
        differing = {
            name
            for name, value in combination.items()
            if chosen.get(name) and value not in chosen[name]
        }
        for name, value in combination.items():
            if differing <= {name}:
                counts[name][value] += number
    return counts


def _year_choices(counts: Mapping[int, int], chosen: Collection[str | int]) -> list[Choice]:
    years = [f"{year:04}" for year in sorted({*counts, *map(int, chosen)}, reverse=True)]
    return [
        Choice(
            year, PartialDate.parse(year).display(), counts.get(int(year), 0), int(year) in chosen
        )
        for year in years
    ]


def _vocabulary_choices(
    name: str, counts: Counter[str], chosen: Collection[str | int]
) -> list[Choice]:
    """Return choices for the rows with the most trends, and for chosen rows, most trends first."""
    asked = set(map(str, chosen))
    ranked = sorted(counts, key=lambda slug: (slug not in asked, -counts[slug], slug))
    slugs = {*ranked[:MOST_CHOICES], *asked}
    rows = {row.slug: row for row in _vocabulary_rows.fetch(name, slugs=slugs)} if slugs else {}
    choices = []
    for slug in sorted(
        asked | rows.keys(), key=lambda slug: (slug not in rows, -counts[slug], slug)
    ):
        label, language = slug, ""
        if slug in rows:
            text = translated(rows[slug], VOCABULARIES[name].text)
            label, language = text.text, text.language if text.is_fallback else ""
        choices.append(Choice(slug, label, counts[slug], slug in asked, language))
    return choices
