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
from trends.search.terms import Term, terms_of

TRENDS_A_PAGE = 10
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
    """The query with the words that nobody wrote spelled as somebody did; it finds something."""
    unknown = [number for number in range(len(terms)) if not matches.holding(number)]
    if not unknown or len(unknown) > _MOST_MISSPELLED:
        return ""
    words = {number: similar_words(terms[number]) for number in unknown}
    tried = [term for found in words.values() for word in found for term in terms_of(f'"{word}"')]
    if not all(words.values()):
        return ""
    spelled = Matches(tried, at)
    holding = {term.text: spelled.holding(number) for number, term in enumerate(tried)}
    left = [matches.holding(number) for number in range(len(terms)) if number not in unknown]
    for number, found in words.items():
        fitting = (word for word in found if set.intersection(holding[word], *left))
        word = next(fitting, "")
        if not word:
            return ""
        left.append(holding[word])
        query = query.replace(terms[number].text, word, 1)
    return query
