"""Updating the search index, in the transaction that changes the rows."""

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction

from trends.models import Trend
from trends.queries.inserting import insert
from trends.search.documents import Document, documents_of
from trends.search.models import SearchDocument, SearchWord, TrendWords
from trends.search.terms import spelled_words_of, words_of
from trends.search.trend_words import store_words

_TRENDS_AT_ONCE = 50

_waiting: ContextVar[set[int] | None] = ContextVar("waiting", default=None)
_is_disabled: ContextVar[bool] = ContextVar("is_disabled", default=False)


@contextmanager
def indexed_once() -> Iterator[None]:
    """Defer the indexing of trends to the end of the block, so that each is indexed once.

    Use it inside the transaction that changes the trends.
    """
    if _waiting.get() is not None:
        yield
        return
    token = _waiting.set(set())
    try:
        yield
        pks = _waiting.get()
    finally:
        _waiting.reset(token)
    index_trends(pks or ())


@contextmanager
def without_indexing() -> Iterator[None]:
    """Do not update the index during the block.

    For saves that are rolled back, such as previews, and for tests without searches.
    """
    token = _is_disabled.set(True)
    try:
        yield
    finally:
        _is_disabled.reset(token)


def index_trends(pks: Iterable[int]) -> None:
    """Index trends in batches of fifty, or queue them within `indexed_once()`.

    The number of queries of a batch does not grow with its trends.
    """
    if _is_disabled.get():
        return
    if (waiting := _waiting.get()) is not None:
        waiting.update(pks)
        return
    ordered = sorted(set(pks))
    for start in range(0, len(ordered), _TRENDS_AT_ONCE):
        _index(ordered[start : start + _TRENDS_AT_ONCE])


@transaction.atomic
def rebuild() -> int:
    """Delete the index and build it again; return the number of trends."""
    for model in (SearchDocument, SearchWord, TrendWords):
        model.objects.all().delete()
    pks = list(Trend.objects.values_list("pk", flat=True))
    index_trends(pks)
    return len(pks)


@transaction.atomic
def _index(pks: list[int]) -> None:
    """Replace the documents of trends that differ, and keep the others."""
    # Locked, so that of two transactions the second reads the rows that the first wrote.
    locked = Trend.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk")
    pks = list(locked.values_list("pk", flat=True))
    saved = {
        Document(*identity): pk
        for pk, *identity in SearchDocument.objects.filter(trend__in=pks).values_list(
            "pk", *Document._fields
        )
    }
    known = {document.trend_id for document in saved}
    new = dict.fromkeys(
        document for document in documents_of(pks) if saved.pop(document, None) is None
    )
    if saved:
        SearchDocument.objects.filter(pk__in=saved.values()).delete()
    words = _add(new) if new else {}
    if saved or new:
        store_words(
            pks,
            (
                (document.trend_id, document.weight, words[document.text])
                for document in new
                if document.trend_id not in known
            ),
        )


def _add(documents: Collection[Document]) -> dict[str, list[str]]:
    """Add documents; return their words by text. Two queries, and one for each thousand more.

    Without bulk_create(), which takes as long as all else that is done for the index: a trend has
    some hundred documents and several hundred words, most of which are there already.
    """
    terms: Any = SearchDocument._meta.get_field("terms")
    # Trends share tags, experts and sources.
    indexed = {
        text: (words_of(text), spelled_words_of(text))
        for text in {document.text for document in documents}
    }
    columns = ", ".join([*Document._fields, "terms"])
    rows = [
        (*document, terms.get_db_prep_value(indexed[document.text][0], connection))
        for document in documents
    ]
    insert(f"{SearchDocument._meta.db_table} ({columns})", rows)
    # In one order, so that two transactions do not wait for each other.
    words: Any = sorted(set().union(*(spelled for _words, spelled in indexed.values())))
    listed = "unnest(%s::text[]) AS given (value)"
    if connection.vendor == "sqlite":
        words, listed = json.dumps(words), "json_each(%s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SearchWord._meta.db_table} (word) SELECT value FROM {listed} "
            "WHERE true ON CONFLICT DO NOTHING",
            [words],
        )
    return {text: words for text, (words, _spelled) in indexed.items()}
