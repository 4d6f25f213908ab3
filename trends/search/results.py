"""What a search finds: one interface, the same results whatever the database.

A trend is found where each term stands in some of its texts, in any language. Those whose titles
hold the terms come first, then those whose texts do, then those that only quote them.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.utils import timezone

from trends.search.facets import Choice, Facets
from trends.search.hits import Hit, hits_of
from trends.search.matches import Matches
from trends.search.spelling import similar_words
from trends.search.terms import Term, placed_terms_of, terms_of

TRENDS_A_PAGE = 10
LONGEST_QUERY = 200
"""In characters."""
_MOST_MISSPELLED = 3


@dataclass(frozen=True)
class SearchResults:
    """What was found for a query.

    `total` counts the trends, `unfiltered` those there are without what narrows them, and `found`
    those that hold the terms, of which there may be more than are listed. Where a
    query finds none, `suggestion` is the query as it may have been meant, which finds some, and
    `alone` tells how many trends hold each of its terms.
    """

    query: str
    terms: list[Term]
    page: Page
    facets: dict[str, list[Choice]] = field(default_factory=dict)
    unfiltered: int = 0
    found: int = 0
    suggestion: str = ""
    alone: list[tuple[str, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def is_cut(self) -> bool:
        """Were more trends found than are listed?"""
        return self.found > self.unfiltered

    @property
    def hits(self) -> list[Hit]:
        return self.page.object_list


def search(
    query: str,
    language: str,
    *,
    chosen: Mapping[str, str] | None = None,
    page: str | int = 1,
    at: datetime.date | None = None,
) -> SearchResults:
    """The trends published on a day, today unless told, that hold the terms of a query.

    `chosen` narrows them by `FACETS`; `language` is the reader's. Takes so many queries,
    whatever is found.
    """
    at = at or timezone.localdate()
    chosen = {name: value for name, value in (chosen or {}).items() if value}
    terms = terms_of(query)
    nothing = Paginator([], TRENDS_A_PAGE).get_page(1)
    if not terms:
        return SearchResults(query, terms, nothing)
    matches = Matches(terms, at, chosen.get("kind", ""))
    if not matches.trends():
        return SearchResults(
            query,
            terms,
            nothing,
            suggestion=_suggestion(query, terms, matches, at),
            alone=matches.alone() if len(terms) > 1 else [],
        )
    facets = Facets(matches, chosen)
    ranked = Paginator(facets.ranked(), TRENDS_A_PAGE).get_page(page)
    ranked.object_list = hits_of(ranked.object_list, terms, language, chosen.get("kind", ""), at)
    return SearchResults(
        query,
        terms,
        ranked,
        facets=facets.choices(),
        unfiltered=facets.total,
        found=len(matches.trends()),
    )


def _suggestion(query: str, terms: Sequence[Term], matches: Matches, at: datetime.date) -> str:
    """Return the query with its unknown words respelled, or an empty text.

    A suggestion has been searched for: it finds at least one trend. One query for all candidates,
    one to check the suggestion, and for each unknown word those of `similar_words`.
    """
    unknown = [number for number in range(len(terms)) if not matches.holding(number)]
    if not unknown or len(unknown) > _MOST_MISSPELLED:
        return ""
    words = {number: similar_words(terms[number]) for number in unknown}
    if not all(words.values()):
        return ""
    tried = [term for found in words.values() for word in found for term in terms_of(f'"{word}"')]
    spelled = Matches(tried, at)
    holding = {term.text: spelled.holding(number) for number, term in enumerate(tried)}
    left = [matches.holding(number) for number in range(len(terms)) if number not in unknown]
    respelled: dict[Term, str] = {}
    for number, found in words.items():
        fitting = (word for word in found if set.intersection(holding[word], *left))
        word = next(fitting, "")
        if not word:
            return ""
        left.append(holding[word])
        respelled[terms[number]] = word
    suggestion = _respelled(query, respelled)
    # Respelled words may be equal, so that terms beyond the limit come into play.
    if len(suggestion) > LONGEST_QUERY or not Matches(terms_of(suggestion), at).trends():
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
