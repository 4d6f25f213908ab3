"""The index: all trends in force, filtered and ordered by the query string."""

import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from trends.formats.structured_data import index_data
from trends.models import Trend, TrendQuerySet
from trends.pages._filters import FilterPanel
from trends.pages._page import TRENDS_A_PAGE, page_path, page_view, render_page
from trends.pictures.history import build_history_picture
from trends.pictures.overview import MOST_TRENDS, build_overview
from trends.queries.changes import latest_changes
from trends.queries.facets import count_facets, trends_in_words
from trends.queries.filters import ListFilters, PictureView
from trends.queries.kept_lists.kept_trends import kept_trends
from trendsite.shared import days
from trendsite.shared.head import Head
from trendsite.shared.translated import active_language

CHANGES_SHOWN = 3


@page_view
def index_page(request: HttpRequest) -> HttpResponse:
    form = ListFilters(request.GET)
    language = active_language()
    data = _gather(form, request.path, request.GET.get("page"), language)
    page = data["page"]
    query = form.query()
    head = Head(
        title=_("Trends backed by evidence"),
        description=_(
            "What is shifting and why, who says so, what it means, and how earlier forecasts "
            "turned out."
        ),
        # The canonical address of a filtered or sorted list is that of the whole list.
        path=request.path if query else page_path(request, page=page),
        query=form.query(page=page.number),
        structured_data=index_data(page, language),
    )
    data["kept"] = f"{query}&" if query else ""
    return render_page(request, "pages/index.html", head, data)


def _shown(today: datetime.date) -> TrendQuerySet:
    return Trend.objects.published(today).for_list(today)


def _gather(form: ListFilters, path: str, number: str | None, language: str) -> dict[str, Any]:
    """Return the data of the page: the latest changes, the list, the picture and the filters.

    At most eighteen queries: four for the trends, nine for the facets and four for the changes,
    which only the first page of the unfiltered list has. Two more for the picture on a time axis.
    """
    today = days.today()
    asked = form.cleaned_data
    found = kept_trends(_shown, today, form.frozen, asked["sort"], language)
    pages = Paginator(found, TRENDS_A_PAGE)
    page = pages.get_page(number)
    is_on_time_axis = asked["view"] == PictureView.TIME
    overview = history = None
    if is_on_time_axis:
        history = build_history_picture(list(page), today)
    elif page.number == 1 and pages.count <= MOST_TRENDS:
        # The overview shows all trends, so that no other query is needed for the first page.
        pictured = list(found)
        page.object_list = pictured[:TRENDS_A_PAGE]
        overview = build_overview(pictured)
    facets = count_facets(form.chosen)
    is_start = page.number == 1 and not form.is_filtered
    kept = {"view": asked["view"]} if is_on_time_axis else {}
    return {
        "page": page,
        "filters": FilterPanel(
            form=form,
            facets=facets,
            state=trends_in_words(pages.count),
            path=path,
            cleared=path,
            kept=kept,
        ),
        "is_filtered": form.is_filtered,
        "is_start": is_start,
        "changes": latest_changes(today, CHANGES_SHOWN) if is_start else [],
        "overview": overview,
        "history": history,
        "other": form.query(view=PictureView.STATUS if is_on_time_axis else PictureView.TIME),
        "most_in_picture": MOST_TRENDS,
        "recent_days": settings.RECENT_DAYS,
    }
