"""Building the search documents of a trend, one for each row and language."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import models

from quotes.models import Expert, Mention, Source, Video
from trends.levels import EntryKind
from trends.models import Trend, unmarked
from trends.queries.citations import sources_by_trend
from trends.queries.forecasts import hold_back
from trends.queries.parts import keep_parts
from trends.search.models import DocumentKind, Weight
from trendsite.shared import days
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.text.markdown import without_readings
from trendsite.shared.translated import languages, translations
from trendsite.shared.writes import current_write

# Long texts are split: PostgreSQL stores at most 256 positions of a word, none above 16,383.
_LONGEST_TEXT = 4000

_KINDS = {
    EntryKind.EVENT: DocumentKind.TIMELINE,
    EntryKind.SCHEDULED: DocumentKind.SCHEDULED,
    EntryKind.FORECAST: DocumentKind.FORECAST,
}

_MARKDOWN = re.compile(
    r"""
    !?\[([^\]]*)\]\([^)]*\)                    # a link: keep its text
    | ^[ ]{0,3}(?:\#{1,6}|>|[-*+]|\d+[.)])[ ]+ # marks of headings, quotations and list items
    | [*`]+ | (?<!\w)_+ | _+(?!\w)             # emphasis and code
    """,
    re.VERBOSE | re.MULTILINE,
)


class Document(NamedTuple):
    """A document that is not saved: what identifies a `SearchDocument`, by its columns."""

    trend_id: int
    kind: str
    object_id: int
    anchor: str | None
    language: str
    weight: int
    text: str


def documents_of(pks: Collection[int]) -> Iterator[Document]:
    """Yield the unsaved documents of trends. At most eleven queries.

    At the end of a write most trends have been fetched for their versions.
    """
    write = current_write()
    # Any: a trend, with all its rows.
    fetched: dict[int, Any] = write.fetched.get(Trend, {}) if write else {}
    trends = list(Trend.objects.filter(pk__in=set(pks) - fetched.keys()))
    if trends:
        keep_parts(trends)
    trends += [fetched.pop(pk) for pk in pks if pk in fetched]
    sources = sources_by_trend(pks)
    for trend in trends:
        yield from _Documents(trend, sources.get(trend.pk, [])).all()


class _Documents:
    """The documents of one trend."""

    def __init__(self, trend: Trend, sources: Iterable[Source]) -> None:
        self._trend = trend
        self._sources = sources

    def all(self) -> Iterator[Document]:
        trend = self._trend
        yield from self._translated(DocumentKind.TITLE, trend, "title", weight=Weight.TITLE)
        yield from self._translated(DocumentKind.TITLE, trend, "subtitle")
        yield from self._translated(DocumentKind.KEY_POINTS, trend, "key_points", "confidence_of")
        yield from self._translated(DocumentKind.RETIREMENT, trend, "retired_note")
        yield from self._translated(DocumentKind.SHIFT, trend, "shift")
        for driver in trend.drivers.all():
            yield from self._translated(DocumentKind.DRIVER, driver, "heading", "body")
        for implication in trend.implications.all():
            yield from self._translated(DocumentKind.IMPLICATION, implication, "lead", "text")
        entries = list(trend.timeline.all())
        hold_back(entries, days.today())
        for entry in entries:
            kind = _KINDS[EntryKind(entry.kind)]
            yield from self._translated(kind, entry, "text", "note", "criterion")
        until = PartialDate.from_date(days.today())
        for assessment in trend.assessments.all():
            if assessment.date <= until:
                yield from self._translated(
                    DocumentKind.ASSESSMENT, assessment, "reason", "rationale"
                )
        for falsifier in trend.falsifiers.all():
            yield from self._translated(DocumentKind.FALSIFIER, falsifier, "text")
        mentions = [link.mention for link in trend.trend_mentions.all()]
        for mention in mentions:
            yield from self._mention(mention)
        for tag in self._tags(mentions):
            yield from self._translated(DocumentKind.TAG, tag, "label")
        for expert in {mention.expert for mention in mentions}:
            yield from self._expert(expert)
        for video in {mention.video for mention in mentions if mention.video}:
            yield from self._video(video)
        for source in self._sources:
            yield from self._source(source)

    def _tags(self, mentions: Iterable[Mention]) -> set[Tag]:
        on_mentions = {tag for mention in mentions for tag in mention.tag_rows}
        return on_mentions.union(self._trend.tag_rows)

    def _mention(self, mention: Mention) -> Iterator[Document]:
        weight = Weight.QUOTATION
        yield from self._pieces(
            DocumentKind.MENTION, mention, mention.language, mention.original, weight
        )
        yield from self._translated(
            DocumentKind.MENTION, mention, "translation", "occasion", weight=weight
        )

    def _expert(self, expert: Expert) -> Iterator[Document]:
        fields = ["name", "role", "affiliation"]
        yield from self._translated(
            DocumentKind.EXPERT, expert, *fields, weight=Weight.QUOTATION, between=" · "
        )

    def _video(self, video: Video) -> Iterator[Document]:
        text = " · ".join(filter(None, [str(video), video.channel]))
        yield from self._pieces(DocumentKind.VIDEO, video, "", text, Weight.QUOTATION)

    def _source(self, source: Source) -> Iterator[Document]:
        text = " · ".join(filter(None, [source.title, source.credit or source.host]))
        yield from self._pieces(
            DocumentKind.SOURCE, source, source.language, text, Weight.QUOTATION
        )
        yield from self._translated(
            DocumentKind.SOURCE, source, "description", weight=Weight.QUOTATION
        )

    def _translated(
        self,
        kind: DocumentKind,
        row: models.Model,
        *fields: str,
        weight: Weight = Weight.BODY,
        between: str = "\n",
    ) -> Iterator[Document]:
        """Yield one document for each language in which any of the fields has a text."""
        texts = [
            {code: unmarked(row, field, text) for code, text in translations(row, field).items()}
            for field in fields
        ]
        for language in languages():
            text = between.join(found[language] for found in texts if language in found)
            yield from self._pieces(kind, row, language, text, weight)

    def _pieces(
        self, kind: DocumentKind, row: models.Model, language: str, text: str, weight: Weight
    ) -> Iterator[Document]:
        if kind in (DocumentKind.SHIFT, DocumentKind.DRIVER):
            text = _MARKDOWN.sub(r"\1", without_readings(text))
        for start in range(0, len(text), _LONGEST_TEXT):
            yield Document(
                trend_id=self._trend.pk,
                kind=kind.value,
                object_id=row.pk,
                anchor=getattr(row, "anchor", None),
                language=language,
                weight=weight.value,
                text=text[start : start + _LONGEST_TEXT],
            )
