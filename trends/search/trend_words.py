"""Queries for the trends that contain common words, without reading their documents.

A word in fifty thousand trends is in a million documents. These queries read one row for each trend
instead, and end as soon as enough trends are found. A trend matches a phrase if it has all words of
the phrase, in any place, since only documents have positions of words.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from trends.queries.inserting import create
from trends.search.models import SearchDocument, TrendWords, Weight
from trends.search.terms import Phrase, Term

MOST_TRENDS = 1000
"""A term that more trends contain is common."""


_Words = dict[int, tuple[list[str], list[str]]]
"""The distinct words of the titles, and of all documents, of each trend."""


def store_words(pks: Collection[int], added: Iterable[tuple[int, int, list[str]]]) -> None:
    """Replace the stored words of trends by those of their documents. At most three queries.

    `added` has trend, weight and words of the documents of trends that had none before.
    """
    TrendWords.objects.filter(trend__in=pks).delete()
    found = _by_trend(added)
    if others := set(pks) - found.keys():
        found |= words_by_trend(SearchDocument.objects.filter(trend__in=others))
    rows = [TrendWords(trend_id=pk, title_words=of[0], words=of[1]) for pk, of in found.items()]
    create(TrendWords, rows)


def words_by_trend(documents: QuerySet[Any]) -> _Words:
    """Return the words of the trends of some documents. One query."""
    return _by_trend(documents.order_by().values_list("trend_id", "weight", "terms"))


def _by_trend(documents: Iterable[tuple[int, int, list[str]]]) -> _Words:
    titles: dict[int, set[str]] = defaultdict(set)
    words: dict[int, set[str]] = defaultdict(set)
    for trend, weight, terms in documents:
        words[trend].update(terms)
        if weight == Weight.TITLE:
            titles[trend].update(terms)
    return {pk: (sorted(titles[pk]), sorted(words[pk])) for pk in sorted(words)}


def common_terms(terms: Sequence[Term]) -> set[int]:
    """Return the indexes of the terms that more than `MOST_TRENDS` trends contain. One query."""
    arms: list[str] = []
    params: list[Any] = []  # texts, numbers and a day
    for number, term in enumerate(terms):
        found = _matching([term])
        arms.append(
            f"SELECT {number}, COUNT(*) FROM (SELECT 1 FROM {found.table} AS found "
            f"WHERE {found.condition} LIMIT %s) AS matching"
        )
        params += [found.words, MOST_TRENDS + 1]
    with connection.cursor() as cursor, _by_index():
        cursor.execute(" UNION ALL ".join(arms), params)
        return {number for number, count in cursor.fetchall() if count > MOST_TRENDS}


def trends_with_all(terms: Sequence[Term], at: datetime.date, most: int) -> tuple[list[int], bool]:
    """Return trends published on a day that contain all terms, and whether there are others.

    At most `most` trends: first those with all terms in their titles, then others, and within both
    groups those added last. One query.
    """
    arms: list[str] = []
    params: list[Any] = []
    for place, are_titles in enumerate((True, False)):
        found = _matching(terms, are_titles=are_titles)
        # SQLite reads tables in the order of a CROSS JOIN, here from the newest row on.
        arms.append(
            f"SELECT {place} AS place, pk FROM (SELECT {found.key} AS pk "
            f"FROM {found.table} AS found CROSS JOIN trends_trend AS trend "
            f"WHERE {found.condition} AND trend.id = {found.key} AND trend.published <= %s "
            f"ORDER BY {found.key} DESC LIMIT %s) AS matching"
        )
        params += [found.words, at, most + 1]
    with connection.cursor() as cursor, _by_index():
        cursor.execute(f"{' UNION ALL '.join(arms)} ORDER BY place, pk DESC", params)
        pks = list(dict.fromkeys(pk for _place, pk in cursor.fetchall()))
    return pks[:most], len(pks) > most


@contextmanager
def _by_index() -> Iterator[None]:
    """Let PostgreSQL use the index in the block, if it is in a transaction.

    It takes all words of a trend for cheap to read, which are stored apart from their row, and
    would read those of all trends to find a rare word.
    """
    if connection.vendor != "postgresql" or not connection.in_atomic_block:
        yield
        return
    setting: Any = connection.connection  # without Django's cursor, to which it is no query
    setting.execute("SET LOCAL enable_seqscan = off")
    yield
    setting.execute("SET LOCAL enable_seqscan = on")


class _Matching(NamedTuple):
    """The condition of a query for trends, with its parameter; their primary keys are `key`."""

    table: str
    key: str
    condition: str
    words: str


def _matching(terms: Sequence[Term], *, are_titles: bool = False) -> _Matching:
    """Return the condition for the trends, or titles, that have the words of all terms."""
    column = "title_words" if are_titles else "words"
    if connection.vendor == "postgresql":
        words = " & ".join(f"({' | '.join(map(_tsquery, term.phrases))})" for term in terms)
        condition = f"found.{column} @@ %s::tsquery"
        return _Matching("trends_trendwords", "found.trend_id", condition, words)
    words = " AND ".join(f"({' OR '.join(map(_fts5_query, term.phrases))})" for term in terms)
    condition = "found.trends_trendindex MATCH %s"
    return _Matching("trends_trendindex", "found.rowid", condition, f"{{{column}}} : ({words})")


def _tsquery(phrase: Phrase) -> str:
    words = " & ".join(f"'{word}'" for word in phrase.words)
    return f"({words}:*)" if phrase.is_beginning else f"({words})"


def _fts5_query(phrase: Phrase) -> str:
    words = " AND ".join(f'"{word}"' for word in phrase.words)
    return f"({words}*)" if phrase.is_beginning else f"({words})"
