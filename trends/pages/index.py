"""The index: its list as filtered and ordered, and the choices beside it."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from trends.formats.structured_data import index_data
from trends.models import Trend, TrendQuerySet
from trends.pages._page import TRENDS_A_PAGE, page_path, page_view, render_page
from trends.pictures.history import HistoryPicture, build_history_picture
from trends.pictures.overview import MOST_TRENDS, OverviewPicture, build_overview_picture
from trends.queries.facets import Choice, Facet, facets
from trends.queries.filters import TrendFilters, View
from trends.queries.ordering import ordered_pages


@dataclass(frozen=True)
class Removal:
    """A filter that is on, and the query string without it."""

    label: str
    choice: Choice
    query: str


class Overview:
    """What the index shows of trends that are not yet filtered.

    Nine queries for the choices; two for the picture; for the list its number, or in the order
    of titles those, its trends and their tags.
    """

    most_in_picture = MOST_TRENDS

    def __init__(
        self, trends: TrendQuerySet, form: TrendFilters, language: str, page: str | None
    ) -> None:
        self.form = form
        self._all = trends
        self._language = language
        self._page_asked = page

    @cached_property
    def page(self) -> Page:
        """The page of the list; of a number that is none, the first or the last one."""
        trends = self._all.filtered(self.form.applied).for_list()
        return ordered_pages(
            trends, self.form.sort_applied, self._language, TRENDS_A_PAGE
        ).get_page(self._page_asked)

    @property
    def recent_days(self) -> int:
        return settings.RECENT_DAYS

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @cached_property
    def picture(self) -> OverviewPicture | None:
        """All trends of the list, on its first page; None where they are too many."""
        if self.is_on_time_axis or self.page.number > 1 or self.count > MOST_TRENDS:
            return None
        return build_overview_picture(self._all.filtered(self.form.applied).for_list())

    @cached_property
    def history(self) -> HistoryPicture | None:
        """The trends of the page on an axis of time, if that is asked for."""
        if not self.is_on_time_axis:
            return None
        return build_history_picture(list(self.page), timezone.localdate())

    @property
    def is_on_time_axis(self) -> bool:
        return self.form.view_applied == View.TIME

    @property
    def other_view(self) -> str:
        """The query string of the same trends in the other picture."""
        return self.form.query(view=View.STATUS if self.is_on_time_axis else View.TIME)

    @cached_property
    def facets(self) -> list[Facet]:
        return facets(self._all, self.form)

    @property
    def removals(self) -> list[Removal]:
        """The filters that are on, each with the way out of it."""
        return [
            Removal(facet.label, choice, self.form.query(without=(facet.kind, choice.value)))
            for facet in self.facets
            for choice in facet.chosen
        ]

    @property
    def query(self) -> str:
        """The query string of the list without its page."""
        return self.form.query()

    @property
    def kept(self) -> str:
        """The same, to stand before the number of a page."""
        return f"{self.query}&" if self.query else ""

    @property
    def address(self) -> str:
        """The query string that readers of another language should get: with the page."""
        if self.page.number == 1:
            return self.query
        return self.form.query(page=self.page.number)


@page_view
def index_page(request: HttpRequest) -> HttpResponse:
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
        "page_path": request.path if overview.query else page_path(request, page=overview.page),
        "page_query": overview.address,
        "structured_data": index_data(overview.page, get_language()),
    }
    return render_page(request, "pages/index.html", context)
