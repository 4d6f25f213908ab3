"""Feeds of new trends, changes of judgement, forecasts and retirements, as Atom and JSON Feed.

A forecast has an entry when it is made, and another one when its outcome is known. The feed of one
trend has all its changes, with unchanged reviews.

A feed has the trends that are offered in its language. Ids consist of slugs and dates, so that they
do not change with titles, texts or the database. The ids of a renamed trend have its first slug.
"""

import datetime
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TextIO, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.feedgenerator import Atom1Feed, SyndicationFeed, rfc3339_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trends.formats.responses import for_programs
from trends.models import (
    VOCABULARIES,
    Assessment,
    TimelineEntry,
    Trend,
    translated_unmarked,
)
from trends.movement import Movement
from trends.queries.changes import (
    Change,
    Changes,
    FeedTrends,
    Span,
    What,
    latest_forecasts,
    latest_moves,
)
from trends.queries.compiled import CompiledRows
from trends.queries.parts import keep_tags
from trendsite.shared import days
from trendsite.shared.days import beginning_of
from trendsite.shared.former_slugs import first_slugs, redirects_former_slugs
from trendsite.shared.head import SITE_NAME
from trendsite.shared.paging import rows_between
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.snapshots import snapshot
from trendsite.shared.templatetags.texts import lines, marked_text, text
from trendsite.shared.text.enumerations import enumerated, enumerated_links
from trendsite.shared.text.markdown import render_markdown
from trendsite.shared.translated import active_language, translated

ENTRIES = 40

# Characters that XML does not allow, not even as references.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NEVER = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class FeedEntry:
    """An event: a trend was published, judged or retired, or a forecast was made or settled."""

    what: What | Literal["published"]

    place: str
    """The part of the id after that of the trend."""
    title: str
    trend: Trend
    anchor: str
    summary: str
    """In a sentence or two, without markup; may be empty."""
    html: SafeString
    published: datetime.datetime
    updated: datetime.datetime


class _Feed(SyndicationFeed):
    """Base of feeds. A feed without entries has a fixed date, not the present time."""

    def latest_post_date(self) -> datetime.datetime:
        return super().latest_post_date() if self.items else _NEVER


class AtomFeed(_Feed, Atom1Feed):
    """Atom, with the whole text of each entry."""

    content_type = "application/atom+xml; charset=utf-8"

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["summary"]:
            handler.addQuickElement("summary", item["summary"], {"type": "text"})
        handler.addQuickElement("content", item["content"], {"type": "html"})


class JsonFeed(_Feed):
    """JSON Feed, version 1.1."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: TextIO, encoding: str) -> None:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["subtitle"],
            "language": self.feed["language"],
            "authors": [{"name": self.feed["author_name"], "url": self.feed["author_link"]}],
            "items": [
                {
                    "id": item["unique_id"],
                    "url": item["link"],
                    "title": item["title"],
                    **({"summary": item["summary"]} if item["summary"] else {}),
                    "content_html": item["content"],
                    "date_published": rfc3339_date(item["pubdate"]),
                    "date_modified": rfc3339_date(item["updateddate"]),
                    "tags": item["categories"],
                }
                for item in self.items
            ],
        }
        json.dump(feed, outfile, ensure_ascii=False, indent=1)


FORMS: dict[str, type[AtomFeed | JsonFeed]] = {"atom": AtomFeed, "json": JsonFeed}


def addresses() -> list[URLPattern]:
    """Return the URL patterns of all feeds: `feed.atom`, `tags/<slug>/feed.json` and so on."""
    return [
        pattern
        for form in FORMS
        for pattern in (
            path(f"feed.{form}", feed, {"form": form}, name=f"feed-{form}"),
            path(
                f"trends/<slug:slug>/feed.{form}",
                feed_of_trend,
                {"form": form},
                name=f"trend-feed-{form}",
            ),
            *(
                path(
                    f"{kind}s/<slug:slug>/feed.{form}",
                    feed_of,
                    {"form": form, "kind": kind},
                    name=f"{kind}-feed-{form}",
                )
                for kind in VOCABULARIES
            ),
        )
    ]


@for_programs
@snapshot()
def feed(request: HttpRequest, form: str) -> HttpResponse:
    """Return the feed of all trends."""
    title = _("Trendsite: new trends and updates")
    return _write(request, form, entries(), title, reverse("index"))


@for_programs
@snapshot()
@redirects_former_slugs(lambda form, kind: VOCABULARIES[kind].model._default_manager.all())
def feed_of(request: HttpRequest, form: str, kind: str, slug: str) -> HttpResponse:
    """Return the feed of the trends of one tag, audience or expert."""
    # Any: a tag, an audience or an expert.
    row: Any = get_object_or_404(VOCABULARIES[kind].model, slug=slug)
    title = _("Trendsite: %(name)s") % {"name": row}
    return _write(request, form, entries(kind, slug), title, row.get_absolute_url())


@for_programs
@snapshot()
@redirects_former_slugs(lambda form: Trend.objects.published())
def feed_of_trend(request: HttpRequest, form: str, slug: str) -> HttpResponse:
    """Return the feed of the changes of one trend, empty if it is not offered in the language."""
    trend = get_object_or_404(Trend.objects.published(), slug=slug)
    shown = entries_of(trend) if active_language() in trend.languages else []
    title = _("Trendsite: %(name)s") % {"name": trend}
    about = _("Each assessment with its reason, and each forecast, when made and when settled.")
    return _write(request, form, shown, title, trend.get_absolute_url(), about)


def _write(
    request: HttpRequest,
    form: str,
    shown: list[FeedEntry],
    title: str,
    page: str,
    about: str = "",
) -> HttpResponse:
    """Return a feed of entries. `page` is the path of the page with the same content.

    `about` is a description of the feed of one trend, whose entries have their kind as category
    instead of the trend's tags.
    """
    language = active_language()
    site = settings.SITE_URL
    host = urlsplit(site).hostname
    written = FORMS[form](
        title=_clean(title),
        link=site + page,
        description=None,
        subtitle=about or _("New trends, changed assessments and forecasts, with reasons."),
        language=language,
        author_name=SITE_NAME,
        author_link=f"{site}/{language}/",
        feed_url=site + request.path,
        # The same in both formats, so that an aggregator knows that they are one feed.
        feed_guid=f"tag:{host},2026:{request.path.rpartition('.')[0]}",
    )
    first = first_slugs(Trend, {entry.trend.pk for entry in shown})
    for entry in shown:
        slug = first.get(entry.trend.pk, entry.trend.slug)
        written.add_item(
            title=_clean(entry.title),
            link=f"{site}{entry.trend.get_absolute_url()}{entry.anchor}",
            description=None,  # type: ignore[arg-type]  # `summary` below is without markup
            summary=_clean(entry.summary),
            content=_clean(entry.html),
            unique_id=f"tag:{host},2026:/{language}/trends/{slug}{entry.place}",
            pubdate=entry.published,
            updateddate=entry.updated,
            categories=[entry.what] if about else [tag.slug for tag in entry.trend.tag_rows],
        )
    return HttpResponse(written.writeString("utf-8"), content_type=written.content_type)


def entries(kind: str = "", slug: str = "") -> list[FeedEntry]:
    """Return the latest events of all trends, or of those of the row `slug` of a vocabulary.

    `kind` is the key of the vocabulary. The latest event is first. Eight queries, one more for a
    tag or an audience, and one for the successors of retired trends.
    """
    today = days.today()
    trends = FeedTrends.of(kind, slug)
    moves = latest_moves(today, trends, slug, ENTRIES)
    forecasts = latest_forecasts(today, trends, slug, ENTRIES)
    all_entries = [
        *map(_new, _latest_trends.fetch(today, trends, ENTRIES, slug=slug)),
        *map(_change, moves),
        *map(_forecast, forecasts),
        *map(_retirement, _latest_retired.fetch(today, trends, ENTRIES, slug=slug)),
    ]
    shown = sorted(all_entries, key=lambda entry: entry.published, reverse=True)[:ENTRIES]
    keep_tags([entry.trend for entry in shown])
    return shown


@CompiledRows
def _latest_trends(today: datetime.date, trends: FeedTrends, most: int) -> QuerySet[Trend]:
    return rows_between(trends.published(today).order_by("-published", "slug"), 0, most)


@CompiledRows
def _latest_retired(today: datetime.date, trends: FeedTrends, most: int) -> QuerySet[Trend]:
    retired = trends.published(today).retired(today).with_successors(today)
    return rows_between(retired.order_by("-retired", "slug"), 0, most)


def entries_of(trend: Trend) -> list[FeedEntry]:
    """Return the latest events of a published trend, the latest first. At most nine queries."""
    changes = Changes(Span(trend=trend), days.today())
    found = [_new(trend)]
    for change in changes.gather(changes.keys()[:ENTRIES]):
        match change.row:
            case Assessment() as assessment:
                found.append(_change(assessment))
            case TimelineEntry():
                found.append(_forecast(change))
            case Trend() as retired:
                found.append(_retirement(retired))
    return sorted(found, key=lambda entry: entry.published, reverse=True)[:ENTRIES]


def _new(trend: Trend) -> FeedEntry:
    assert trend.published  # a feed has published trends only
    shift = translated(trend, "shift")
    published = beginning_of(trend.published)
    judgement = [
        (_("Status"), trend.get_status_display()),
        (_("Confidence"), trend.get_confidence_display()),
        (_("Since"), trend.since.display()),
    ]
    points = lines(trend, "key_points")
    return FeedEntry(
        what="published",
        place="",
        title=str(trend),
        trend=trend,
        anchor="",
        summary=trend.in_brief().text,
        html=format_html(
            "{}{}<p>{}</p>{}",
            _paragraph(trend, "subtitle"),
            format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ([p] for p in points)))
            if points
            else "",
            format_html_join(" · ", "{}: {}", judgement),
            render_markdown(
                shift.text,
                shift.language,
                base=f"{settings.SITE_URL}{trend.get_absolute_url()}",
            ),
        ),
        published=published,
        updated=max(published, trend.updated_at),
    )


def _change(assessment: Assessment) -> FeedEntry:
    what = cast(What, assessment.what)
    moved = " · ".join(_moves(assessment.movement)) or {
        "new": _("first assessed"),
        "reviewed": _("reviewed, no change"),
    }.get(what, "")
    day = _reported_at(assessment.date, assessment.trend)
    return FeedEntry(
        what=what,
        place=f"/assessments/{assessment.date}",
        title=f"{assessment.trend} – {moved}",
        trend=assessment.trend,
        anchor=f"#{assessment.anchor}",
        summary=translated(assessment, "reason").text
        or translated_unmarked(assessment, "rationale").text,
        html=format_html(
            "<p>{}: {}</p>{}{}",
            assessment.date.display(),
            moved,
            _paragraph(assessment, "reason"),
            _paragraph(assessment, "rationale", marked_text),
        ),
        published=day,
        updated=day,
    )


def _forecast(change: Change) -> FeedEntry:
    """Return the entry of a forecast that was made, or whose outcome became known."""
    forecast = cast(TimelineEntry, change.row)
    day = _reported_at(change.date, forecast.trend)
    is_made = change.what == "made"
    said = _("%(date)s: %(what)s") % {"date": change.date.display(), "what": change.said}
    return FeedEntry(
        what=change.what,
        place=f"/forecasts/{forecast.key}/{change.what}",
        title=f"{forecast.trend} – {change.said}",
        trend=forecast.trend,
        anchor=f"#{forecast.anchor}",
        summary=translated(forecast, "text").text,
        html=format_html(
            "{}<p>{}</p>{}",
            _paragraph(forecast, "text"),
            " · ".join([said, *_claim(forecast)]) if is_made else said,
            _paragraph(forecast, "criterion" if is_made else "note"),
        ),
        published=day,
        updated=day,
    )


def _claim(forecast: TimelineEntry) -> Iterator[str]:
    """Yield who made a forecast, its date and its probability, if they are known."""
    if forecast.claimant:
        yield _("By %(who)s") % {"who": forecast.claimant}
    yield _("for %(date)s") % {"date": forecast.date.display()}
    if forecast.probability is not None:
        yield _("probability %(percent)s%%") % {"percent": forecast.probability}


def _retirement(trend: Trend) -> FeedEntry:
    assert trend.retired
    day = beginning_of(trend.retired)
    successors = list(trend.successors.all())
    titles = enumerated(successors)
    what = (
        _("retired, replaced by %(titles)s") % {"titles": titles}
        if titles
        else pgettext("of a trend", "retired")
    )
    links = enumerated_links(
        (settings.SITE_URL + other.get_absolute_url(), other) for other in successors
    )
    return FeedEntry(
        what="retired",
        place=f"/retired/{trend.retired.isoformat()}",
        title=f"{trend} – {what}",
        trend=trend,
        anchor="#retired",
        summary=translated(trend, "retired_note").text,
        html=format_html(
            "<p>{}</p>{}{}",
            _("Retired on %(day)s.") % {"day": PartialDate.from_date(trend.retired).display()},
            _paragraph(trend, "retired_note"),
            format_html("<p>{} {}</p>", _("Replaced by:"), links) if successors else "",
        ),
        published=day,
        updated=day,
    )


def _moves(movement: Movement) -> Iterator[str]:
    """Yield what changed, as the badges on pages say it."""
    before, after = movement.before, movement.after
    if before and after and movement.status_moved:
        names = {"before": before.status.label, "after": after.status.label}
        yield _("from %(before)s to %(after)s") % names
    if before and after and movement.confidence_moved:
        names = {"before": before.confidence.label, "after": after.confidence.label}
        yield _("confidence from %(before)s to %(after)s") % names


def _paragraph(
    row: Model, field: str, show: Callable[[Model, str], SafeString] = text
) -> SafeString:
    """Return a translated text as a paragraph with its language, or an empty text."""
    content = show(row, field)
    return format_html("<p>{}</p>", content) if content else SafeString("")


def _reported_at(date: PartialDate, trend: Trend) -> datetime.datetime:
    """Return the time of an event of a trend for which only a date is known.

    It is the end of the date: an assessment of the last quarter is not from October. It is not
    later than the last change of the trend, when the event was on its page at the latest, so it is
    never in the future.
    """
    written = days.day_of(trend.updated_at)
    return beginning_of(min(date.last_day, max(date.first_day, written)))


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)
