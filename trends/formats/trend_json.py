"""Trends as JSON, version 1. README.md says what is promised.

Within a version keys are only added. A text is `{"text": …, "language": …}`, null where there
is none; a partial date is a string such as `2024-Q3`; sources are numbers of the list `sources`.
"""

from typing import Any

from django.conf import settings
from django.db.models import Model

from quotes.models import Expert, Mention, Source, Video
from trends.content import Item, Reference, TrendPage
from trends.formats.addresses import addresses
from trends.models import Trend
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import translated, translations

VERSION = 1

Json = dict[str, Any]


def trend_as_json(page: TrendPage, language: str) -> Json:
    """What the page of a trend says, in a language."""
    trend = page.trend
    links = addresses(trend, language)
    html = links["html"]
    return {
        "version": VERSION,
        "type": "trend",
        "slug": trend.slug,
        "language": language,
        "languages": trend.languages,
        "links": links,
        "title": _text(trend, "title"),
        "subtitle": _text(trend, "subtitle"),
        "status": trend.status,
        "confidence": trend.confidence,
        "since": _date(trend.since),
        "reviewed": _date(page.reviewed),
        "published": trend.published.isoformat() if trend.published else None,
        "retired": {
            "on": trend.retired.isoformat(),
            "note": _text(trend, "retired_note"),
            "successors": [_other(other, language) for other in page.successors],
        }
        if page.is_retired
        else None,
        "succeeds": [_other(other, language) for other in page.predecessors],
        "updated": trend.updated_at.isoformat(),
        "tags": [_tag(tag) for tag in trend.tag_rows],
        "shift": _text(trend, "shift"),
        "shift_sources": _numbers(page.shift_references),
        "drivers": [
            {
                "url": _url(html, item),
                "heading": _text(item.row, "heading"),
                "body": _text(item.row, "body"),
                "sources": _numbers(item.references),
            }
            for item in page.drivers
        ],
        "implications": [
            {
                "audience": {"slug": audience.slug, "label": _text(audience, "label")},
                "points": [
                    {
                        "url": _url(html, item),
                        "lead": _text(item.row, "lead"),
                        "text": _text(item.row, "text"),
                        "sources": _numbers(item.references),
                    }
                    for item in items
                ],
            }
            for audience, items in page.audiences
        ],
        "timeline": [_timeline_entry(item, html) for item in page.timeline],
        "assessments": [_assessment(item, html) for item in page.assessments],
        "mentions": _mentions(page, language, html),
        "reading": [_source(source) for source in page.reading],
        "sources": [{"number": note.number, **_source(note.source)} for note in page.notes],
        "related": [_other(related.trend, language) for related in page.related_trends],
    }


def row_as_json(trend: Trend) -> Json:
    """A trend of `for_list()` with its successors, in all languages, as the collection shows it."""
    return {
        "slug": trend.slug,
        "languages": trend.languages,
        "title": translations(trend, "title"),
        "subtitle": translations(trend, "subtitle"),
        "status": trend.status,
        "confidence": trend.confidence,
        "since": _date(trend.since),
        "reviewed": _date(trend.reviewed),
        "published": trend.published.isoformat(),
        "retired": {
            "on": trend.retired.isoformat(),
            "note": translations(trend, "retired_note"),
            "successors": [other.slug for other in trend.successors.all()],
        }
        if trend.is_retired()
        else None,
        "updated": trend.updated_at.isoformat(),
        "new": trend.movement.is_new,
        "moved": trend.movement.moved,
        "tags": [tag.slug for tag in trend.tag_rows],
        "links": {language: addresses(trend, language) for language in trend.languages},
    }


def _other(trend: Trend, language: str) -> Json:
    """Another trend that a page links to."""
    return {
        "slug": trend.slug,
        "title": _text(trend, "title"),
        "status": trend.status,
        "confidence": trend.confidence,
        "links": addresses(trend, language),
    }


def _text(row: Model, field: str) -> Json | None:
    value = translated(row, field)
    return {"text": value.text, "language": value.language} if value.text else None


def _date(date: PartialDate | None) -> str | None:
    return str(date) if date else None


def _numbers(references: list[Reference]) -> list[int]:
    return [reference.number for reference in references]


def _tag(tag: Tag) -> Json:
    return {"slug": tag.slug, "label": _text(tag, "label")}


def _url(page: str, item: Item) -> str:
    """The permanent link to a part of a page."""
    return f"{page}#{item.row.anchor}"


def _timeline_entry(item: Item, page: str) -> Json:
    return {
        "url": _url(page, item),
        "date": _date(item.row.date),
        "kind": item.row.kind,
        "outcome": item.row.outcome or None,
        "text": _text(item.row, "text"),
        "note": _text(item.row, "note"),
        "sources": _numbers(item.references),
    }


def _assessment(item: Item, page: str) -> Json:
    return {
        "url": _url(page, item),
        "date": _date(item.row.date),
        "status": item.row.status,
        "confidence": item.row.confidence,
        "rationale": _text(item.row, "rationale"),
        "sources": _numbers(item.references),
    }


def _mentions(page: TrendPage, language: str, html: str) -> list[Json]:
    voices = {item.row.pk for item in page.voices}
    return [
        {**_mention(item, language, html), "voice": item.row.pk in voices} for item in page.mentions
    ]


def _mention(item: Item, language: str, page: str) -> Json:
    mention: Mention = item.row
    return {
        "url": _url(page, item),
        "expert": _expert(mention.expert),
        "original": {"text": mention.original, "language": mention.language},
        "translation": None if mention.language == language else _text(mention, "translation"),
        "occasion": _text(mention, "occasion"),
        "video": _video(mention.video, mention.start) if mention.video else None,
        "tags": [_tag(tag) for tag in mention.tag_rows],
        "sources": _numbers(item.references),
    }


def _expert(expert: Expert) -> Json:
    return {
        "slug": expert.slug,
        "name": _text(expert, "name"),
        "role": _text(expert, "role"),
        "affiliation": _text(expert, "affiliation"),
        "url": expert.url or None,
        "page": settings.SITE_URL + expert.get_absolute_url(),
    }


def _video(video: Video, start: int | None) -> Json:
    return {
        "platform": video.platform,
        "id": video.video_id,
        "title": video.title or None,
        "channel": video.channel or None,
        "date": _date(video.date),
        "start": start,
        "url": video.url_at(start),
    }


def _source(source: Source) -> Json:
    return {
        "key": source.key,
        "url": source.url,
        "title": source.title or None,
        "publisher": source.publisher or None,
        "date": _date(source.date),
        "language": source.language or None,
    }
