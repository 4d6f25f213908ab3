"""Reading the documents of a file to unsaved rows.

docs/fixture-format.md describes the format.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from quotes.models import Expert, Mention, Source, Video
from quotes.moments import parse_moment
from quotes.platforms import read_video_address
from trends.editing.rules import check_marks, check_newest_assessment
from trends.fixture_format.file_contents import (
    Cited,
    EvidenceDocument,
    MentionEntry,
    SluggedRow,
    SlugReference,
    TimelineItem,
    TrendDocument,
    VocabularyEntry,
)
from trends.fixture_format.image_files import read_image
from trends.fixture_format.nodes import Node
from trends.fixture_format.row_formats import (
    ASSESSMENT,
    DRIVER,
    EXPERT,
    FALSIFIER,
    IMPLICATION,
    MENTION,
    SOURCE,
    TIMELINE_ENTRY,
    TREND,
    VIDEO,
    RowFormat,
)
from trends.fixture_format.rows import RowReader, blank, by_language, is_true, read_row
from trends.levels import OUTCOMES, EntryKind
from trends.models import (
    MARKED_TEXTS,
    Assessment,
    Audience,
    Driver,
    Falsifier,
    Implication,
    TimelineEntry,
    Trend,
)
from trends.models.earlier_outcomes import EarlierOutcome
from trendsite.shared.images.uploads import CleanImage
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.permanent_keys import KeyedModel, numbered
from trendsite.shared.translated import translations
from trendsite.shared.web_addresses import comparable

_Model = TypeVar("_Model", bound=models.Model)

VOCABULARY_KEYS = ["tags", "audiences", "experts"]
EVIDENCE_KEYS = ["sources", "videos", "mentions"]

_VIDEO = replace(VIDEO, keys=["url", *VIDEO.keys])
_VIDEO_AT_URL = replace(_VIDEO, required=())


def read_vocabulary(node: Node) -> list[VocabularyEntry]:
    """Read a vocabulary or experts file."""
    entries: list[VocabularyEntry] = []
    parts = node.fields(VOCABULARY_KEYS)
    for key, value in _pairs(parts.get("tags")):
        entries.append(_labelled(blank(Tag, slug=key.text()), key, value))
    for order, (key, value) in enumerate(_pairs(parts.get("audiences"))):
        entries.append(_labelled(blank(Audience, slug=key.text(), order=order), key, value))
    for key, value in _pairs(parts.get("experts")):
        expert, more = read_row(blank(Expert, slug=key.text()), value, EXPERT, slug=key)
        entries.append(VocabularyEntry(expert, key, _formerly(more.get("formerly"), expert)))
    return entries


def read_trend(node: Node, folder: Path | None) -> TrendDocument:
    """Read the file of a trend. Names of images are relative to `folder`."""
    return _TrendReader(node, folder).read()


def read_evidence(node: Node, folder: Path | None) -> EvidenceDocument:
    """Read a file of evidence that belongs to no trend. Image names are resolved in `folder`."""
    return _EvidenceReader(node, folder).read()


class _Reader:
    """Reads sources and mentions into a document, with what else their kind of file has."""

    _document: EvidenceDocument
    _fields: dict[str, Node]

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        # A video is often quoted twice; its image is decoded once.
        self._images: dict[str, CleanImage | None] = {}

    def _items(self, key: str) -> list[Node]:
        return _items(self._fields.get(key))

    def _note_key(self, row: KeyedModel, fields: dict[str, Node]) -> None:
        """Store the permanent key that the file gives a row. A repeated key is a mistake."""
        given, node = self._document.given_keys[type(row)], fields.get("key")
        if node and row.key in given:
            node.mistake(
                _("“%(key)s” is already on line %(line)d")
                % {"key": row.key, "line": given[row.key].line}
            )
        elif node and row.key:
            given[row.key] = node

    # Sources, and references to them by the file's keys

    def _read_sources(self) -> None:
        pages: dict[str, str] = {}
        for key, value in _pairs(self._fields.get("sources")):
            row, _more = read_row(blank(Source, key=key.text()), value, SOURCE, key=key)
            row.compared_url = page = comparable(row.url)
            if page and page in pages:
                value.mistake(
                    _("is the same page as “%(key)s”; cite that one") % {"key": pages[page]}
                )
            pages.setdefault(page, row.key)
            self._document.sources[row.key] = row
            self._document.source_nodes[row.key] = value

    def _source_key(self, node: Node | None) -> str:
        """Return the key of a source, "" without a node. An unknown key is a mistake."""
        key, known = node.text() if node else "", self._document.source_nodes
        if node and key and key not in known:
            message = _("unknown source “%(key)s”") % {"key": key}
            node.mistake(message + node.suggestion(key, known))
        return key

    # Mentions and videos

    def _read_mentions(self) -> None:
        entries = self._document.mentions
        seen: dict[tuple[str, str], int] = {}
        for item in self._items("mentions"):
            reader = RowReader(blank(Mention), item)
            row, fields = reader.row, reader.fill(MENTION)
            video, image = None, None
            if "video" in fields:
                video, image, row.start = self._read_video(fields["video"])
                row.video = video  # unsaved, for the validation by the model
            reader.validate()
            if "expert" not in fields:
                continue
            expert = SlugReference(fields["expert"].text(), fields["expert"])
            row.expert = blank(Expert, slug=expert.slug)  # unsaved, for deriving the key
            identity = (expert.slug, row.words_digest)
            if row.original and identity in seen:
                item.mistake(
                    _("this quotation is already on line %(line)d") % {"line": seen[identity]}
                )
                continue
            seen[identity] = item.line
            self._note_key(row, fields)
            entries.append(
                MentionEntry(
                    row=row,
                    expert=expert,
                    video=video,
                    video_node=fields.get("video"),
                    thumbnail=image,
                    source=self._source_key(fields.get("source")),
                    tags=_references(fields.get("tags")),
                    voice="voice" in fields and is_true(fields["voice"]),
                    node=item,
                )
            )
        _give_keys([entry.row for entry in entries])

    def _read_video(self, node: Node) -> tuple[Video, CleanImage | None, int | None]:
        """Read a video: an address, or a mapping with an address or with platform and id."""
        if not node.is_mapping:
            platform, video_id, second = node.parsed(read_video_address) or ("", "", None)
            return Video(platform=platform, video_id=video_id), None, second
        reader = RowReader(Video(), node)
        fields = reader.fill(_VIDEO_AT_URL if "url" in node.key_names() else _VIDEO)
        start = fields["start"].parsed(parse_moment) if "start" in fields else None
        if "url" in fields:
            for name in {"platform", "id"} & fields.keys():
                fields[name].mistake(_("write either “url” or “platform” and “id”"))
            if found := fields["url"].parsed(read_video_address):
                reader.row.platform, reader.row.video_id, second = found
                start = second if start is None else start
            else:
                reader.skip("platform", "video_id")
        reader.validate()
        image = None
        if "thumbnail" in fields:
            name = fields["thumbnail"].text()
            if self._images.get(name) is None:
                self._images[name] = read_image(fields["thumbnail"], self._folder)
            image = self._images[name]
        return reader.row, image, start


class _TrendReader(_Reader):
    """Reads the file of a trend to a document."""

    _document: TrendDocument

    def __init__(self, node: Node, folder: Path | None) -> None:
        super().__init__(folder)
        trend, self._fields = read_row(blank(Trend), node, TREND)
        self._document = TrendDocument(self._fields.get("trend", node), trend=trend)

    def read(self) -> TrendDocument:
        document, fields = self._document, self._fields
        self._read_sources()
        document.formerly = _formerly(fields.get("formerly"), document.trend)
        document.tags = _references(fields.get("tags"))
        document.related = self._other_trends("related", _("a trend cannot be related to itself"))
        document.successors = self._other_trends("successors", _("a trend cannot replace itself"))
        if document.successors and "retired" not in fields:
            fields["successors"].mistake(_("There are successors: enter the day, too."))
        document.shift_sources = self._cited(document.trend, fields, "shift_sources")
        document.drivers = [
            self._part(blank(Driver, order=order), item, DRIVER)
            for order, item in enumerate(self._items("drivers"))
        ]
        _give_keys([driver.row for driver in document.drivers])
        self._read_mentions()
        self._read_implications()
        self._read_timeline()
        self._read_assessments()
        document.falsifiers = [
            read_row(blank(Falsifier, order=order), item, FALSIFIER)[0]
            for order, item in enumerate(self._items("falsifiers"))
        ]
        document.reading = self._source_keys(fields.get("reading"))
        return document

    def _other_trends(self, key: str, message: str) -> list[SlugReference]:
        """Return references to other trends. A reference to the trend itself is a mistake."""
        found = _references(self._fields.get(key))
        for reference in found:
            if reference.slug == self._document.trend.slug:
                reference.node.mistake(message)
        return found

    def _part(self, row: _Model, node: Node, form: RowFormat) -> Cited[_Model]:
        """Read a row that cites sources."""
        row, fields = read_row(row, node, form)
        if isinstance(row, KeyedModel):
            self._note_key(row, fields)
        return Cited(row, self._cited(row, fields, "sources"))

    def _source_keys(self, node: Node | None) -> list[str]:
        """Return the keys of sources in a list."""
        return [self._source_key(item) for _key, item in _each_once(node)]

    def _cited(self, row: models.Model, fields: dict[str, Node], listed: str) -> list[str]:
        """Return the keys that a row lists, then further ones in the marks of its text.

        A mark of an unknown source is a mistake at the text of the language.
        """
        keys = self._source_keys(fields.get(listed))
        marked = MARKED_TEXTS[type(row)]
        if marked.field in fields:
            for _language, node in by_language(fields[marked.field]):
                with node.checked():
                    check_marks(marked.find(node.text()), self._document.source_nodes)
        return [*keys, *(key for key in marked.keys(row) if key not in keys)]

    def _read_implications(self) -> None:
        implications = self._document.implications
        seen: dict[str, int] = {}
        for item in self._items("implications"):
            fields = item.fields(["audience", "points"], ["audience", "points"])
            audience = SlugReference("", item)
            if "audience" in fields:
                audience = SlugReference(fields["audience"].text(), fields["audience"])
                if audience.slug in seen:
                    item.mistake(
                        _("this audience is already on line %(line)d")
                        % {"line": seen[audience.slug]}
                    )
                seen.setdefault(audience.slug, item.line)
            for point in _items(fields.get("points")):
                row = blank(Implication, order=len(implications))
                implications.append((audience, self._part(row, point, IMPLICATION)))
        _give_keys([point.row for _audience, point in implications])

    def _read_timeline(self) -> None:
        document = self._document
        mentions = {entry.row.key: entry for entry in document.mentions}
        for item in self._items("timeline"):
            reader = RowReader(blank(TimelineEntry), item)
            row, fields = reader.row, reader.fill(TIMELINE_ENTRY)
            row.earlier_outcomes = [
                earlier.to_column()
                for node in _items(fields.get("earlier_outcomes"))
                if (earlier := _read_earlier_outcome(node, row.kind))
            ]
            source = self._source_key(fields.get("source"))
            entry = TimelineItem(row, [source] if source else [], node=item)
            if "expert" in fields:
                entry.expert = SlugReference(fields["expert"].text(), fields["expert"])
                row.expert = blank(
                    Expert, slug=entry.expert.slug
                )  # unsaved, for the model's validation
            if "quotation" in fields:
                entry.quotation = fields["quotation"].text()
                _check_quotation(entry, fields["quotation"], mentions)
            row.source = document.sources.get(source)
            reader.validate()
            row.expert = row.source = None
            self._note_key(row, fields)
            document.timeline.append(entry)
        _give_keys([entry.row for entry in document.timeline])

    def _read_assessments(self) -> None:
        dates: dict[PartialDate, int] = {}
        rows: list[Assessment] = []
        for item in self._items("assessments"):
            cited = self._part(blank(Assessment), item, ASSESSMENT)
            self._document.assessments.append(cited)
            date = cited.row.date
            if date in dates:
                item.mistake(
                    _("an assessment with this date is already on line %(line)d")
                    % {"line": dates[date]}
                )
            if isinstance(date, PartialDate):  # otherwise a mistake was reported
                dates.setdefault(date, item.line)
                rows.append(cited.row)
        try:
            check_newest_assessment(self._document.trend, rows)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                place = self._fields.get(name, self._fields["assessments"])
                place.mistake(" ".join(messages))


class _EvidenceReader(_Reader):
    """Reads a file of evidence into a document."""

    def __init__(self, node: Node, folder: Path | None) -> None:
        super().__init__(folder)
        self._fields = node.fields(EVIDENCE_KEYS)
        self._document = EvidenceDocument(node)

    def read(self) -> EvidenceDocument:
        self._read_sources()
        self._read_mentions()
        for item in self._items("videos"):
            video, image, _start = self._read_video(item)
            self._document.lone_videos.append((video, image))
        return self._document


def _give_keys(rows: Sequence[KeyedModel]) -> None:
    """Set the permanent keys of rows that have none, in the order of the file."""
    keys = numbered([row.key for row in rows], [row.derived_key() for row in rows])
    for row, key in zip(rows, keys, strict=True):
        row.key = key


def _read_earlier_outcome(node: Node, kind: str) -> EarlierOutcome | None:
    """Read an item of `earlier_outcomes`; None if a mistake was found in it."""
    noted = len(node.mistakes)
    fields = node.fields(["outcome", "until", "settled", "note"], ["outcome", "until"])
    outcomes = OUTCOMES.get(EntryKind(kind), []) if kind in EntryKind.values else []
    outcome = fields["outcome"].one_of(outcomes) if "outcome" in fields else ""
    until, settled = (_read_past_date(fields.get(name)) for name in ("until", "settled"))
    notes = RowReader(TimelineEntry(), node)
    if "note" in fields:
        notes.translations("note", fields["note"])
    notes.row.tidy_texts()
    if len(node.mistakes) > noted or until is None:
        return None
    return EarlierOutcome(outcome, until, settled, translations(notes.row, "note"))


def _read_past_date(node: Node | None) -> PartialDate | None:
    date = node.parsed(PartialDate.parse) if node else None
    if node and date and date.first_day > timezone.localdate():
        node.mistake(_("This date is in the future: nothing is settled yet."))
    return date


def _check_quotation(entry: TimelineItem, node: Node, mentions: dict[str, MentionEntry]) -> None:
    mention = mentions.get(entry.quotation)
    if mention is None and entry.quotation:
        node.mistake(
            _("no mention of this file has the key “%(key)s”") % {"key": entry.quotation}
            + node.suggestion(entry.quotation, mentions)
        )
    elif mention and (entry.expert is None or entry.expert.slug != mention.expert.slug):
        node.mistake(_("This quotation is by somebody else."))


def _items(node: Node | None) -> list[Node]:
    return node.items() if node else []


def _pairs(node: Node | None) -> Iterable[tuple[Node, Node]]:
    return node.pairs() if node else ()


def _each_once(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield the texts of a list, each once. A repeated text is a mistake."""
    seen = set()
    for item in _items(node):
        text = item.text()
        if text in seen:
            item.mistake(_("“%(key)s” is already listed") % {"key": text})
        elif text:
            seen.add(text)
            yield text, item


def _references(node: Node | None) -> list[SlugReference]:
    """Return references to the slugs of a list."""
    return [SlugReference(slug, item) for slug, item in _each_once(node)]


def _formerly(node: Node | None, row: SluggedRow) -> list[SlugReference]:
    """Return the former slugs of a row."""
    found = _references(node)
    for reference in found:
        with reference.node.checked():
            row._meta.get_field("slug").run_validators(reference.slug)
        if reference.slug == row.slug:
            reference.node.mistake(_("“%(slug)s” is its slug now") % {"slug": row.slug})
    return found


def _labelled(row: Tag | Audience, key: Node, label: Node) -> VocabularyEntry:
    """Read a row of the vocabulary, whose key is its slug and whose value is its label."""
    reader = RowReader(row, key, slug=key)
    former = reader.translations("label", label, beside="formerly")
    reader.validate()
    return VocabularyEntry(row, key, _formerly(former, row))
