"""Readers' pages: access, parse, query, render."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from quotes.models import Expert
from trends.models import Trend, mentions_for_readers
from trends.pages import TrendPage
from trendsite.models import Tag

TRENDS_A_PAGE = 20
MENTIONS_A_PAGE = 24


def _page(request: HttpRequest, rows: QuerySet, size: int, parameter: str = "page") -> Page:
    return Paginator(rows, size).get_page(request.GET.get(parameter))


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All published trends, the latest first."""
    trends = Trend.objects.published().latest_first().for_list()
    return render(request, "trends/index.html", {"trends": _page(request, trends, TRENDS_A_PAGE)})


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
    trends = Trend.objects.published().filter(tagged__tag=found).latest_first().for_list()
    mentions = mentions_for_readers().filter(tagged__tag=found)
    context = {
        "tag": found,
        "trends": _page(request, trends, TRENDS_A_PAGE),
        "mentions": _page(request, mentions, MENTIONS_A_PAGE, "mentions"),
    }
    return render(request, "trends/tag.html", context)


@require_safe
def expert(request: HttpRequest, slug: str) -> HttpResponse:
    """An expert, with all that they said on published trends, the latest first."""
    found = get_object_or_404(Expert, slug=slug)
    mentions = mentions_for_readers().filter(expert=found)
    context = {"expert": found, "mentions": _page(request, mentions, MENTIONS_A_PAGE)}
    return render(request, "quotes/expert.html", context)
