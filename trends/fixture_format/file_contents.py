"""The parsed documents of files: unsaved rows, and the slugs and keys to which they refer."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db import models

from quotes.models import Expert, Mention, Source, Video
from trends.fixture_format.nodes import Node
from trends.models import Assessment, Audience, Driver, Falsifier, Implication, TimelineEntry, Trend
from trendsite.shared.images.uploads import CleanImage
from trendsite.shared.models import Tag
from trendsite.shared.permanent_keys import KeyedModel
from trendsite.shared.writes import Action

VocabularyRow = Tag | Audience | Expert
SluggedRow = Trend | VocabularyRow

_Model = TypeVar("_Model", bound=models.Model)


@dataclass
class SlugReference:
    """A slug in a file that refers to a saved row or to a row of the run."""

    slug: str
    node: Node


@dataclass
class Cited(Generic[_Model]):
    """A row that cites sources, by their keys in the file."""

    row: _Model
    sources: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class TimelineItem(Cited[TimelineEntry]):
    """An item of `timeline`; `quotation` is the permanent key of a mention of the file."""

    node: Node
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
    """The data of a version that is restored, which a file does not have.

    The version is of the trend with the primary key `pk`, which may be deleted. Its rows and
    sources are identified by their keys, all of which it has. `images` are the names of images in
    the storage, by platform and id of the video. The loader adds videos whose image does not exist
    any more to `lost_images`. The write records the `action`.
    """

    pk: int
    images: dict[tuple[str, str], str]
    action: Action = Action.RESTORED
    lost_images: list[Video] = field(default_factory=list)


@dataclass
class EvidenceDocument:
    """The evidence of a file: one that has evidence alone, or the file of a trend.

    `node` is the place of the document, where mistakes that concern all of it are reported.
    `lone_videos` are those of no mention, which only a file of evidence alone has.
    """

    node: Node
    mentions: list[MentionEntry] = field(default_factory=list)
    lone_videos: list[tuple[Video, CleanImage | None]] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    source_nodes: dict[str, Node] = field(default_factory=dict)
    # The permanent keys that are in the file. Others are derived from texts.
    given_keys: dict[type[KeyedModel], dict[str, Node]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    restoration: Restoration | None = None

    def videos(self) -> list[tuple[Video, CleanImage | None]]:
        """Return the videos that the file describes, with their images."""
        of_mentions = [(entry.video, entry.thumbnail) for entry in self.mentions if entry.video]
        return of_mentions + self.lone_videos

    def slugs(self) -> list[str]:
        """Return the slugs under which the trend of the file may be saved."""
        return []

    def cited_keys(self) -> set[str]:
        """Return the keys of the sources that are written."""
        return set(self.sources)

    def references(self) -> Iterator[tuple[SlugReference, type[VocabularyRow]]]:
        """Yield the references to tags, audiences and experts."""
        for entry in self.mentions:
            yield entry.expert, Expert
            for tag in entry.tags:
                yield tag, Tag


@dataclass(kw_only=True)
class TrendDocument(EvidenceDocument):
    """The parsed file of a trend, or a version of a trend that is restored."""

    trend: Trend
    formerly: list[SlugReference] = field(default_factory=list)
    tags: list[SlugReference] = field(default_factory=list)
    related: list[SlugReference] = field(default_factory=list)
    successors: list[SlugReference] = field(default_factory=list)
    shift_sources: list[str] = field(default_factory=list)
    drivers: list[Cited[Driver]] = field(default_factory=list)
    implications: list[tuple[SlugReference, Cited[Implication]]] = field(default_factory=list)
    timeline: list[TimelineItem] = field(default_factory=list)
    assessments: list[Cited[Assessment]] = field(default_factory=list)
    falsifiers: list[Falsifier] = field(default_factory=list)
    reading: list[str] = field(default_factory=list)

    def slugs(self) -> list[str]:
        """Return the slugs under which the trend may be saved: the present one and former ones."""
        return [self.trend.slug, *(reference.slug for reference in self.formerly)]

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

    def references(self) -> Iterator[tuple[SlugReference, type[VocabularyRow]]]:
        yield from ((reference, Tag) for reference in self.tags)
        yield from super().references()
        yield from ((reference, Audience) for reference, _cited in self.implications)
        yield from ((item.expert, Expert) for item in self.timeline if item.expert)


@dataclass
class VocabularyEntry:
    """A tag, an audience or an expert, with its place in the file."""

    row: VocabularyRow
    node: Node
    formerly: list[SlugReference]
