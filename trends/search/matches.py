"""Which trends hold the words that are asked for, and how well."""

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Sum, Value, When

from trends.search.models import DocumentKind, SearchDocument
from trends.search.terms import Term

MOST_TRENDS = 1000
"""How many of the trends that are found are listed and counted: the best ones.

A word that stands in every text would else be as slow as the collection is large.
"""

# Kinds as bits, so that the kinds of a trend's texts are one number and a trend is one row.
_BITS = {kind: 1 << place for place, kind in enumerate(DocumentKind.values)}


class _Held(NamedTuple):
    """How a trend holds a term: in which kinds of text, the best weight, in how many documents."""

    kinds: int
    best: int
    often: int


class Matches:
    """The published trends that hold terms, in which kinds of text, and how well. One query.

    How well is asked of one kind of text, where one is given.
    """

    def __init__(self, terms: Sequence[Term], at: datetime.date, kind: str = "") -> None:
        self._terms = terms
        self._found: list[dict[int, _Held]] = [{} for _term in terms]
        for number, trend, kinds, best, often in _matching(terms, at, kind):
            self._found[number][trend] = _Held(kinds, best or 0, often)
        self._trends = set.intersection(*map(set, self._found))

    def trends(self) -> set[int]:
        """Those that hold all terms."""
        return self._trends

    def best(self) -> set[int]:
        """Those of them that are listed: of very many `MOST_TRENDS`, the best ones."""
        if len(self._trends) <= MOST_TRENDS:
            return self._trends
        ranked = sorted(self._trends, key=lambda pk: (*self.score(pk), pk), reverse=True)
        return set(ranked[:MOST_TRENDS])

    def holding(self, number: int) -> set[int]:
        """Those that hold one of the terms, by its number."""
        return set(self._found[number])

    def kinds(self, trend: int) -> set[str]:
        """The kinds of text that hold all terms in a trend."""
        held = -1
        for found in self._found:
            held &= found[trend].kinds
        return {kind for kind, bit in _BITS.items() if held & bit}

    def score(self, trend: int) -> tuple[int, int]:
        """How well a trend holds the terms: by the best place of each, then by how often."""
        held = [found[trend] for found in self._found]
        # There are fewer than ten terms: one title outweighs texts for all the others.
        return sum(10**term.best for term in held), sum(term.often for term in held)

    def alone(self) -> list[tuple[str, int]]:
        """Each term as it was typed, with the number of trends that hold it."""
        return [
            (term.text, len(found)) for term, found in zip(self._terms, self._found, strict=True)
        ]


def _matching(terms: Sequence[Term], at: datetime.date, kind: str) -> QuerySet:
    counted = Q(kind=kind) if kind else None
    bit = Case(*(When(kind=kind, then=bit) for kind, bit in _BITS.items()))
    parts = [
        SearchDocument.objects.for_readers(at)
        .filter(terms__matches=term)
        .order_by()
        .values("trend")
        .annotate(
            kinds=Sum(bit, distinct=True, output_field=IntegerField()),
            best=Max("weight", filter=counted),
            often=Count("pk", filter=counted),
            number=Value(number),
        )
        .values_list("number", "trend", "kinds", "best", "often")
        for number, term in enumerate(terms)
    ]
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
