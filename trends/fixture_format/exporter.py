"""Export trends as fixtures: what the loader reads, in one order and one layout.

Loading an export into an empty database and exporting again gives the same bytes. Sources,
videos and mentions that belong to no trend have no place in the format and are not written.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db import models
from django.db.models import Prefetch

from quotes.models import Expert, Mention, Source, TaggedMention, Video
from quotes.moments import format_moment
from trends.fixture_format.emitter import Plain, emit
from trends.fixture_format.schema import TREND_KEYS
from trends.levels import EntryKind
from trends.models import (
    MARKED_TEXTS,
    Audience,
    Implication,
    TaggedTrend,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trends.queries.citations import Citing, cited_sources
from trendsite.shared.models import Tag
from trendsite.shared.permanent_keys import KeyedModel, to_be_given
from trendsite.shared.translated import translations

# The number of trends in memory at once.
_BATCH = 20

Mapping = dict[str, Any]


@dataclass(frozen=True)
class ExportedTrend:
    """A trend's file. `thumbnails` maps the names of its images to those in the storage."""

    trend: Trend
    slug: str
    yaml: str
    thumbnails: dict[str, str]


def export_trends(slugs: Iterable[str] | None = None) -> Iterator[ExportedTrend]:
    """Yield the files of some trends, or of all including drafts, in the order of slugs.

    Ten queries a batch of twenty trends, and three a trend.
    """
    trends = Trend.objects.order_by("slug")
    if slugs is not None:
        trends = trends.filter(slug__in=list(slugs))
    yield from export_each(trends)


def export_each(trends: models.QuerySet[Trend]) -> Iterator[ExportedTrend]:
    """Yield the files of trends in their order. Queries as `export_trends()`."""
    for trend in trends.prefetch_related(
        "former_slugs",
        Prefetch("tagged", TaggedTrend.objects.select_related("tag")),
        "drivers",
        Prefetch(
            "trend_mentions",
            TrendMention.objects.select_related(
                "mention__expert", "mention__video", "mention__source"
            ),
        ),
        Prefetch("trend_mentions__mention__tagged", TaggedMention.objects.select_related("tag")),
        Prefetch("implications", Implication.objects.select_related("audience")),
        Prefetch("timeline", TimelineEntry.objects.select_related("source", "expert", "quotation")),
        "assessments",
        "falsifiers",
        Prefetch("successors", Trend.objects.order_by("slug")),
    ).iterator(chunk_size=_BATCH):
        yield _TrendExport(trend).result()


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
            expert.slug: _present(
                name=_texts(expert, "name"),
                role=_texts(expert, "role"),
                affiliation=_texts(expert, "affiliation"),
                url=_text(expert.url),
                formerly=expert.former_names(),
            )
            for expert in Expert.objects.order_by("slug").prefetch_related("former_slugs")
        }
    )


class _TrendExport:
    """Writes one trend, fetched with all its rows."""

    def __init__(self, trend: Trend) -> None:
        self._trend = trend
        self._cited = cited_sources(trend)
        self._thumbnails: dict[str, str] = {}

    def result(self) -> ExportedTrend:
        trend = self._trend
        mentions = trend.trend_mentions.all()
        self._given_keys = {
            **_given_keys(trend.drivers.all()),
            **_given_keys([link.mention for link in mentions]),
            **_given_keys(trend.implications.all()),
            **_given_keys(trend.timeline.all()),
        }
        values = {
            "trend": trend.slug,
            "formerly": trend.former_names(),
            "status": trend.status,
            "confidence": trend.confidence,
            "since": _date(trend.since),
            "published": _date(trend.published),
            "retired": _date(trend.retired),
            "successors": [successor.slug for successor in trend.successors.all()],
            "retired_note": _texts(trend, "retired_note"),
            "tags": [tagged.tag.slug for tagged in trend.tagged.all()],
            "related": list(trend.related.order_by("slug").values_list("slug", flat=True)),
            "title": _texts(trend, "title"),
            "title_reading": _texts(trend, "title_reading"),
            "subtitle": _texts(trend, "subtitle"),
            "key_points": _texts(trend, "key_points"),
            "confidence_of": _texts(trend, "confidence_of"),
            "shift": _texts(trend, "shift"),
            "shift_sources": self._listed(("shift", trend.pk), trend),
            "drivers": [
                _present(
                    key=self._given_keys[driver],
                    heading=_texts(driver, "heading"),
                    body=_texts(driver, "body"),
                    sources=self._listed(("driver", driver.pk), driver),
                )
                for driver in trend.drivers.all()
            ],
            "mentions": [self._mention(link) for link in mentions],
            "implications": self._implications(),
            "timeline": [self._timeline_entry(entry) for entry in trend.timeline.all()],
            "assessments": [
                _present(
                    date=_date(assessment.date),
                    status=assessment.status,
                    confidence=assessment.confidence,
                    reconstructed=Plain("true") if assessment.reconstructed else "",
                    reason=_texts(assessment, "reason"),
                    rationale=_texts(assessment, "rationale"),
                    sources=self._listed(("assessment", assessment.pk), assessment),
                )
                for assessment in reversed(trend.assessments.all())
            ],
            "falsifiers": [
                _present(date=_date(falsifier.date), text=_texts(falsifier, "text"))
                for falsifier in trend.falsifiers.all()
            ],
            "sources": self._sources(),
            "reading": self._keys(("reading", trend.pk)),
        }
        document = _present(**{key: values[key] for key in TREND_KEYS})
        return ExportedTrend(trend, trend.slug, emit(document), self._thumbnails)

    def _keys(self, citing: Citing) -> list[str]:
        return [source.key for source in self._cited.get(citing, [])]

    def _listed(self, citing: Citing, row: models.Model) -> list[str]:
        """Return the keys to list for a row, without those that its marks add when it is loaded.

        These are at the end, in the order of the marks.
        """
        keys = self._keys(citing)
        marked = MARKED_TEXTS[type(row)].keys(row)
        for length in range(len(keys)):
            listed = keys[:length]
            if keys == [*listed, *(key for key in marked if key not in listed)]:
                return listed
        return keys

    def _mention(self, link: TrendMention) -> Mapping:
        mention = link.mention
        return _present(
            key=self._given_keys[mention],
            expert=mention.expert.slug,
            original=_text(mention.original),
            language=mention.language,
            verified=mention.verified,
            translation=_texts(mention, "translation"),
            occasion=_texts(mention, "occasion"),
            voice=Plain("true") if link.voice else "",
            video=self._video(mention),
            source=mention.source.key if mention.source else "",
            tags=[tagged.tag.slug for tagged in mention.tagged.all()],
        )

    def _video(self, mention: Mention) -> Mapping:
        video = mention.video
        if video is None:
            return {}
        thumbnail = ""
        if video.thumbnail:
            thumbnail = _thumbnail_name(video)
            self._thumbnails[thumbnail] = str(video.thumbnail)
        return _present(
            platform=video.platform,
            id=video.video_id,
            title=_text(video.title),
            channel=_text(video.channel),
            date=_date(video.date),
            start="" if mention.start is None else format_moment(mention.start),
            thumbnail=thumbnail,
        )

    def _implications(self) -> list[Mapping]:
        points: dict[str, list[Mapping]] = {}
        for implication in self._trend.implications.all():
            points.setdefault(implication.audience.slug, []).append(
                _present(
                    key=self._given_keys[implication],
                    lead=_texts(implication, "lead"),
                    text=_texts(implication, "text"),
                    sources=self._listed(("implication", implication.pk), implication),
                )
            )
        return [{"audience": audience, "points": points[audience]} for audience in points]

    def _timeline_entry(self, entry: TimelineEntry) -> Mapping:
        return _present(
            key=self._given_keys[entry],
            date=_date(entry.date),
            text=_texts(entry, "text"),
            short=_texts(entry, "short"),
            kind=entry.kind if entry.kind != EntryKind.EVENT else "",
            outcome=entry.outcome,
            settled=_date(entry.settled),
            note=_texts(entry, "note"),
            earlier_outcomes=[
                _present(
                    outcome=earlier.outcome,
                    until=_date(earlier.until),
                    settled=_date(earlier.settled),
                    note=dict(earlier.notes),
                )
                for earlier in entry.earlier
            ],
            made_by=entry.made_by,
            expert=entry.expert.slug if entry.expert else "",
            quotation=entry.quotation.key if entry.quotation else "",
            made=_date(entry.made),
            criterion=_texts(entry, "criterion"),
            probability="" if entry.probability is None else Plain(entry.probability),
            source=entry.source.key if entry.source else "",
        )

    def _sources(self) -> Mapping:
        cited: set[Source] = {source for sources in self._cited.values() for source in sources}
        return {
            source.key: _present(
                url=source.url,
                title=_text(source.title),
                publisher=_text(source.publisher),
                origin=_text(source.origin),
                date=_date(source.date),
                language=source.language,
            )
            for source in sorted(cited, key=lambda source: source.key)
        }


def _labelled(row: Tag | Audience) -> Mapping:
    return _texts(row, "label") | _present(formerly=row.former_names())


def _given_keys(rows: Iterable[KeyedModel]) -> dict[KeyedModel, str]:
    """Return the permanent key to write for each row, or "" if it follows from the text."""
    rows = list(rows)
    given = to_be_given([row.key for row in rows], [row.derived_key() for row in rows])
    return dict(zip(rows, given, strict=True))


def _thumbnail_name(video: Video) -> str:
    """Return the file name of a video's image, which does not change with the image."""
    return f"{video.platform}-{quote(video.video_id, safe='')}.webp"


def _text(text: str) -> str:
    """Return a text as the loader reads it."""
    return text.replace("\r\n", "\n").strip()


def _texts(obj: models.Model, field: str) -> dict[str, str]:
    return _present(
        **{language: _text(text) for language, text in translations(obj, field).items()}
    )


def _date(date: Any) -> str:
    return Plain(date) if date else ""


def _present(**values: Any) -> Mapping:
    """Return the values that are not empty, as a mapping."""
    return {key: value for key, value in values.items() if value}


def _emit_some(**parts: Mapping) -> str:
    present = _present(**parts)
    return emit(present) if present else ""
