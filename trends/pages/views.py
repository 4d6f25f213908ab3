"""Readers' pages: access, parse, query, render."""

from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from quotes.models import Expert, Source, Video
from trends.content import (
    TrendPage,
    stand_in_languages,
    texts_in_list,
    texts_of,
    texts_of_changes,
    texts_on_cards,
    texts_on_their_trends,
    titles_of,
)
from trends.formats.bibliography import cite
from trends.formats.card_files import card_address
from trends.formats.structured_data import (
    a_z_data,
    audience_data,
    changes_data,
    directory_data,
    expert_data,
    forecasts_data,
    index_data,
    source_data,
    tag_data,
    trend_data,
    video_data,
)
from trends.models import Audience, Trend, mentions_for_readers
from trends.pages.a_z import AToZ
from trends.pages.audience import groups_of, other_audiences, trends_for
from trends.pages.index import TRENDS_A_PAGE, Overview
from trends.pages.reader_forms import ChangesForm, ForecastsForm
from trends.queries.changes import Changes
from trends.queries.filters import TrendFilters
from trends.queries.forecasts import Record, State, count_states
from trends.queries.forecasts import forecasts as all_forecasts
from trends.queries.related import (
    related_experts,
    related_sources,
    related_tags,
    related_videos,
    trends_quoting,
)
from trends.queries.uses import trends_using, uses_of
from trends.queries.vocabularies import Directory
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.models import Tag
from trendsite.shared.paging import RowsPaginator
from trendsite.shared.translated import translated, translations

MENTIONS_A_PAGE = 24
FORECASTS_A_PAGE = 30
CHANGES_A_PAGE = 30
ROWS_A_PAGE = 100


def _page(
    request: HttpRequest,
    rows: QuerySet,
    size: int,
    parameter: str = "page",
    count: int | None = None,
) -> Page:
    """The page asked for; `count` where the number of rows is known already."""
    # A union has no rows of a table, but keys, which are slim enough.
    paginator = (Paginator if rows.query.combinator else RowsPaginator)(rows, size)
    if count is not None:
        paginator.count = count
    return paginator.get_page(request.GET.get(parameter))


def _page_path(request: HttpRequest, **pages: Page) -> str:
    """The one address of what is shown: the first pages, and whatever else is asked, unnamed."""
    numbers = {name: page.number for name, page in pages.items() if page.number > 1}
    return f"{request.path}?{urlencode(numbers)}" if numbers else request.path


def _filtered_page(request: HttpRequest, page: Page, **filters: object) -> dict[str, Any]:
    """The addresses of a page of a list that is filtered by what of `filters` is set.

    Filtered it is the list in another form: the list's address is the one.
    """
    query = {name: str(value) for name, value in filters.items() if value}
    number = {"page": page.number} if page.number > 1 else {}
    return {
        "kept": urlencode(query) + "&" if query else "",
        "page_path": request.path if query else _page_path(request, page=page),
        "page_query": urlencode(query | number),
    }


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All trends in force, as filtered and ordered by the query string."""
    overview = Overview(
        Trend.objects.in_force(),
        TrendFilters(request.GET),
        get_language(),
        request.GET.get("page"),
    )
    context = {
        "overview": overview,
        # Filtered or sorted it is the index in another form: the index's address is the one.
        "page_path": request.path if overview.query else _page_path(request, page=overview.page),
        "page_query": overview.address,
        "fallback_languages": stand_in_languages(texts_in_list(overview.page)),
        "structured_data": index_data(overview.page, get_language()),
    }
    return render(request, "pages/index.html", context)


@require_safe
@redirects_former_slugs(lambda: Trend.objects.published())
def trend(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of one published trend."""
    found = get_object_or_404(Trend.objects.published().for_page(), slug=slug)
    return render_trend(request, found)


def render_trend(request: HttpRequest, trend: Trend, *, preview: bool = False) -> HttpResponse:
    """A trend of `for_page()` as its page; as a preview, with a banner that says so."""
    page = TrendPage(trend, timezone.localdate())
    context: dict[str, Any] = {
        "page": page,
        "offered_languages": trend.languages,
        "page_path": trend.get_absolute_url(),
        "preview": preview,
        # What readers do not have is not to be cited.
        "citations": None if preview else cite(trend, get_language()),
        "structured_data": "" if preview else trend_data(page, get_language()),
        "card": card_address(trend, get_language()),
    }
    return render(request, "pages/trend.html", context)


@require_safe
def a_z(request: HttpRequest) -> HttpResponse:
    """Every published trend by title, those that are retired with what succeeds them."""
    found = AToZ(Trend.objects.published(), get_language(), request.GET.get("page"))
    successors = (other for trend in found.trends for other in trend.successors.all())
    context = {
        "a_z": found,
        "page_path": _page_path(request, page=found.page),
        "fallback_languages": stand_in_languages(titles_of(found.trends), titles_of(successors)),
        "structured_data": a_z_data(found.page, found.trends, get_language()),
    }
    return render(request, "pages/a_z.html", context)


@require_safe
def directory(request: HttpRequest, directory: Directory) -> HttpResponse:
    """The experts, tags or audiences that trends hang on, by name."""
    rows = directory.rows(get_language(), timezone.localdate())
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "directory": directory,
        "page": page,
        "page_path": _page_path(request, page=page),
        "fallback_languages": stand_in_languages(texts_of(page)),
        "structured_data": directory_data(directory, page, request.path, get_language()),
    }
    return render(request, "pages/directory.html", context)


@require_safe
@redirects_former_slugs(lambda: Tag.objects.all())
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """What hangs on a tag: the trends, and the mentions on published trends."""
    found = get_object_or_404(Tag, slug=slug)
    tagged = Trend.objects.published().filter(tagged__tag=found).in_force_first().for_list()
    trends = _page(request, tagged, TRENDS_A_PAGE)
    said = mentions_for_readers().filter(tagged__tag=found)
    mentions = _page(request, said, MENTIONS_A_PAGE, "mentions")
    others = related_tags(found, timezone.localdate())
    context = {
        "tag": found,
        "trends": trends,
        "mentions": mentions,
        "related_tags": others,
        "page_path": _page_path(request, page=trends, mentions=mentions),
        "offered_languages": list(translations(found, "label")),
        "fallback_languages": stand_in_languages(
            texts_of([found, *others]), texts_in_list(trends), texts_on_cards(mentions)
        ),
        "structured_data": tag_data(found, trends, mentions, get_language()),
    }
    return render(request, "pages/tag.html", context)


@require_safe
@redirects_former_slugs(lambda: Audience.objects.all())
def audience(request: HttpRequest, slug: str) -> HttpResponse:
    """What all trends mean for an audience, by how far each has come; last those retired."""
    found = get_object_or_404(Audience, slug=slug)
    today = timezone.localdate()
    page = _page(request, trends_for(found, today), TRENDS_A_PAGE)
    others = other_audiences(found, today)
    context = {
        "audience": found,
        "others": others,
        "trends": page,
        "groups": groups_of(page, today),
        "page_path": _page_path(request, page=page),
        "offered_languages": list(translations(found, "label")),
        "fallback_languages": stand_in_languages(
            texts_of([found, *others]),
            (translated(trend, "title") for trend in page),
            texts_of(point for trend in page for point in trend.points),
        ),
        "structured_data": audience_data(found, page, get_language()),
    }
    return render(request, "pages/audience.html", context)


@require_safe
@redirects_former_slugs(lambda: Expert.objects.all())
def expert(request: HttpRequest, slug: str) -> HttpResponse:
    """An expert, with all that they said on published trends, the latest first."""
    found = get_object_or_404(Expert, slug=slug)
    today = timezone.localdate()
    mentions = _page(request, mentions_for_readers().filter(expert=found), MENTIONS_A_PAGE)
    trends = _page(request, trends_quoting(found, today), TRENDS_A_PAGE, "trends")
    others = related_experts(found, today)
    context = {
        "expert": found,
        "mentions": mentions,
        "trends": trends,
        "related_experts": others,
        "page_path": _page_path(request, page=mentions, trends=trends),
        "offered_languages": list(translations(found, "name")),
        "fallback_languages": stand_in_languages(
            texts_of([found]),
            texts_on_cards(mentions),
            (translated(trend, "title") for trend in trends),
            (translated(other, "name") for other in others),
        ),
        "structured_data": expert_data(found, mentions, get_language()),
        "portrait": urljoin(settings.SITE_URL, found.picture.fallback),
    }
    return render(request, "pages/expert.html", context)


@require_safe
@redirects_former_slugs(lambda: Source.objects.all(), "key")
def source(request: HttpRequest, key: str) -> HttpResponse:
    """A source, with every place on a published trend that rests on it."""
    found = get_object_or_404(Source, key=key)
    today = timezone.localdate()
    page = _page(request, trends_using(found, today), TRENDS_A_PAGE)
    uses = uses_of(found, page)
    context = {
        "source": found,
        "trends": page,
        "uses": uses,
        "related_sources": related_sources(found, today),
        "page_path": _page_path(request, page=page),
        "fallback_languages": stand_in_languages(
            (translated(trend, "title") for trend in page),
            (
                translated(use.row, use.field)
                for places in uses.values()
                for use in places
                if use.row
            ),
        ),
        "structured_data": source_data(found, page, get_language()),
    }
    return render(request, "pages/source.html", context)


@require_safe
def video(request: HttpRequest, platform: str, video_id: str) -> HttpResponse:
    """A video, with what is quoted of it on published trends, in the order of its seconds."""
    found = get_object_or_404(Video, platform=platform, video_id=video_id)
    today = timezone.localdate()
    said = mentions_for_readers().filter(video=found)
    page = _page(request, said.order_by(F("start").asc(nulls_first=True), "pk"), MENTIONS_A_PAGE)
    trends = _page(request, trends_quoting(found, today), TRENDS_A_PAGE, "trends")
    context = {
        "video": found,
        "mentions": page,
        "trends": trends,
        "related_videos": related_videos(found, today),
        "page_path": _page_path(request, page=page, trends=trends),
        "fallback_languages": stand_in_languages(
            texts_on_cards(page), (translated(trend, "title") for trend in trends)
        ),
        "structured_data": video_data(found, page, trends, get_language()),
        "picture": found.picture and urljoin(settings.SITE_URL, found.picture.fallback),
    }
    return render(request, "pages/video.html", context)


@require_safe
def forecasts(request: HttpRequest) -> HttpResponse:
    """All forecasts, those of one outcome where that is asked for, and the record so far."""
    form = ForecastsForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data.get("outcome", "")
    found = all_forecasts(timezone.localdate())
    counts = count_states(found)
    total = sum(counts.values())
    shown = found.filter(state=wanted) if wanted else found
    page = _page(request, shown, FORECASTS_A_PAGE, count=counts[State(wanted)] if wanted else total)
    context = {
        "form": form,
        "wanted": wanted,
        "counts": counts,
        "total": total,
        "record": Record(found),
        "groups": [
            (State(state), list(entries)) for state, entries in groupby(page, attrgetter("state"))
        ],
        "forecasts": page,
        **_filtered_page(request, page, outcome=wanted),
        "fallback_languages": stand_in_languages(texts_on_their_trends(page)),
        "structured_data": forecasts_data(page, get_language()),
    }
    return render(request, "pages/forecasts.html", context)


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What moved and why, the latest first: of all trends or one, between two dates or ever."""
    form = ChangesForm(request.GET)
    span = form.span
    found = Changes(span, timezone.localdate())
    counts = found.counts()
    page = _page(request, found.keys(), CHANGES_A_PAGE, count=sum(counts.values()))
    rows = found.gather(list(page))
    asked = {"trend": span.trend and span.trend.slug, "from": span.since, "to": span.until}
    context = {
        "form": form,
        "span": span,
        "counts": counts,
        "changes": rows,
        "page": page,
        **_filtered_page(request, page, **asked),
        "fallback_languages": stand_in_languages(texts_of_changes(rows)),
        "structured_data": changes_data(page, rows, get_language()),
    }
    return render(request, "pages/changes.html", context)
