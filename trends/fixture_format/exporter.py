"""Exporting trends as files that the loader reads, in a fixed order and layout.

Loading an export into an empty database and exporting again gives the same bytes.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Exists, OuterRef, Q

from quotes.models import Expert, Mention, Source, Video
from quotes.pictures import broken_master
from trends.fixture_format.emitter import Plain, emit
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
    exported_texts,
)
from trends.levels import EntryKind
from trends.models import (
    MARKED_TEXTS,
    Audience,
    TimelineEntry,
    Trend,
    TrendMention,
    TrendQuerySet,
)
from trends.queries.citations import Citing, cited_by_trends, cited_sources_of_each
from trends.queries.compiled import CompiledRows, listed
from trends.queries.parts import keep_parts
from trendsite.shared.former_slugs import FormerSlug
from trendsite.shared.models import Tag
from trendsite.shared.permanent_keys import KeyedModel, to_be_given
from trendsite.shared.revisions.overwriting import note_in_files

VOCABULARY_FILE = "vocabulary.yaml"
EXPERTS_FILE = "experts.yaml"
EVIDENCE_FILE = "evidence.yaml"

# The number of trends that are in memory at once.
_BATCH = 20

Mapping = dict[str, Any]


# Any: Django makes the models of the links.
def _linked(through: Any) -> CompiledRows[tuple[int, str]]:
    """Return (trend, slug) of the trends to which some trends link, by slug."""
    return CompiledRows(
        lambda: (
            through.objects.filter(
                from_trend__in=listed("trends"), to_trend__working_of__isnull=True
            )
            .order_by("to_trend__slug")
            .values_list("from_trend_id", "to_trend__slug")
        )
    )


_links = {
    "successors": _linked(Trend.successors.through),
    "related": _linked(Trend.related.through),
}
_former: CompiledRows[tuple[int, str]] = CompiledRows(
    lambda: (
        FormerSlug.objects.filter(
            content_type__app_label=Trend._meta.app_label,
            content_type__model=Trend._meta.model_name,
            object_id__in=listed("trends"),
        )
        .order_by("pk")
        .values_list("object_id", "slug")
    )
)


@dataclass(frozen=True)
class ExportedTrend:
    """The file of a trend. `thumbnails` maps the names of its images to those in the storage."""

    trend: Trend
    slug: str
    yaml: str
    thumbnails: dict[str, str]


def export_trends(slugs: Iterable[str] | None = None) -> Iterator[ExportedTrend]:
    """Yield the files of some trends, or of all with drafts, in the order of slugs.

    Fourteen queries for each batch of twenty trends.
    """
    trends = Trend.objects.order_by("slug")
    if slugs is not None:
        trends = trends.filter(slug__in=list(slugs))
    yield from export_each(trends)


def export_each(trends: TrendQuerySet) -> Iterator[ExportedTrend]:
    """Yield the files of trends in their order. Queries as `export_trends()`."""
    rows = trends.iterator(chunk_size=_BATCH)
    while batch := list(islice(rows, _BATCH)):
        pks = [trend.pk for trend in batch]
        keep_parts(batch)
        cited = cited_sources_of_each(pks)
        slugs = {pk: {"formerly": names} for pk, names in _slugs(_former, pks).items()}
        for pk, links in links_of(pks).items():
            slugs[pk] |= links
        for trend in batch:
            yield _TrendExport(trend, cited[trend.pk], slugs[trend.pk]).result()


def links_of(trends: Collection[int]) -> dict[int, dict[str, list[str]]]:
    """Return the slugs of the trends to which some trends link, by key. Two queries."""
    links: dict[int, dict[str, list[str]]] = {pk: {} for pk in trends}
    for key, linked in _links.items():
        for pk, slugs in _slugs(linked, trends).items():
            links[pk][key] = slugs
    return links


def _slugs(pairs: CompiledRows[tuple[int, str]], trends: Collection[int]) -> dict[int, list[str]]:
    """Return the slugs of each trend, in the order of the pairs. One query."""
    found: dict[int, list[str]] = {pk: [] for pk in trends}
    for pk, slug in pairs.fetch(trends=trends):
        found[pk].append(slug)
    return found


def files_of(exported: ExportedTrend) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the files of a trend: its images, then its YAML."""
    for name, stored in exported.thumbnails.items():
        with default_storage.open(stored) as image:
            yield name, image.read()
    name = f"{exported.slug}.yaml"
    # A trend may be called “experts”. No slug contains a dot.
    if name in {VOCABULARY_FILE, EXPERTS_FILE, EVIDENCE_FILE}:
        name = f"{exported.slug}.trend.yaml"
    yield name, exported.yaml.encode()


def broken_images(trends: models.QuerySet[Trend]) -> list[str]:
    """Return messages on missing or damaged images of videos of some trends. Reads all images."""
    return _broken(Video.objects.filter(mentions__trends__in=trends).distinct())


def _broken(videos: models.QuerySet[Video]) -> list[str]:
    problems = map(broken_master, videos.exclude(thumbnail="").iterator())
    return [problem for problem in problems if problem]


class Evidence:
    """The evidence that belongs to no trend, and its file."""

    def __init__(self) -> None:
        mentions = Mention.objects.filter(~Exists(_on_trends())).order_by("key")
        self.mentions = list(mentions.for_cards())
        of_mentions = {mention.source_id for mention in self.mentions}
        uncited = ~Q(pk__in=cited_by_trends()) & Q(mentions=None)
        self.sources = list(Source.objects.filter(uncited | Q(pk__in=of_mentions)).order_by("key"))
        lone = Video.objects.filter(mentions=None).order_by("platform", "video_id")
        self.videos = list(lone)
        self._thumbnails: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self.mentions or self.sources or self.videos)

    def broken_images(self) -> list[str]:
        """Return messages on missing or damaged images of its videos. Reads all images."""
        pks = {video.pk for video in self.videos} | {row.video_id for row in self.mentions}
        return _broken(Video.objects.filter(pk__in=pks))

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the names and contents of its files: none if there is no such evidence."""
        keys = _given_keys(self.mentions)
        text = _emit_some(
            sources={source.key: SOURCE.exported(source) for source in self.sources},
            videos=[_video(video, "", self._thumbnails) for video in self.videos],
            mentions=[
                MENTION.exported(
                    mention,
                    key=keys[mention],
                    voice="",
                    video=_video(mention.video, mention.start_display, self._thumbnails),
                )
                for mention in self.mentions
            ],
        )
        for name, stored in self._thumbnails.items():
            with default_storage.open(stored) as image:
                yield name, image.read()
        if text:
            yield EVIDENCE_FILE, text.encode()

    def note(self) -> None:
        """Remember that files have it. Three queries."""
        for model, rows in ((Source, self.sources), (Video, self.videos), (Mention, self.mentions)):
            note_in_files(model, [row.pk for row in rows])


def _on_trends() -> models.QuerySet[Any]:
    return TrendMention.objects.filter(mention=OuterRef("pk"), trend__working_of=None)


def export_vocabulary() -> str:
    """Return the file of the tags and audiences, or an empty string if there are none."""
    return _emit_some(
        tags={
            tag.slug: _labelled(tag)
            for tag in Tag.objects.order_by("slug").prefetch_related("former_slugs")
        },
        audiences={
            audience.slug: _labelled(audience)
            for audience in Audience.objects.order_by("order", "slug").prefetch_related(
                "former_slugs"
            )
        },
    )


def export_experts() -> str:
    """Return the file of the experts, or an empty string if there are none."""
    return _emit_some(
        experts={
            expert.slug: EXPERT.exported(expert)
            for expert in Expert.objects.order_by("slug").prefetch_related("former_slugs")
        }
    )


class _TrendExport:
    """Exports one trend, which is fetched with all its rows. `slugs` are what it lists, by key."""

    def __init__(
        self, trend: Trend, cited: dict[Citing, list[Source]], slugs: dict[str, list[str]]
    ) -> None:
        self._trend = trend
        self._cited = cited
        self._slugs = slugs
        self._thumbnails: dict[str, str] = {}

    def result(self) -> ExportedTrend:
        trend = self._trend
        links = trend.trend_mentions.all()
        self._given_keys = {
            **_given_keys(trend.drivers.all()),
            **_given_keys([link.mention for link in links]),
            **_given_keys(trend.implications.all()),
            **_given_keys(trend.timeline.all()),
        }
        document = TREND.exported(
            trend,
            **self._slugs,
            shift_sources=self._listed(("shift", trend.pk), trend),
            drivers=[self._part(DRIVER, driver) for driver in trend.drivers.all()],
            mentions=[self._mention(link) for link in links],
            implications=self._implications(),
            timeline=[self._timeline_entry(entry) for entry in trend.timeline.all()],
            assessments=[
                self._part(ASSESSMENT, assessment)
                for assessment in reversed(trend.assessments.all())
            ],
            falsifiers=[FALSIFIER.exported(falsifier) for falsifier in trend.falsifiers.all()],
            sources=self._sources(),
            reading=self._keys(("reading", trend.pk)),
        )
        return ExportedTrend(trend, trend.slug, emit(document), self._thumbnails)

    def _part(self, form: RowFormat, row: models.Model) -> Mapping:
        """Return the mapping of a row, with the keys of its sources."""
        part = row._meta.model_name or ""
        return form.exported(
            row, key=self._given_keys.get(row), sources=self._listed((part, row.pk), row)
        )

    def _keys(self, citing: Citing) -> list[str]:
        return [source.key for source in self._cited.get(citing, [])]

    def _listed(self, citing: Citing, row: models.Model) -> list[str]:
        """Return the keys to list for a row, less those at the end that loading its marks adds."""
        keys = self._keys(citing)
        marked = MARKED_TEXTS[type(row)].keys(row)
        for length in range(len(keys)):
            listed = keys[:length]
            if keys == [*listed, *(key for key in marked if key not in listed)]:
                return listed
        return keys

    def _mention(self, link: TrendMention) -> Mapping:
        return MENTION.exported(
            link.mention,
            key=self._given_keys[link.mention],
            voice=Plain("true") if link.voice else "",
            video=_video(link.mention.video, link.mention.start_display, self._thumbnails),
        )

    def _implications(self) -> list[Mapping]:
        points: dict[str, list[Mapping]] = {}
        for implication in self._trend.implications.all():
            of_audience = points.setdefault(implication.audience.slug, [])
            of_audience.append(self._part(IMPLICATION, implication))
        return [{"audience": audience, "points": points[audience]} for audience in points]

    def _timeline_entry(self, entry: TimelineEntry) -> Mapping:
        return TIMELINE_ENTRY.exported(
            entry,
            key=self._given_keys[entry],
            kind="" if entry.kind == EntryKind.EVENT else entry.kind,
            earlier_outcomes=[
                {
                    key: Plain(value) if isinstance(value, str) else value
                    for key, value in earlier.to_column().items()
                }
                for earlier in entry.earlier
            ],
        )

    def _sources(self) -> Mapping:
        cited: set[Source] = {source for sources in self._cited.values() for source in sources}
        return {
            source.key: SOURCE.exported(source)
            for source in sorted(cited, key=lambda source: source.key)
        }


def _video(video: Video | None, start: str, thumbnails: dict[str, str]) -> Mapping:
    """Return a video as a file has it, and note the name of its image."""
    if video is None:
        return {}
    thumbnail = ""
    if video.thumbnail:
        thumbnail = _thumbnail_name(video)
        thumbnails[thumbnail] = str(video.thumbnail)
    return VIDEO.exported(video, start=start, thumbnail=thumbnail)


def _labelled(row: Tag | Audience) -> Mapping:
    return exported_texts(row, "label") | _present(formerly=row.former_names())


def _given_keys(rows: Iterable[KeyedModel]) -> dict[models.Model, str]:
    """Return the permanent key to write for each row, "" if it can be derived from the text."""
    rows = list(rows)
    given = to_be_given([row.key for row in rows], [row.derived_key() for row in rows])
    return dict(zip(rows, given, strict=True))


def _thumbnail_name(video: Video) -> str:
    """Return the file name of a video's image, which does not change with the image."""
    return f"{video.platform}-{quote(video.video_id, safe='')}.webp"


def _present(**values: Any) -> Mapping:
    """Return a mapping of the values that are not empty."""
    return {key: value for key, value in values.items() if value}


def _emit_some(**parts: Mapping | list[Mapping]) -> str:
    present = _present(**parts)
    return emit(present) if present else ""
