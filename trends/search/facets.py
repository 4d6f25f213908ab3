"""By what results can be narrowed, and how many there would be."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import models
from django.db.models import F, QuerySet

from quotes.models import Expert
from trends.levels import Confidence, Status
from trends.models import Audience, Implication, TaggedTrend, Trend, TrendMention
from trends.search.matches import Matches
from trends.search.models import DocumentKind
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate

# By their names in the query string, in the order in which they are shown.
FACETS = ("kind", "status", "confidence", "tag", "audience", "expert", "year")

_MOST_CHOICES = 12
_FEW = 100


@dataclass(frozen=True)
class Choice:
    """A value by which the results can be narrowed, and how many there would be.

    `row` is the tag, audience or expert that it stands for, named by its text `field`; `label`
    are the words for others.
    """

    value: str
    count: int
    label: str = ""
    row: models.Model | None = None
    field: str = "label"


class Facets:
    """The trends that are listed, narrowed by what a reader chose; and what there is to choose.

    A facet's own choice does not count for its numbers: they say what another choice would give.
    """

    def __init__(self, matches: Matches, chosen: Mapping[str, str]) -> None:
        self._matches = matches
        self._chosen = chosen
        found = matches.best()
        self.total = len(found)
        rows = Trend.objects.filter(pk__in=found).order_by()
        shown = ["pk", "status", "confidence", "published", "slug", "since"]
        self._rows = {row[0]: row for row in rows.values_list(*shown)}
        tags = _on(TaggedTrend, "content_object", found)
        audiences = _on(Implication, "trend", found)
        experts = _on(TrendMention, "trend", found)
        self._values: dict[str, dict[int, set[str]]] = {
            "kind": {pk: matches.kinds(pk) for pk in self._rows},
            "status": {pk: {row[1]} for pk, row in self._rows.items()},
            "confidence": {pk: {row[2]} for pk, row in self._rows.items()},
            "tag": _grouped(tags.values_list("content_object", "tag__slug")),
            "audience": _grouped(audiences.values_list("trend", "audience__slug").distinct()),
            "expert": _grouped(experts.values_list("trend", "mention__expert__slug").distinct()),
            "year": {pk: {f"{row[5].first_day.year:04}"} for pk, row in self._rows.items()},
        }

    def ranked(self) -> list[int]:
        """The trends, the best first; of equal ones the latest published."""

        def key(pk: int) -> tuple:
            best, often = self._matches.score(pk)
            _pk, _status, _confidence, published, slug, _since = self._rows[pk]
            return (-best, -often, -published.toordinal(), slug)

        return sorted(self._narrowed(), key=key)

    def choices(self) -> dict[str, list[Choice]]:
        """What can be chosen of each facet, with the number of trends that it would leave."""
        counts = {name: self._counts(name) for name in FACETS}
        tags = Tag.objects.filter(slug__in=self._most_used("tag", counts["tag"]))
        audiences = Audience.objects.filter(slug__in=counts["audience"])
        experts = Expert.objects.filter(slug__in=self._most_used("expert", counts["expert"]))
        return {
            "kind": _labelled(DocumentKind, counts["kind"]),
            "status": _labelled(Status, counts["status"]),
            "confidence": _labelled(Confidence, counts["confidence"]),
            "tag": _most_first(_of_rows(tags, counts["tag"])),
            "audience": _of_rows(audiences, counts["audience"]),
            "expert": _most_first(_of_rows(experts, counts["expert"], "name")),
            "year": [
                Choice(year, counts["year"][year], label=PartialDate.parse(year).display())
                for year in sorted(counts["year"], reverse=True)
            ],
        }

    def _most_used(self, name: str, counts: Counter[str]) -> set[str]:
        """The slugs that leave the most trends, and the one that is chosen."""
        ranked = sorted(counts, key=lambda slug: (-counts[slug], slug))
        chosen = {self._chosen[name]} if name in self._chosen else set()
        return {*ranked[:_MOST_CHOICES], *chosen.intersection(counts)}

    def _counts(self, name: str) -> Counter[str]:
        values = self._values[name]
        return Counter(value for pk in self._narrowed(but=name) for value in values.get(pk, ()))

    def _narrowed(self, but: str = "") -> Iterable[int]:
        chosen = [(name, value) for name, value in self._chosen.items() if name != but]
        return [
            pk
            for pk in self._rows
            if all(value in self._values[name].get(pk, ()) for name, value in chosen)
        ]


def _on(model: type[models.Model], trend: str, pks: Collection[int]) -> QuerySet:
    """The rows of a table that lead from trends to what they are counted by."""
    rows = model._default_manager.order_by()
    if len(pks) <= _FEW:
        return rows.filter(**{f"{trend}__in": pks})
    # A sum has no index. With one SQLite may look up each trend for each expert.
    return rows.annotate(on=F(trend) + 0).filter(on__in=pks)


def _grouped(pairs: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    groups = defaultdict(set)
    for pk, value in pairs:
        groups[pk].add(value)
    return groups


def _labelled(choices: type[models.TextChoices], counts: Counter[str]) -> list[Choice]:
    return [
        Choice(value, counts[value], label=str(label))
        for value, label in choices.choices
        if counts[value]
    ]


def _of_rows(
    rows: Iterable[models.Model], counts: Counter[str], field: str = "label"
) -> list[Choice]:
    return [Choice(row.slug, counts[row.slug], row=row, field=field) for row in rows]


def _most_first(choices: list[Choice]) -> list[Choice]:
    return sorted(choices, key=lambda choice: -choice.count)
