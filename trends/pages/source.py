"""The page of a source."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from quotes.models import Source
from trends.formats.structured_data import source_data
from trends.models import Trend
from trends.pages._page import TRENDS_A_PAGE, list_page, page_path, page_view, render_page
from trends.queries.citations import latest_citing, uses_of
from trends.queries.lazy_lists import rows_of
from trends.queries.related import related_sources
from trendsite.shared import days
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.head import Head
from trendsite.shared.translated import active_language


@page_view
@redirects_former_slugs(lambda: Source.objects.all(), "key")
def source_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show a source with the places on published trends that cite or list it."""
    source = get_object_or_404(Source, key=key)
    today = days.today()
    citing = latest_citing(source, today)
    rows = rows_of(Trend.objects.published(today), citing.pks)
    trends = list_page(request, rows, TRENDS_A_PAGE)
    head = Head(
        title=_("Source: %(source)s") % {"source": source},
        description=_("Trends that cite “%(source)s”, and where.") % {"source": source},
        path=page_path(request, page=trends),
        structured_data=source_data(source, trends, active_language()),
    )
    data = {
        "source": source,
        "trends": trends,
        "uses": uses_of(source, trends),
        "are_all": citing.are_all,
        "related_sources": related_sources(source, citing.pks),
    }
    return render_page(request, "pages/source.html", head, data)
