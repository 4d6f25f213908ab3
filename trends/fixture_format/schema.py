"""Read the documents of a fixture: which keys there are, how they nest, what they become.

The result is unsaved rows; docs/fixture-format.md describes the format.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from quotes.models import Expert, Mention, Source, Video
from quotes.moments import parse_moment
from quotes.platforms import VideoAddress, read_video_address
from trends.editing.rules import check_marks, check_newest_assessment, check_quotation
from trends.fixture_format.nodes import Node, suggestion
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
)
from trends.fixture_format.rows import RowReader, is_true, read_row
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
from trendsite.shared.images.uploads import CleanImage, clean_image
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.permanent_keys import KeyedModel, key_of_words, numbered
from trendsite.shared.text.marks import SourceMark
from trendsite.shared.translated import translations
from trendsite.shared.web_addresses import comparable
from trendsite.shared.writes import Action

VocabularyRow = Tag | Audience | Expert
SluggedRow = Trend | VocabularyRow

_Model = TypeVar("_Model", bound=models.Model)

VOCABULARY_KEYS = ["tags", "audiences", "experts"]


@dataclass
class SlugReference:
    """A slug in a file that refers to a row of the database or of the run."""

    slug: str
    node: Node


@dataclass
class Cited(Generic[_Model]):
    """A row that cites sources, by their keys in the file."""

    row: _Model
    sources: list[str] = field(default_factory=list)


@dataclass
class TimelineItem(Cited[TimelineEntry]):
    """An item of `timeline`; `quotation` is the permanent key of a mention of the file."""

    expert: SlugReference | None = None
    quotation: str = ""


@dataclass
class MentionEntry:
    """One item of `mentions`."""

    row: Mention
    expert: SlugReference
    video: Video | None
    video_node: Node | None
    thumbnail: CleanImage | None
    source: str
    tags: list[SlugReference]
    voice: bool
    node: Node


@dataclass(frozen=True)
class Restoration:
    """What a version holds besides its text, and what tells it from a file.

    A version is of the trend with the primary key `pk`, which may have been deleted. Its rows are
    identified by their keys, all of which it gives, and sources by their keys too. `images` are
    the names in the storage of the images of videos, by platform and id. The write records the
    `action`.
    """

    pk: int
    images: dict[tuple[str, str], str]
    action: Action = Action.RESTORED


@dataclass
class TrendDocument:
    """One trend's file, or a version of a trend that is restored."""

    trend: Trend
    slug_node: Node
    formerly: list[SlugReference] = field(default_factory=list)
    tags: list[SlugReference] = field(default_factory=list)
    related: list[SlugReference] = field(default_factory=list)
    successors: list[SlugReference] = field(default_factory=list)
    shift_sources: list[str] = field(default_factory=list)
    drivers: list[Cited[Driver]] = field(default_factory=list)
    mentions: list[MentionEntry] = field(default_factory=list)
    implications: list[tuple[SlugReference, Cited[Implication]]] = field(default_factory=list)
    timeline: list[TimelineItem] = field(default_factory=list)
    assessments: list[Cited[Assessment]] = field(default_factory=list)
    falsifiers: list[Falsifier] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    source_nodes: dict[str, Node] = field(default_factory=dict)
    reading: list[str] = field(default_factory=list)
    # The permanent keys that the file gives. Those of other rows are derived from their texts.
    given_keys: dict[type[KeyedModel], dict[str, Node]] = field(default_factory=dict)
    restoration: Restoration | None = None

    def cited_keys(self) -> set[str]:
        """Return the keys of the sources that the file cites or lists."""
        cited = [
            *(driver.sources for driver in self.drivers),
            *(point.sources for _audience, point in self.implications),
            *(entry.sources for entry in self.timeline),
            *(assessment.sources for assessment in self.assessments),
        ]
        return {
            *self.shift_sources,
            *self.reading,
            *(entry.source for entry in self.mentions),
            *(key for keys in cited for key in keys),
        }


@dataclass
class VocabularyEntry:
    """A tag, an audience or an expert, with its place in the file."""

    row: VocabularyRow
    node: Node
    formerly: list[SlugReference]


def read_vocabulary(node: Node) -> list[VocabularyEntry]:
    """Read a vocabulary or experts file."""
    entries: list[VocabularyEntry] = []
    parts = node.fields(VOCABULARY_KEYS)
    for key, value in _pairs(parts.get("tags")):
        entries.append(_labelled(Tag(slug=key.text()), key, value))
    for order, (key, value) in enumerate(_pairs(parts.get("audiences"))):
        entries.append(_labelled(Audience(slug=key.text(), order=order), key, value))
    for key, value in _pairs(parts.get("experts")):
        expert, more = read_row(
            Expert(slug=key.text()),
            value,
            EXPERT,
            slug=key,
        )
        entries.append(VocabularyEntry(expert, key, _formerly(more.get("formerly"), expert)))
    return entries


def read_trend(node: Node, folder: Path | None) -> TrendDocument:
    """Read a trend's file. Image names are resolved in `folder`."""
    trend, fields = read_row(Trend(), node, TREND)
    document = TrendDocument(
        trend, fields.get("trend", node), _formerly(fields.get("formerly"), trend)
    )
    _read_sources(document, fields.get("sources"))
    keys = _Keys(document)
    document.tags = _references(fields.get("tags"))
    document.related = _references(fields.get("related"))
    for reference in document.related:
        if reference.slug == trend.slug:
            reference.node.mistake(_("a trend cannot be related to itself"))
    document.successors = _references(fields.get("successors"))
    if document.successors and "retired" not in fields:
        fields["successors"].mistake(_("There are successors: enter the day, too."))
    for reference in document.successors:
        if reference.slug == trend.slug:
            reference.node.mistake(_("a trend cannot replace itself"))
    document.shift_sources = keys.cited(trend, fields, "shift_sources")
    drivers = _Keyed(document, Driver)
    for order, item in enumerate(_items(fields.get("drivers"))):
        row, more = read_row(Driver(order=order), item, DRIVER)
        drivers.add(row, more)
        document.drivers.append(Cited(row, keys.cited(row, more)))
    drivers.give_keys()
    document.mentions = _read_mentions(fields.get("mentions"), keys, folder, document)
    document.implications = _read_implications(fields.get("implications"), keys, document)
    _read_timeline(document, fields.get("timeline"), keys)
    _read_assessments(document, fields, keys)
    for order, item in enumerate(_items(fields.get("falsifiers"))):
        falsifier, _more = read_row(Falsifier(order=order), item, FALSIFIER)
        document.falsifiers.append(falsifier)
    document.reading = keys.several(fields.get("reading"))
    return document


class _Keyed:
    """Collects the rows of one model in a file, to give each a permanent key."""

    def __init__(self, document: TrendDocument, model: type[KeyedModel]) -> None:
        self._given = document.given_keys.setdefault(model, {})
        self._rows: list[tuple[KeyedModel, str]] = []

    def add(self, row: KeyedModel, fields: dict[str, Node], derived: str = "") -> None:
        """Add a row. `derived` is its key unless given, if it does not follow from its text."""
        node = fields.get("key")
        if node and row.key in self._given:
            node.mistake(
                _("“%(key)s” is already on line %(line)d")
                % {"key": row.key, "line": self._given[row.key].line}
            )
        elif node and row.key:
            self._given[row.key] = node
        self._rows.append((row, derived or row.derived_key()))

    def give_keys(self) -> None:
        """Set the keys of the rows that have none, in the order of the file."""
        keys = numbered([row.key for row, _key in self._rows], [key for _row, key in self._rows])
        for (row, _derived), key in zip(self._rows, keys, strict=True):
            row.key = key


class _Keys:
    """Reads references to the sources of one file."""

    def __init__(self, document: TrendDocument) -> None:
        self._known = document.source_nodes

    def one(self, node: Node | None) -> list[str]:
        """Return the key as a list of one, or an empty list without a node."""
        if node is None:
            return []
        key = node.text()
        if key and key not in self._known:
            node.mistake(
                _("unknown source “%(key)s”") % {"key": key} + suggestion(key, self._known)
            )
        return [key]

    def several(self, node: Node | None) -> list[str]:
        """Return a list of keys. A repeated key is a mistake."""
        found: list[str] = []
        for item in _items(node):
            for key in self.one(item):
                if key in found:
                    item.mistake(_("“%(key)s” is already listed") % {"key": key})
                else:
                    found.append(key)
        return found

    def cited(
        self, row: models.Model, fields: dict[str, Node], listed: str = "sources"
    ) -> list[str]:
        """Return the keys that a row lists, then those that its text marks besides.

        A mark of an unknown source is a mistake at the text of the language.
        """
        keys = self.several(fields.get(listed))
        marked = MARKED_TEXTS[type(row)]
        if marked.field in fields:
            for _language, node in fields[marked.field].pairs():
                self._check_marks(marked.find(node.text()), node)
        return [*keys, *(key for key in marked.keys(row) if key not in keys)]

    def _check_marks(self, marks: Iterable[SourceMark], node: Node) -> None:
        try:
            check_marks(marks, self._known)
        except ValidationError as error:
            for message in error.messages:
                node.mistake(message)


def _read_sources(document: TrendDocument, node: Node | None) -> None:
    pages: dict[str, str] = {}
    for key, value in _pairs(node):
        row, _more = read_row(Source(key=key.text()), value, SOURCE, key=key)
        page = comparable(row.url)
        if page and page in pages:
            value.mistake(_("is the same page as “%(key)s”; cite that one") % {"key": pages[page]})
        pages.setdefault(page, row.key)
        document.sources[row.key] = row
        document.source_nodes[row.key] = value


def _read_mentions(
    node: Node | None, keys: _Keys, folder: Path | None, document: TrendDocument
) -> list[MentionEntry]:
    entries: list[MentionEntry] = []
    keyed = _Keyed(document, Mention)
    seen: dict[tuple[str, str], int] = {}
    images: dict[str, CleanImage | None] = {}
    for item in _items(node):
        reader = RowReader(Mention(), item)
        row, more = reader.row, reader.fill(MENTION)
        video, image = None, None
        if "video" in more:
            video, image, row.start = _read_video(more["video"], folder, images)
            row.video = video  # unsaved, for the model's own validation
        reader.validate()
        expert = SlugReference(more["expert"].text(), more["expert"]) if "expert" in more else None
        if expert is None:
            continue
        identity = (expert.slug, row.words_digest)
        if row.original and identity in seen:
            item.mistake(_("this quotation is already on line %(line)d") % {"line": seen[identity]})
            continue
        seen[identity] = item.line
        keyed.add(row, more, key_of_words(expert.slug, row.original))
        entries.append(
            MentionEntry(
                row=row,
                expert=expert,
                video=video,
                video_node=more.get("video"),
                thumbnail=image,
                source="".join(keys.one(more.get("source"))),
                tags=_references(more.get("tags")),
                voice="voice" in more and is_true(more["voice"]),
                node=item,
            )
        )
    keyed.give_keys()
    return entries


def _read_video(
    node: Node, folder: Path | None, images: dict[str, CleanImage | None]
) -> tuple[Video, CleanImage | None, int | None]:
    """Read a video: its address alone, or a mapping with the address or with platform and id."""
    if not node.is_mapping:
        platform, video_id, second = _read_address(node) or VideoAddress("", "", None)
        return Video(platform=platform, video_id=video_id), None, second
    required = () if "url" in node.key_names() else VIDEO.required
    reader = RowReader(Video(), node)
    more = reader.fill(replace(VIDEO, keys=["url", *VIDEO.keys], required=required))
    start = None
    if "url" in more:
        for name in {"platform", "id"} & more.keys():
            more[name].mistake(_("write either “url” or “platform” and “id”"))
        if found := _read_address(more["url"]):
            reader.row.platform, reader.row.video_id, start = found
        else:
            reader.skip("platform", "video_id")
    reader.validate()
    image = None
    if "thumbnail" in more:
        # A talk is often quoted twice; its image is decoded once.
        name = more["thumbnail"].text()
        if images.get(name) is None:
            images[name] = _read_image(more["thumbnail"], folder)
        image = images[name]
    if "start" in more:
        try:
            start = parse_moment(more["start"].text())
        except ValidationError as error:
            more["start"].mistake(" ".join(error.messages))
    return reader.row, image, start


def _read_address(node: Node) -> VideoAddress | None:
    text = node.text()
    try:
        return read_video_address(text) if text else None
    except ValidationError as error:
        node.mistake(" ".join(error.messages))
        return None


def _read_image(node: Node, folder: Path | None) -> CleanImage | None:
    name = node.text()
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        node.mistake(_("write the name of an image beside the file, without “..”"))
        return None
    try:
        found = folder and _as_spelt(folder / path).resolve(strict=True)
        if folder and found and not found.is_relative_to(folder):
            node.mistake(_("“%(name)s” is a link that leads elsewhere") % {"name": name})
        elif found and found.is_file():
            with open(found, "rb") as file:
                return clean_image(file)
        else:
            node.mistake(_no_image(name, folder))
    except ValidationError as error:
        node.mistake(" ".join(error.messages))
    except (OSError, RuntimeError):  # no such file, none to be read, or links in a circle
        node.mistake(_no_image(name, folder))
    return None


def _as_spelt(path: Path) -> Path:
    """Return a path with its last part as the folder spells it: composed letters or not.

    macOS writes が as two characters into a zip, where a file that names it has one.
    """
    if path.exists() or not path.parent.is_dir():
        return path
    name = unicodedata.normalize("NFC", path.name)
    same = (p for p in path.parent.iterdir() if unicodedata.normalize("NFC", p.name) == name)
    return next(same, path)


def _no_image(name: str, folder: Path | None) -> str:
    """Return the message on an image that is not there, with the one that was probably meant."""
    message = _("there is no file “%(name)s” beside this one") % {"name": name}
    place = folder and (folder / name).parent
    if place is None or not place.is_dir():
        return message
    for path in sorted(place.iterdir()):
        if path.name != Path(name).name and path.name.casefold() == Path(name).name.casefold():
            return message + _("; did you mean “%(near)s”?") % {"near": path.name}
    return message


def _read_implications(
    node: Node | None, keys: _Keys, document: TrendDocument
) -> list[tuple[SlugReference, Cited[Implication]]]:
    implications: list[tuple[SlugReference, Cited[Implication]]] = []
    keyed = _Keyed(document, Implication)
    seen: dict[str, int] = {}
    for item in _items(node):
        fields = item.fields(["audience", "points"], ["audience", "points"])
        audience = SlugReference("", item)
        if "audience" in fields:
            audience = SlugReference(fields["audience"].text(), fields["audience"])
            if audience.slug in seen:
                item.mistake(
                    _("this audience is already on line %(line)d") % {"line": seen[audience.slug]}
                )
            seen.setdefault(audience.slug, item.line)
        for point in _items(fields.get("points")):
            row, more = read_row(Implication(order=len(implications)), point, IMPLICATION)
            keyed.add(row, more)
            implications.append((audience, Cited(row, keys.cited(row, more))))
    keyed.give_keys()
    return implications


def _read_assessments(document: TrendDocument, fields: dict[str, Node], keys: _Keys) -> None:
    dates: dict[PartialDate, int] = {}
    rows: list[Assessment] = []
    for item in _items(fields.get("assessments")):
        row, more = read_row(Assessment(), item, ASSESSMENT)
        document.assessments.append(Cited(row, keys.cited(row, more)))
        if row.date in dates:
            item.mistake(
                _("an assessment with this date is already on line %(line)d")
                % {"line": dates[row.date]}
            )
        if isinstance(row.date, PartialDate):  # else missing or misspelt, and said so
            dates.setdefault(row.date, item.line)
            rows.append(row)
    try:
        check_newest_assessment(document.trend, rows)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            fields.get(name, fields["assessments"]).mistake(" ".join(messages))


def _read_timeline(document: TrendDocument, node: Node | None, keys: _Keys) -> None:
    keyed = _Keyed(document, TimelineEntry)
    mentions = {entry.row.key: entry for entry in document.mentions}
    for item in _items(node):
        reader = RowReader(TimelineEntry(), item)
        row, more = reader.row, reader.fill(TIMELINE_ENTRY)
        row.earlier_outcomes = [
            earlier.to_column()
            for node in _items(more.get("earlier_outcomes"))
            if (earlier := _read_earlier_outcome(node, row.kind))
        ]
        entry = TimelineItem(row, keys.one(more.get("source")))
        if "expert" in more:
            entry.expert = SlugReference(more["expert"].text(), more["expert"])
            row.expert = Expert(slug=entry.expert.slug)  # unsaved, for the model's validation
        if "quotation" in more:
            entry.quotation = more["quotation"].text()
            _check_quotation(entry, more["quotation"], mentions)
        if entry.sources:
            row.source = document.sources.get(entry.sources[0])
        reader.validate()
        row.expert = row.source = None
        keyed.add(row, more)
        document.timeline.append(entry)
    keyed.give_keys()


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
    if node is None:
        return None
    try:
        date = PartialDate.parse(node.text())
    except ValidationError as error:
        node.mistake(" ".join(error.messages))
        return None
    if date.first_day > timezone.localdate():
        node.mistake(_("This date is in the future: nothing is settled yet."))
    return date


def _check_quotation(entry: TimelineItem, node: Node, mentions: dict[str, MentionEntry]) -> None:
    try:
        check_quotation(entry.quotation, mentions)
    except ValidationError:
        node.mistake(
            _("no mention of this file has the key “%(key)s”") % {"key": entry.quotation}
            + suggestion(entry.quotation, mentions)
        )
        return
    expert = entry.quotation and mentions[entry.quotation].expert.slug
    if expert and (entry.expert is None or entry.expert.slug != expert):
        node.mistake(_("This quotation is by somebody else."))


def _items(node: Node | None) -> list[Node]:
    return node.items() if node else []


def _pairs(node: Node | None) -> Iterable[tuple[Node, Node]]:
    return node.pairs() if node else ()


def _references(node: Node | None) -> list[SlugReference]:
    """Return references to the slugs of a list. A repeated slug is a mistake."""
    found: list[SlugReference] = []
    for item in _items(node):
        slug = item.text()
        if slug in [reference.slug for reference in found]:
            item.mistake(_("“%(key)s” is already listed") % {"key": slug})
        elif slug:
            found.append(SlugReference(slug, item))
    return found


def _formerly(node: Node | None, row: SluggedRow) -> list[SlugReference]:
    """Return the former slugs of a row."""
    found = _references(node)
    for reference in found:
        try:
            row._meta.get_field("slug").run_validators(reference.slug)
        except ValidationError as error:
            reference.node.mistake(" ".join(error.messages))
        if reference.slug == row.slug:
            reference.node.mistake(_("“%(slug)s” is its slug now") % {"slug": row.slug})
    return found


def _labelled(row: Tag | Audience, key: Node, label: Node) -> VocabularyEntry:
    """Read a row of the vocabulary: the key is its slug, the value its label."""
    reader = RowReader(row, key, slug=key)
    former = reader.translations("label", label, beside="formerly")
    reader.validate()
    return VocabularyEntry(row, key, _formerly(former, row))
