"""Readers' pages: access, parse, query, render."""

from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from quotes.models import Expert
from trends.filters import TrendFilters
from trends.forecasts import Record, State, count_states
from trends.forecasts import forecasts as all_forecasts
from trends.models import Trend, mentions_for_readers
from trends.overview import TRENDS_A_PAGE, Overview
from trends.pages import (
    TrendPage,
    stand_in_languages,
    texts_in_list,
    texts_of,
    texts_on_cards,
    texts_on_their_trends,
)
from trends.reader_forms import ForecastsForm
from trendsite.models import Tag
from trendsite.translated import translations

MENTIONS_A_PAGE = 24
FORECASTS_A_PAGE = 30


def _page(request: HttpRequest, rows: QuerySet, size: int, parameter: str = "page") -> Page:
    return Paginator(rows, size).get_page(request.GET.get(parameter))


def _page_path(request: HttpRequest, kept: str = "", **pages: Page) -> str:
    """The one address of what is shown: the first pages, and whatever else is asked, unnamed.

    `kept` are the filters that hold on the page, as of `_kept()`.
    """
    numbers = {name: page.number for name, page in pages.items() if page.number > 1}
    query = (kept + urlencode(numbers)).rstrip("&")
    return f"{request.path}?{query}" if query else request.path


def _kept(**filters: object) -> str:
    """The filters that are set as the beginning of a query string: `outcome=due&`, or nothing."""
    query = urlencode({name: str(value) for name, value in filters.items() if value})
    return query and f"{query}&"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All published trends, as filtered and ordered by the query string."""
    overview = Overview(
        Trend.objects.published(),
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
    }
    return render(request, "trends/index.html", context)


@require_safe
def trend(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of one published trend."""
    found = get_object_or_404(Trend.objects.published().for_page(), slug=slug)
    return render_trend(request, found)


def render_trend(request: HttpRequest, trend: Trend, *, preview: bool = False) -> HttpResponse:
    """A trend of `for_page()` as its page; as a preview, with a banner that says so."""
    context: dict[str, Any] = {
        "page": TrendPage(trend, timezone.localdate()),
        "offered_languages": trend.languages,
        "page_path": trend.get_absolute_url(),
        "preview": preview,
    }
    return render(request, "trends/trend.html", context)


@require_safe
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """What hangs on a tag: the trends, and the mentions on published trends."""
    found = get_object_or_404(Tag, slug=slug)
    tagged = Trend.objects.published().filter(tagged__tag=found).latest_first().for_list()
    trends = _page(request, tagged, TRENDS_A_PAGE)
    said = mentions_for_readers().filter(tagged__tag=found)
    mentions = _page(request, said, MENTIONS_A_PAGE, "mentions")
    context = {
        "tag": found,
        "trends": trends,
        "mentions": mentions,
        "page_path": _page_path(request, page=trends, mentions=mentions),
        "offered_languages": list(translations(found, "label")),
        "fallback_languages": stand_in_languages(
            texts_of([found]), texts_in_list(trends), texts_on_cards(mentions)
        ),
    }
    return render(request, "trends/tag.html", context)


@require_safe
def expert(request: HttpRequest, slug: str) -> HttpResponse:
    """An expert, with all that they said on published trends, the latest first."""
    found = get_object_or_404(Expert, slug=slug)
    mentions = _page(request, mentions_for_readers().filter(expert=found), MENTIONS_A_PAGE)
    context = {
        "expert": found,
        "mentions": mentions,
        "page_path": _page_path(request, page=mentions),
        "offered_languages": list(translations(found, "name")),
        "fallback_languages": stand_in_languages(texts_of([found]), texts_on_cards(mentions)),
    }
    return render(request, "quotes/expert.html", context)


@require_safe
def forecasts(request: HttpRequest) -> HttpResponse:
    """All forecasts, those of one outcome where that is asked for, and the record so far."""
    form = ForecastsForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data.get("outcome", "")
    found = all_forecasts(timezone.localdate())
    counts = count_states(found)
    page = _page(request, found.filter(state=wanted) if wanted else found, FORECASTS_A_PAGE)
    kept = _kept(outcome=wanted)
    context = {
        "form": form,
        "wanted": wanted,
        "counts": counts,
        "total": sum(counts.values()),
        "record": Record(found),
        "groups": [
            (State(state), list(entries)) for state, entries in groupby(page, attrgetter("state"))
        ],
        "forecasts": page,
        "kept": kept,
        "page_path": _page_path(request, kept, page=page),
        "fallback_languages": stand_in_languages(texts_on_their_trends(page)),
    }
    return render(request, "trends/forecasts.html", context)
