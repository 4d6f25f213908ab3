"""Building what readers see of found trends: titles and the best passages of their texts."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet, Value

from quotes.models import Expert, Mention
from trends.models import Trend
from trends.queries.compiled import CompiledRows, listed
from trends.search.models import DocumentKind, SearchDocument, Weight
from trends.search.passages import TextPart, marked, passage
from trends.search.terms import Term
from trendsite.shared.translated import TranslatedText, translated

PASSAGES_A_TREND = 3
# How many documents the passages are chosen from: enough to have some in the reader's language.
_DOCUMENTS_A_TREND = 24

# Anchors of texts that have no permanent link of their own.
_ANCHORS = {
    DocumentKind.RETIREMENT: "retired",
    DocumentKind.SHIFT: "shift",
    DocumentKind.FALSIFIER: "falsifiers",
    DocumentKind.EXPERT: "mentions",
    DocumentKind.VIDEO: "mentions",
    DocumentKind.SOURCE: "sources",
}


@dataclass(frozen=True)
class Passage:
    """A part of a trend's text that contains a term."""

    kind: DocumentKind
    language: str
    parts: list[TextPart]
    speaker: Expert | None = None
    """Who said it, of a quotation."""
    is_other_language: bool = False
    anchor: str = ""
    """The fragment of its place on the trend's page; empty for the head of the page."""


@dataclass(frozen=True)
class Hit:
    """A trend that was found, with its title in parts and its passages."""

    trend: Trend
    title: list[TextPart]
    language: str
    """The language of the title where it is not the reader's; else empty."""
    passages: list[Passage]


@dataclass(frozen=True)
class _Found:
    """A document, and the indexes of the terms it contains."""

    document: SearchDocument
    held: set[int]


@CompiledRows
def _trends(at: datetime.date) -> QuerySet[Trend]:
    return Trend.objects.filter(pk__in=listed("found")).with_movement(at)


@CompiledRows
def _mentions() -> QuerySet[Mention]:
    return Mention.objects.filter(pk__in=listed("found")).select_related("expert").order_by()


@CompiledRows
def _documents() -> QuerySet[SearchDocument]:
    return SearchDocument.objects.filter(pk__in=listed("found")).defer("terms").order_by()


def hits_of(
    pks: Sequence[int],
    terms: Sequence[Term],
    language: str,
    kinds: Collection[str],
    at: datetime.date,
) -> list[Hit]:
    """Return a hit for each trend, in the order of `pks`, as published on a day. Five queries.

    With `kinds`, passages are from texts of these kinds only.
    """
    if not pks:
        return []
    trends = {trend.pk: trend for trend in _trends.fetch(at, found=pks)}
    found: dict[int, list[_Found]] = defaultdict(list)
    for each in _best_documents(pks, terms, language, kinds, at):
        found[each.document.trend_id].append(each)
    chosen = {
        pk: _chosen_documents(found[pk], len(terms), translated(trends[pk], "title", language))
        for pk in pks
    }
    quoted = {
        document.object_id
        for documents in chosen.values()
        for document in documents
        if document.kind == DocumentKind.MENTION
    }
    speakers = {mention.pk: mention.expert for mention in _mentions.fetch(found=quoted)}
    hits = []
    for pk in pks:
        title = translated(trends[pk], "title", language)
        passages = [
            Passage(
                DocumentKind(document.kind),
                document.language,
                passage(document.text, terms),
                speakers.get(document.object_id) if document.kind == DocumentKind.MENTION else None,
                document.language not in ("", language),
                document.anchor or _ANCHORS.get(DocumentKind(document.kind), ""),
            )
            for document in chosen[pk]
        ]
        hits.append(
            Hit(
                trends[pk],
                marked(title.text, terms),
                title.language if title.is_fallback else "",
                passages,
            )
        )
    return hits


def _best_documents(
    pks: Sequence[int],
    terms: Sequence[Term],
    language: str,
    kinds: Collection[str],
    at: datetime.date,
) -> list[_Found]:
    """Return the documents of each trend that contain most of the terms. Two queries.

    Ordered by weight, then those in the reader's language first, then as on the trend's page.
    """
    held: dict[int, set[int]] = defaultdict(set)
    rows = {}
    for number, *row in _holding(pks, terms, kinds, at):
        held[row[0]].add(number)
        rows[row[0]] = row
    places = {value: place for place, value in enumerate(DocumentKind.values)}

    def key(row: list[Any]) -> tuple[object, ...]:
        pk, trend, its_kind, object_id, its_language, weight = row
        in_language = its_language == language
        place = places[its_kind]
        return (trend, -len(held[pk]), -weight, not in_language, place, object_id, its_language, pk)

    best = [
        row[0]
        for _trend, on_trend in groupby(sorted(rows.values(), key=key), key=itemgetter(1))
        for row in islice(on_trend, _DOCUMENTS_A_TREND)
    ]
    documents = {document.pk: document for document in _documents.fetch(found=best)}
    return [_Found(documents[pk], held[pk]) for pk in best]


def _holding(
    pks: Sequence[int], terms: Sequence[Term], kinds: Collection[str], at: datetime.date
) -> QuerySet[Any, Any]:
    """Return (index of a term, document, columns to order by) for each matching document."""
    documents = SearchDocument.objects.for_readers(at).filter(trend__in=pks)
    if kinds:
        documents = documents.filter(kind__in=kinds)
    parts = [
        documents.filter(terms__holds=term)
        .order_by()
        .annotate(number=Value(number))
        .values_list("number", "pk", "trend", "kind", "object_id", "language", "weight")
        for number, term in enumerate(terms)
    ]
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def _chosen_documents(
    found: Sequence[_Found], terms: int, title: TranslatedText
) -> list[SearchDocument]:
    """Return the documents for the passages of a trend: first those that add a term, then others.

    Each row is shown in one language only. The title is left out, since it is the heading.
    """
    rest = [
        each
        for each in found
        if not (each.document.weight == Weight.TITLE and each.document.text == title.text)
    ]
    chosen: list[SearchDocument] = []
    missing = set(range(terms))
    shown: set[tuple[str, int]] = set()
    for is_needed in (True, False):
        for each in rest:
            document, held = each.document, missing & each.held
            row = (document.kind, document.object_id)
            if len(chosen) < PASSAGES_A_TREND and row not in shown and (held or not is_needed):
                chosen.append(document)
                shown.add(row)
                missing -= held
    return chosen
