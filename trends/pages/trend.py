"""The page of one trend, and its preview for editors."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language

from trends.content import TrendPage
from trends.formats.bibliography import cite
from trends.formats.card_files import card_address
from trends.formats.structured_data import trend_data
from trends.models import Trend
from trends.pages._page import page_view, render_page
from trendsite.shared.former_slugs import redirects_former_slugs


@page_view
@redirects_former_slugs(lambda: Trend.objects.published())
def trend_page(request: HttpRequest, slug: str) -> HttpResponse:
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
    return render_page(request, "pages/trend.html", context)
