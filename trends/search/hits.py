"""The trends that were found as a reader sees them, with the best pieces of their texts."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter

from django.db.models import QuerySet, Value

from quotes.models import Expert, Mention
from trends.models import Trend
from trends.search.models import DocumentKind, SearchDocument, Weight
from trends.search.passages import Part, marked, passage
from trends.search.terms import Term
from trendsite.shared.translated import TranslatedText, translated

PASSAGES_A_TREND = 3
# From which those are chosen: enough that one in the reader's language is among them.
_DOCUMENTS_A_TREND = 24

# Of what has no link of its own.
_ANCHORS = {
    DocumentKind.RETIREMENT: "retired",
    DocumentKind.SHIFT: "shift",
    DocumentKind.EXPERT: "mentions",
    DocumentKind.VIDEO: "mentions",
    DocumentKind.SOURCE: "sources",
}


@dataclass(frozen=True)
class Passage:
    """A piece of a trend's text in which something was found; `speaker` of words quoted."""

    kind: DocumentKind
    language: str
    parts: list[Part]
    speaker: Expert | None = None
    is_other_language: bool = False
    anchor: str = ""  # where on the trend's page it stands; empty for its head


@dataclass(frozen=True)
class Hit:
    """A trend that was found, its title in parts, and its passages."""

    trend: Trend
    title: list[Part]
    title_language: str
    passages: list[Passage]


def hits_of(
    pks: Sequence[int], terms: Sequence[Term], language: str, kind: str, at: datetime.date
) -> list[Hit]:
    """The trends in their order, each with its best passages on a day. Six queries."""
    if not pks:
        return []
    trends = {trend.pk: trend for trend in Trend.objects.filter(pk__in=pks).for_list()}
    documents = defaultdict(list)
    for document in _best_documents(pks, terms, language, kind, at):
        documents[document.trend_id].append(document)
    chosen = {
        pk: _chosen_documents(documents[pk], len(terms), translated(trends[pk], "title", language))
        for pk in pks
    }
    quoted = {
        document.object_id
        for rows in chosen.values()
        for document in rows
        if document.kind == DocumentKind.MENTION
    }
    speakers = {
        mention.pk: mention.expert
        for mention in Mention.objects.filter(pk__in=quoted).select_related("expert")
    }
    found = []
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
        found.append(Hit(trends[pk], marked(title.text, terms), title.language, passages))
    return found


def _best_documents(
    pks: Sequence[int], terms: Sequence[Term], language: str, kind: str, at: datetime.date
) -> list[SearchDocument]:
    """Of each trend the documents that hold most of the terms. Two queries.

    In the order of their weight; of equal ones those in the reader's language first, and then as
    they stand on the page. Each has the numbers of the terms that it holds, as `held`.
    """
    held: dict[int, set[int]] = defaultdict(set)
    rows = {}
    for number, *row in _holding(pks, terms, kind, at):
        held[row[0]].add(number)
        rows[row[0]] = row
    places = {value: place for place, value in enumerate(DocumentKind.values)}

    def key(row: list) -> tuple:
        pk, trend, its_kind, object_id, its_language, weight = row
        in_language = its_language == language
        place = places[its_kind]
        return (trend, -len(held[pk]), -weight, not in_language, place, object_id, its_language, pk)

    best = [
        row[0]
        for _trend, on_trend in groupby(sorted(rows.values(), key=key), key=itemgetter(1))
        for row in islice(on_trend, _DOCUMENTS_A_TREND)
    ]
    documents = SearchDocument.objects.defer("terms").in_bulk(best)
    for pk, document in documents.items():
        document.held = held[pk]
    return [documents[pk] for pk in best]


def _holding(pks: Sequence[int], terms: Sequence[Term], kind: str, at: datetime.date) -> QuerySet:
    """(number of a term, the document, what it is ordered by) for each document of trends."""
    documents = SearchDocument.objects.for_readers(at)
    if kind:
        documents = documents.filter(kind=kind)
    parts = [
        documents.filter(terms__matches_on=(term, tuple(pks)))
        .order_by()
        .annotate(number=Value(number))
        .values_list("number", "pk", "trend", "kind", "object_id", "language", "weight")
        for number, term in enumerate(terms)
    ]
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def _chosen_documents(
    documents: Sequence[SearchDocument], terms: int, title: TranslatedText
) -> list[SearchDocument]:
    """The passages to show of a trend: first those that hold a term which none before held.

    A row is shown once, not in each language; and the title that is the heading not again.
    """
    rest = [
        document
        for document in documents
        if not (document.weight == Weight.TITLE and document.text == title.text)
    ]
    chosen: list[SearchDocument] = []
    missing = set(range(terms))
    shown: set[tuple[str, int]] = set()
    for is_needed in (True, False):
        for document in rest:
            row = (document.kind, document.object_id)
            held = missing & document.held
            if len(chosen) < PASSAGES_A_TREND and row not in shown and (held or not is_needed):
                chosen.append(document)
                shown.add(row)
                missing -= held
    return chosen
