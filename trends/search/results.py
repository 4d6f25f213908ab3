"""The results of a search, which are the same on both databases.

A trend is found if each term occurs in one of its texts, in any language. Trends whose titles
contain the terms come first, then those with them in texts, then those with them in quotations.
"""

import datetime
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from trends.models import Trend
from trends.queries.facets import Facet, count_facets, level_choices
from trends.queries.filters import FACETS, filtered, frozen
from trends.search.hits import Hit, hits_of
from trends.search.matches import SearchMatches, trends_with
from trends.search.models import DocumentKind
from trends.search.spelling import similar_words
from trends.search.terms import Term, placed_terms_of, terms_of
from trendsite.shared import days

TRENDS_A_PAGE = 10
LONGEST_QUERY = 200
"""In characters."""
_MOST_MISSPELLED = 3


@dataclass(frozen=True)
class SearchResults:
    """The trends found for a query. Those of one page are hits."""

    query: str
    terms: list[Term]
    page: Page[int]
    """The primary keys of the trends, the best match first."""
    hits: list[Hit] = field(default_factory=list)
    facets: list[Facet] = field(default_factory=list)
    unfiltered: int = 0
    """The number of trends found without filters."""
    is_cut: bool = False
    """Whether there may be more trends than could be read."""
    suggestion: str = ""
    """If nothing was found, a similar query that finds something; else empty."""
    alone: list[tuple[str, int | None]] = field(default_factory=list)
    """If nothing was found for several terms, each term with the number of trends that contain it.

    The number is None for a term that is common.
    """

    @property
    def total(self) -> int:
        """Return the number of trends that were found with the filters."""
        return self.page.paginator.count


def search(
    query: str,
    language: str,
    *,
    chosen: Mapping[str, Collection[str | int]] | None = None,
    page: str | int | None = 1,
    at: datetime.date | None = None,
) -> SearchResults:
    """Return the trends published on a day that contain the terms of a query.

    Args:
        language: the language of the reader.
        chosen: filters by values of `FACETS`, and of "kind", the `DocumentKind` of a text that
            contains all terms.
        page: the number of the page.
        at: the day, by default today.

    Fourteen queries if something is found, one more if a term is common, otherwise fewer.
    """
    at = at or days.today()
    chosen = dict(chosen or {})
    kinds = set(map(str, chosen.pop("kind", ())))
    terms = terms_of(query)
    nothing = Paginator[int]([], TRENDS_A_PAGE).get_page(1)
    if not terms:
        return SearchResults(query, terms, nothing)
    matches = SearchMatches(terms, at, kinds)
    if not matches.trends():
        return SearchResults(
            query,
            terms,
            nothing,
            suggestion=_suggestion(query, terms, matches, at),
            alone=matches.alone() if len(terms) > 1 else [],
            is_cut=matches.is_cut,
        )
    found = matches.trends()
    of_kinds = {pk for pk in found if not kinds or matches.kinds(pk) & kinds}
    trends = filtered(Trend.objects.filter(pk__in=found), frozen(chosen, FACETS))
    ranked = _ranked(trends, matches)
    shown = Paginator([pk for pk in ranked if pk in of_kinds], TRENDS_A_PAGE).get_page(page)
    return SearchResults(
        query,
        terms,
        shown,
        hits=hits_of(list(shown), terms, language, kinds, at),
        facets=[
            *_kind_facets(matches, ranked, kinds),
            *count_facets(chosen, of_kinds),
        ],
        unfiltered=len(found),
        is_cut=matches.is_cut,
    )


def _ranked(trends: QuerySet[Trend], matches: SearchMatches) -> list[int]:
    """Return the primary keys of trends, the best match first, then the latest published."""

    def rank(row: tuple[int, datetime.date | None, str]) -> tuple[int, int, int, str]:
        pk, published, slug = row
        best, often = matches.score(pk)
        assert published  # only published trends are searched
        return -best, -often, -published.toordinal(), slug

    rows = trends.order_by().values_list("pk", "published", "slug")
    return [pk for pk, _published, _slug in sorted(rows, key=rank)]


def _kind_facets(
    matches: SearchMatches, trends: Collection[int], chosen: Collection[str]
) -> list[Facet]:
    """Return the facet of the kinds of text that contain all terms, or no facet without any."""
    counts = Counter(kind for pk in trends for kind in matches.kinds(pk))
    choices = [
        choice
        for choice in level_choices(DocumentKind, counts, chosen)
        if choice.count or choice.is_chosen
    ]
    return [Facet("kind", _("Found in"), choices)] if choices else []


def _suggestion(
    query: str, terms: Sequence[Term], matches: SearchMatches, at: datetime.date
) -> str:
    """Return the query with its unknown words corrected, or an empty text.

    A suggestion always finds at least one trend. Two queries for all candidates, those of
    `SearchMatches` to check the suggestion, and for each unknown word those of `similar_words()`.
    """
    unknown = [number for number in range(len(terms)) if matches.holding(number) == set()]
    if not unknown or len(unknown) > _MOST_MISSPELLED:
        return ""
    words = {number: similar_words(terms[number], at) for number in unknown}
    if not all(words.values()):
        return ""
    tried = [term for found in words.values() for word in found for term in terms_of(f'"{word}"')]
    holding = {term.text: found for term, found in zip(tried, trends_with(tried, at), strict=True)}
    # A term that is common excludes nothing here; the suggestion is searched for all the same.
    known = (matches.holding(number) for number in range(len(terms)) if number not in unknown)
    left = [trends for trends in known if trends is not None]
    respelled: dict[Term, str] = {}
    for number, found in words.items():
        fitting = (
            word
            for word in found
            if (held := holding[word]) is None or set.intersection(held, *left)
        )
        word = next(fitting, "")
        if not word:
            return ""
        if (held := holding[word]) is not None:
            left.append(held)
        respelled[terms[number]] = word
    suggestion = _respelled(query, respelled)
    # Corrected words may be equal, so that terms beyond the limit are searched for as well.
    if len(suggestion) > LONGEST_QUERY or not SearchMatches(terms_of(suggestion), at).trends():
        return ""
    return suggestion


def _respelled(query: str, words: Mapping[Term, str]) -> str:
    """Return the query with each occurrence of the given terms replaced by a word."""
    parts, end = [], 0
    for placed in placed_terms_of(query):
        if placed.term in words:
            parts += [query[end : placed.start], words[placed.term]]
            end = placed.end
    return "".join([*parts, query[end:]])
