"""Updating the search index, in the transaction that changes the rows."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from trends.models import Trend
from trends.search.documents import documents_of
from trends.search.models import SearchDocument, SearchWord, TrendWords
from trends.search.terms import spelled_words_of
from trends.search.trend_words import store_words

_TRENDS_AT_ONCE = 50
_IDENTITY = ("trend_id", "kind", "object_id", "anchor", "language", "weight", "text")

_waiting: ContextVar[set[int] | None] = ContextVar("waiting", default=None)


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
    token = _waiting.set(set())
    try:
        yield
    finally:
        _waiting.reset(token)


def index_trends(pks: Iterable[int]) -> None:
    """Index trends in batches of fifty, or queue them within `indexed_once()`.

    The number of queries of a batch does not grow with its trends.
    """
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
        tuple(identity): pk
        for pk, *identity in SearchDocument.objects.filter(trend__in=pks).values_list(
            "pk", *_IDENTITY
        )
    }
    new = {}
    for document in documents_of(pks):
        identity = tuple(getattr(document, name) for name in _IDENTITY)
        if saved.pop(identity, None) is None:
            new[identity] = document
    if saved:
        SearchDocument.objects.filter(pk__in=saved.values()).delete()
    words: set[str] = set()
    for document in new.values():
        words |= spelled_words_of(document.text)
    SearchDocument.objects.bulk_create(new.values())
    if saved or new:
        store_words(pks)
    SearchWord.objects.bulk_create(
        [SearchWord(word=word) for word in sorted(words)], ignore_conflicts=True
    )
