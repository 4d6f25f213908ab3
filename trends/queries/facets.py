"""Count how many trends each choice of a facet would show.

The counts of a facet heed the filters of the other facets, not its own: beside a chosen status
are the numbers that other statuses would add.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count
from django.utils.translation import ngettext

from trends.levels import Confidence, Status
from trends.models import VOCABULARIES, TrendQuerySet, Vocabulary
from trends.queries.filters import FACETS, TrendFilters
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import translated

MOST_CHOICES = 24
"""How many rows of a vocabulary are offered: those chosen, then those with the most trends."""

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
    """Something that trends can be filtered by, with its choices."""

    name: str
    """As in query strings."""
    label: str
    choices: list[Choice]

    @property
    def chosen(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.is_chosen]


def count_facets(trends: TrendQuerySet, chosen: Mapping[str, Collection[str | int]]) -> list[Facet]:
    """Return the facets of some trends, not yet filtered, with their counts.

    Facets without choices are left out. Chosen values that no trend has are among the choices,
    so that a reader can remove them. Seven queries: one for the counts of the trends' own columns,
    and for each vocabulary one for its counts and one for its rows.
    """
    counts = _column_counts(trends, chosen)
    facets = []
    for name in FACETS:
        values = chosen.get(name, [])
        if name in VOCABULARIES:
            others = trends.filtered({**chosen, name: []})
            choices = _vocabulary_choices(VOCABULARIES[name], others, values)
        elif name == "year":
            choices = _year_choices(counts[name], values)
        else:
            choices = level_choices(_LEVELS[name], counts[name], values)
        if choices:
            facets.append(Facet(name, str(TrendFilters.base_fields[name].label), choices))
    return facets


def level_choices(
    levels: type[models.TextChoices], counts: Mapping[str, int], chosen: Collection[str | int]
) -> list[Choice]:
    """Return a choice for each level, in their own order, also for those without trends."""
    return [
        Choice(level.value, str(level.label), counts.get(level.value, 0), level.value in chosen)
        for level in levels
    ]


def _column_counts(
    trends: TrendQuerySet, chosen: Mapping[str, Collection[str | int]]
) -> dict[str, Counter[Any]]:  # Any: values are texts, years are numbers
    """Count the trends of each value of status, confidence and year. One query.

    The database counts each combination of the three, so that each facet can heed the others.
    """
    vocabularies = {name: values for name, values in chosen.items() if name in VOCABULARIES}
    rows = trends.filtered(vocabularies).order_by().values_list(*_COLUMNS.values())
    counts: dict[str, Counter[Any]] = {name: Counter() for name in _COLUMNS}
    for *values, number in rows.annotate(Count("pk")):
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
    vocabulary: Vocabulary, trends: TrendQuerySet, chosen: Collection[str | int]
) -> list[Choice]:
    """Return the rows linked to most of the trends, and those chosen; most trends first."""
    # Counted apart from the rows: joined with them and sorted in one query, one of the databases
    # took a hundred times longer.
    links = vocabulary.links_to(trends).order_by().values_list(f"{vocabulary.row}__slug")
    counts = Counter(dict(links.annotate(Count(vocabulary.trend, distinct=True))))
    asked = set(map(str, chosen))
    ranked = sorted(counts, key=lambda slug: (slug not in asked, -counts[slug], slug))
    rows = vocabulary.model._default_manager.in_bulk(
        {*ranked[:MOST_CHOICES], *asked}, field_name="slug"
    )
    choices = []
    for slug in sorted(
        asked | rows.keys(), key=lambda slug: (slug not in rows, -counts[slug], slug)
    ):
        label, language = slug, ""
        if slug in rows:
            text = translated(rows[slug], vocabulary.text)
            label, language = text.text, text.language if text.is_fallback else ""
        choices.append(Choice(slug, label, counts[slug], slug in asked, language))
    return choices
