"""How many trends each choice of a filter would show.

The counts of a kind heed the filters of the other kinds, not its own: beside a chosen status
stand the numbers that the other ones would add. One query a kind, and one for the rows of each
vocabulary: nine in all.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, QuerySet

from quotes.models import Expert
from trends.levels import Confidence, Status
from trends.models import Audience, Implication, TaggedTrend, TrendMention, TrendQuerySet
from trends.queries.filters import KINDS, TrendFilters
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import translated

MOST_CHOICES = 24
"""How many of a vocabulary are offered: those chosen, then those with the most trends."""


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    label: str
    language: str
    """Of the label, where another language stands in for the page's; else empty."""
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """One kind of filter with its choices."""

    kind: str
    label: str
    choices: list[Choice]

    @property
    def chosen(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.chosen]


def facets(trends: TrendQuerySet, form: TrendFilters) -> list[Facet]:
    """The choices of each kind over trends not yet filtered; kinds without one are left out.

    A value that is asked for and that nothing has stands among the choices, with no trend, so
    that it can be given up.
    """
    found = []
    for kind in KINDS:
        others = {name: values for name, values in form.applied.items() if name != kind}
        chosen = form.applied[kind]
        choices = list(_choices(kind, trends.filtered(others).order_by(), chosen))
        missing = {str(value) for value in chosen} - {choice.value for choice in choices}
        choices += [Choice(value, value, "", 0, True) for value in sorted(missing)]
        if choices:
            found.append(Facet(kind, str(form.fields[kind].label), choices))
    return found


def _choices(kind: str, trends: TrendQuerySet, chosen: Collection) -> Iterator[Choice]:
    match kind:
        case "status":
            yield from _levels(trends, "status", Status, chosen)
        case "confidence":
            yield from _levels(trends, "confidence", Confidence, chosen)
        case "tag":
            links = TaggedTrend.objects.filter(content_object__in=trends.values("pk"))
            yield from _rows(Tag, "label", links, "tag", "content_object", chosen)
        case "audience":
            links = Implication.objects.filter(trend__in=trends.values("pk"))
            yield from _rows(Audience, "label", links, "audience", "trend", chosen)
        case "expert":
            links = TrendMention.objects.filter(trend__in=trends.values("pk"))
            yield from _rows(Expert, "name", links, "mention__expert", "trend", chosen)
        case "year":
            years = dict(trends.values_list("since__year").annotate(count=Count("pk")))
            for year in sorted({*years, *chosen}, reverse=True):
                value = f"{year:04}"
                shown = PartialDate.parse(value).display()
                yield Choice(value, shown, "", years.get(year, 0), year in chosen)


def _levels(
    trends: TrendQuerySet, field: str, levels: type[models.TextChoices], chosen: Collection[str]
) -> Iterator[Choice]:
    """The levels of a closed set in its own order, those without a trend too."""
    counts: Mapping[str, int] = dict(trends.values_list(field).annotate(count=Count("pk")))
    for level in levels:
        yield Choice(
            level.value, str(level.label), "", counts.get(level.value, 0), level.value in chosen
        )


def _rows(
    model: type[models.Model],
    label: str,
    links: QuerySet,
    path: str,
    trend: str,
    chosen: Collection[str],
) -> Iterator[Choice]:
    """The rows of a vocabulary to which links lead from trends, the most used first."""
    # Whichever way the links are joined to rows and sorted in one query, one of the databases
    # takes a hundred times longer than to count them.
    counted = links.order_by().values_list(f"{path}__slug").annotate(Count(trend, distinct=True))
    counts = Counter(dict(counted))
    most_used = sorted(counts, key=lambda slug: (slug not in chosen, -counts[slug], slug))
    rows = model._default_manager.filter(slug__in={*most_used[:MOST_CHOICES], *chosen})
    for row in sorted(rows, key=lambda row: (-counts[row.slug], row.slug)):
        text = translated(row, label)
        yield Choice(
            row.slug,
            text.text,
            text.language if text.is_fallback else "",
            counts[row.slug],
            row.slug in chosen,
        )
