"""Which trends hold the words that are asked for, and how well."""

import datetime
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Count, Max, QuerySet, Value

from trends.search.models import SearchDocument
from trends.search.terms import Term


class Matches:
    """The published trends that hold terms, in which kinds of text, and how well. One query."""

    def __init__(self, terms: Sequence[Term], at: datetime.date) -> None:
        self._terms = terms
        # term → trend → kind → (weight, number of documents)
        self._found: list[dict[int, dict[str, tuple[int, int]]]] = [
            defaultdict(dict) for _term in terms
        ]
        for number, trend, kind, weight, count in _matching(terms, at):
            self._found[number][trend][kind] = (weight, count)

    def trends(self) -> set[int]:
        """Those that hold all terms."""
        return set.intersection(*map(set, self._found))

    def holding(self, number: int) -> set[int]:
        """Those that hold one of the terms, by its number."""
        return set(self._found[number])

    def kinds(self, trend: int) -> set[str]:
        """The kinds of text that hold all terms in a trend."""
        return set.intersection(*(set(found[trend]) for found in self._found))

    def score(self, trend: int, kind: str = "") -> tuple[int, int]:
        """How well a trend holds the terms: by the best place of each, then by how often."""
        best = often = 0
        for found in self._found:
            kinds = found[trend]
            texts = [kinds[kind]] if kind else list(kinds.values())
            # There are fewer than ten terms: one title outweighs texts for all the others.
            best += 10 ** max(weight for weight, _count in texts)
            often += sum(count for _weight, count in texts)
        return best, often

    def alone(self) -> list[tuple[str, int]]:
        """Each term as it was typed, with the number of trends that hold it."""
        return [
            (term.text, len(found)) for term, found in zip(self._terms, self._found, strict=True)
        ]


def _matching(terms: Sequence[Term], at: datetime.date) -> QuerySet:
    parts = [
        SearchDocument.objects.for_readers(at)
        .filter(terms__matches=term)
        .order_by()
        .values("trend", "kind")
        .annotate(best=Max("weight"), count=Count("pk"), number=Value(number))
        .values_list("number", "trend", "kind", "best", "count")
        for number, term in enumerate(terms)
    ]
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
