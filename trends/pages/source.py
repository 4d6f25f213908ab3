"""The page of a source."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language

from quotes.models import Source
from trends.formats.structured_data import source_data
from trends.pages._page import TRENDS_A_PAGE, list_page, page_path, page_view, render_page
from trends.queries.citations import trends_using, uses_of
from trends.queries.related import related_sources
from trendsite.shared.former_slugs import redirects_former_slugs


@page_view
@redirects_former_slugs(lambda: Source.objects.all(), "key")
def source_page(request: HttpRequest, key: str) -> HttpResponse:
    """A source, with every place on a published trend that rests on it."""
    found = get_object_or_404(Source, key=key)
    today = timezone.localdate()
    page = list_page(request, trends_using(found, today), TRENDS_A_PAGE)
    uses = uses_of(found, page)
    context = {
        "source": found,
        "trends": page,
        "uses": uses,
        "related_sources": related_sources(found, today),
        "page_path": page_path(request, page=page),
        "structured_data": source_data(found, page, get_language()),
    }
    return render_page(request, "pages/source.html", context)
