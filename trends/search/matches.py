"""Finding the trends that contain the terms of a query, and scoring them."""

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Sum, Value, When

from trends.search.models import DocumentKind, SearchDocument
from trends.search.terms import Term
from trends.search.trend_words import common_terms, trends_with_all

MOST_READ = 300
"""The most trends to read where a term is common. With several terms, divided by their number."""

# Kinds as bits, so that a number can hold several kinds and a trend is one row of the result.
_BITS = {kind: 1 << place for place, kind in enumerate(DocumentKind.values)}


class _TermMatch(NamedTuple):
    """A term found in a trend: the kinds of text as bits, the best weight, the documents."""

    kinds: int
    best: int
    often: int


class SearchMatches:
    """The trends published on a day that contain terms, with the kinds of text that contain them.

    If no term is common (`trend_words`), they are found in the index of documents. With a common
    term, that would take time in proportion to the number of documents that contain the term. Then
    at most `MOST_READ` trends are found in the index of trends' words, and only their documents are
    read.

    `kinds` are the kinds of text that count for the score, by default all.

    Two queries, three if a term is common, one more if it is and nothing is found.
    """

    def __init__(
        self, terms: Sequence[Term], at: datetime.date, kinds: Collection[str] = ()
    ) -> None:
        self._terms = terms
        self._found: list[dict[int, _TermMatch]] = [{} for _term in terms]
        self.is_cut = False
        """Whether there may be other trends that contain the terms."""
        self._common = common_terms(terms)
        if not self._common:
            self._add(_matching(terms, range(len(terms)), at, kinds))
        else:
            among, self.is_cut = trends_with_all(terms, at, MOST_READ // len(terms))
            if among:
                self._add(_matching(terms, range(len(terms)), at, kinds, among))
        self._trends = set.intersection(*map(set, self._found))
        rare = [number for number in range(len(terms)) if number not in self._common]
        if self._common and rare and not self._trends:
            self._add(_matching(terms, rare, at, kinds))

    def _add(self, rows: Iterable[tuple[int, int, int, int | None, int]]) -> None:
        for number, trend, found_in, best, often in rows:
            self._found[number][trend] = _TermMatch(found_in, best or 0, often)

    def trends(self) -> set[int]:
        """Return the primary keys of the trends that contain all terms."""
        return self._trends

    def holding(self, number: int) -> set[int] | None:
        """Return the trends that contain one of the terms, given by its index.

        None if it is common. Where all terms are found together, others may contain it, too.
        """
        return None if number in self._common else set(self._found[number])

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

    def alone(self) -> list[tuple[str, int | None]]:
        """Return each term as typed, with the number of trends that contain it.

        None for a term that is common.
        """
        return [
            (term.text, None if number in self._common else len(self._found[number]))
            for number, term in enumerate(self._terms)
        ]


def trends_with(terms: Sequence[Term], at: datetime.date) -> list[set[int] | None]:
    """Return the trends published on a day that contain each term, None for common ones.

    Two queries, one if all are common.
    """
    common = common_terms(terms)
    found: list[set[int] | None] = [None if n in common else set() for n in range(len(terms))]
    rare = [number for number in range(len(terms)) if number not in common]
    for number, trend, *_where in _matching(terms, rare, at, ()) if rare else ():
        held = found[number]
        assert held is not None
        held.add(trend)
    return found


def _matching(
    terms: Sequence[Term],
    numbers: Collection[int],
    at: datetime.date,
    kinds: Collection[str],
    among: Sequence[int] | None = None,
) -> QuerySet[Any, tuple[int, int, int, int | None, int]]:
    """Return (index of the term, trend, kinds, best weight, number of documents).

    For the terms of these indexes; `among` are trends whose documents are read.
    """
    counted = Q(kind__in=kinds) if kinds else None
    bit = Case(*(When(kind=kind, then=bit) for kind, bit in _BITS.items()))
    parts = [
        SearchDocument.objects.for_readers(at)
        .filter(
            Q(terms__matches=terms[number])
            if among is None
            else Q(trend__in=among, terms__holds=terms[number])
        )
        .order_by()
        .values("trend")
        .annotate(
            kinds=Sum(bit, distinct=True, output_field=IntegerField()),
            best=Max("weight", filter=counted),
            often=Count("pk", filter=counted),
            number=Value(number),
        )
        .values_list("number", "trend", "kinds", "best", "often")
        for number in numbers
    ]
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
