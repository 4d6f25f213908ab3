"""The page of a trend as JSON, as documented in README.md.

A text is `{"text": …, "language": …}`, or null if there is none. If it cites sources, `marked` is
the same text with its marks. A partial date is a string such as `2024-Q3`. Sources are given by
their numbers in the list `sources`.
"""

from typing import Any

from django.conf import settings
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language

from quotes.models import Expert, Mention, Source, Video
from trends.content import Item, TrendContent, gather_trend
from trends.formats.responses import (
    JSON_VERSION,
    for_programs,
    json_not_found,
    json_response,
    link_to_page,
)
from trends.levels import EntryKind, ForecastState, ScheduledState
from trends.models import TimelineEntry, Trend, translated_unmarked
from trends.queries.shown_rows import published_trend
from trendsite.shared import days
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.snapshots import snapshot
from trendsite.shared.translated import translated

Json = dict[str, Any]


@for_programs
@snapshot()
def trend_json(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the page of a published trend as JSON."""
    try:
        return _trend_json(request, slug=slug)
    except Http404:
        return json_not_found("No published trend has this slug.")


@redirects_former_slugs(lambda: Trend.objects.published())
def _trend_json(request: HttpRequest, slug: str) -> HttpResponse:
    trend = published_trend(slug)
    page = gather_trend(trend, days.today())
    return link_to_page(json_response(trend_as_json(page, get_language())), trend)


def trend_as_json(page: TrendContent, language: str) -> Json:
    """Return the content of a trend's page in a language."""
    trend = page.trend
    links = trend.absolute_urls(language)
    html = links["html"]
    return {
        "version": JSON_VERSION,
        "type": "trend",
        "slug": trend.slug,
        "language": language,
        "languages": trend.languages,
        "outdated": {
            "since": page.outdated.since.isoformat(),
            "original": {"language": page.outdated.language, "url": page.outdated.url},
        }
        if page.outdated
        else None,
        "links": links,
        "title": _text(trend, "title"),
        "subtitle": _text(trend, "subtitle"),
        "status": trend.status,
        "confidence": trend.confidence,
        "confidence_of": _text(trend, "confidence_of"),
        "under_review": page.is_under_review,
        "key_points": _text(trend, "key_points"),
        "since": _date(trend.since),
        "reviewed": _date(page.reviewed),
        "published": trend.published.isoformat() if trend.published else None,
        "retired": {
            "on": str(trend.retired),
            "note": _text(trend, "retired_note"),
            "successors": [_other(other, language) for other in page.successors],
        }
        if page.is_retired
        else None,
        "succeeds": [_other(other, language) for other in page.predecessors],
        "updated": trend.updated_at.isoformat(),
        "tags": [_tag(tag) for tag in trend.tag_rows],
        "shift": _marked(trend, "shift"),
        "shift_sources": page.shift.numbers if page.shift else [],
        "drivers": [
            {
                "url": _url(html, item),
                "heading": _text(item.row, "heading"),
                "body": _marked(item.row, "body"),
                "sources": item.numbers,
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
                        "text": _marked(item.row, "text"),
                        "sources": item.numbers,
                    }
                    for item in items
                ],
            }
            for audience, items in page.audiences
        ],
        "timeline": [_timeline_entry(item, html) for item in page.timeline],
        "assessments": [_assessment(item, html) for item in page.assessments],
        "falsifiers": [
            {"date": _date(row.date), "text": _text(row, "text"), "overdue": is_overdue}
            for row, is_overdue in page.falsifiers
        ],
        "mentions": _mentions(page, language, html),
        "reading": [_source(source) for source in page.reading],
        "sources": [{"number": note.number, **_source(note.source)} for note in page.notes],
        "related": [_other(related.trend, language) for related in page.related_trends],
    }


def _other(trend: Trend, language: str) -> Json:
    """Return another trend to which the page links."""
    return {
        "slug": trend.slug,
        "title": _text(trend, "title"),
        "status": trend.status,
        "confidence": trend.confidence,
        "links": trend.absolute_urls(language),
    }


def _text(row: Model, field: str) -> Json | None:
    value = translated(row, field)
    return {"text": value.text, "language": value.language} if value.text else None


def _marked(row: Model, field: str) -> Json | None:
    """Return a text without its marks and, if it has any, as `marked` with them."""
    value = _text(row, field)
    if value is None:
        return None
    text = translated_unmarked(row, field).text
    return value if text == value["text"] else {**value, "text": text, "marked": value["text"]}


def _date(date: PartialDate | None) -> str | None:
    return str(date) if date else None


def _tag(tag: Tag) -> Json:
    return {"slug": tag.slug, "label": _text(tag, "label")}


def _url(page: str, item: Item[Any]) -> str:
    """Return the permanent link to a row on a page."""
    return f"{page}#{item.row.anchor}"


def _timeline_entry(item: Item[Any], page: str) -> Json:
    return {
        "url": _url(page, item),
        "date": _date(item.row.date),
        "kind": item.row.kind,
        "outcome": item.row.outcome or None,
        "overdue": item.state in (ForecastState.DUE, ScheduledState.DUE),
        "settled": _date(item.row.settled),
        "text": _text(item.row, "text"),
        "short": _text(item.row, "short"),
        "note": _text(item.row, "note"),
        "earlier_outcomes": [
            {
                "outcome": earlier.outcome,
                "until": _date(earlier.until),
                "settled": _date(earlier.settled),
                "note": {"text": earlier.note.text, "language": earlier.note.language}
                if earlier.notes
                else None,
            }
            for earlier in item.row.earlier
        ],
        "claim": _claim(item.row, page) if item.row.kind == EntryKind.FORECAST else None,
        "sources": item.numbers,
    }


def _claim(entry: TimelineEntry, page: str) -> Json:
    """Return who made a forecast, when, and by which criterion; null if unknown."""
    return {
        "made_by": entry.made_by or None,
        "expert": _expert(entry.expert) if entry.expert else None,
        "quotation": f"{page}#{entry.quotation.anchor}" if entry.quotation else None,
        "made": _date(entry.made),
        "criterion": _text(entry, "criterion"),
        "probability": entry.probability,
    }


def _assessment(item: Item[Any], page: str) -> Json:
    return {
        "url": _url(page, item),
        "date": _date(item.row.date),
        "status": item.row.status,
        "confidence": item.row.confidence,
        "reconstructed": item.row.reconstructed,
        "reason": _text(item.row, "reason"),
        "rationale": _marked(item.row, "rationale"),
        "sources": item.numbers,
    }


def _mentions(page: TrendContent, language: str, html: str) -> list[Json]:
    voices = {item.row.pk for item in page.voices}
    return [
        {**_mention(item, language, html), "voice": item.row.pk in voices} for item in page.mentions
    ]


def _mention(item: Item[Any], language: str, page: str) -> Json:
    mention: Mention = item.row
    return {
        "url": _url(page, item),
        "expert": _expert(mention.expert),
        "original": {"text": mention.original, "language": mention.language},
        "verified": mention.verified or None,
        "translation": None if mention.language == language else _text(mention, "translation"),
        "occasion": _text(mention, "occasion"),
        "video": _video(mention.video, mention.start) if mention.video else None,
        "tags": [_tag(tag) for tag in mention.tag_rows],
        "sources": item.numbers,
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
        "description": _text(source, "description"),
        "publisher": source.publisher or None,
        "origin": source.origin or None,
        "date": _date(source.date),
        "language": source.language or None,
    }
