"""Finding the trends that contain the terms of a query, and scoring them."""

import datetime
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Sum, Value, When

from trends.search.models import DocumentKind, SearchDocument
from trends.search.terms import Term

MOST_TRENDS = 1000
"""How many of the trends found are listed and counted: the best ones.

It limits the time of a search for a word that nearly every trend contains.
"""

# Kinds as bits, so that a number can hold several kinds and a trend is one row of the result.
_BITS = {kind: 1 << place for place, kind in enumerate(DocumentKind.values)}


class _TermMatch(NamedTuple):
    """A term found in a trend: the kinds of text as bits, the best weight, the documents."""

    kinds: int
    best: int
    often: int


class SearchMatches:
    """The trends published on a day that contain terms. One query, when it is made.

    `kinds` are the kinds of text that count for the score, by default all.
    """

    def __init__(
        self, terms: Sequence[Term], at: datetime.date, kinds: Collection[str] = ()
    ) -> None:
        self._terms = terms
        self._found: list[dict[int, _TermMatch]] = [{} for _term in terms]
        for number, trend, found_in, best, often in _matching(terms, at, kinds):
            self._found[number][trend] = _TermMatch(found_in, best or 0, often)
        self._trends = set.intersection(*map(set, self._found))

    def trends(self) -> set[int]:
        """Return the primary keys of the trends that contain all terms."""
        return self._trends

    def best(self) -> set[int]:
        """Return at most `MOST_TRENDS` of `trends()`, those with the highest scores."""
        if len(self._trends) <= MOST_TRENDS:
            return self._trends
        ranked = sorted(self._trends, key=lambda pk: (*self.score(pk), pk), reverse=True)
        return set(ranked[:MOST_TRENDS])

    def holding(self, number: int) -> set[int]:
        """Return the trends that contain one of the terms, given by its index."""
        return set(self._found[number])

    def kinds(self, trend: int) -> set[str]:
        """Return the kinds of text that contain all terms in a trend."""
        kinds = -1
        for found in self._found:
            kinds &= found[trend].kinds
        return {kind for kind, bit in _BITS.items() if kinds & bit}

    def score(self, trend: int) -> tuple[int, int]:
        """Return a sort key: the sum of the terms' best weights, then the number of documents."""
        held = [found[trend] for found in self._found]
        # There are fewer than ten terms: one title outweighs texts for all the others.
        return sum(10**term.best for term in held), sum(term.often for term in held)

    def alone(self) -> list[tuple[str, int]]:
        """Return each term as typed, with the number of trends that contain it."""
        return [
            (term.text, len(found)) for term, found in zip(self._terms, self._found, strict=True)
        ]


def _matching(
    terms: Sequence[Term], at: datetime.date, kinds: Collection[str]
) -> QuerySet[Any, tuple[int, int, int, int | None, int]]:
    """Return (index of the term, trend, kinds, best weight, number of documents)."""
    counted = Q(kind__in=kinds) if kinds else None
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
