"""Functions that all pages share: rendering, pagination and addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from trends.queries.lazy_lists import LazyList
from trendsite.shared.head import FeedLinks, Head
from trendsite.shared.paging import RowsPaginator
from trendsite.shared.paths import path_to
from trendsite.shared.snapshots import snapshot
from trendsite.shared.templatetags.texts import TRANSLATION_NOTE
from trendsite.shared.translated import recorded_fallbacks

TRENDS_A_PAGE = 20
MENTIONS_A_PAGE = 24

View = Callable[..., HttpResponse]


def page_view(view: View) -> View:
    """Decorate the view of a readers' page.

    Only GET and HEAD are allowed, and all queries read one snapshot of the database, so that a row
    that is deleted meanwhile is on the page as a whole or not at all.
    """
    return require_safe(snapshot()(view))


def render_page(
    request: HttpRequest, template: str, head: Head, data: Mapping[str, object]
) -> HttpResponse:
    """Render a page. `data` has all that the template shows, since templates make no queries.

    The note on texts in other languages is inserted after rendering: it is near the top of the
    page and depends on all of it.
    """
    with recorded_fallbacks() as languages:
        page = render_to_string(template, {"head": head, **data}, request)
    note = render_to_string("components/fallback_note.html", {"codes": sorted(languages)})
    return HttpResponse(page.replace(TRANSLATION_NOTE, note, 1))


def list_page(
    request: HttpRequest,
    rows: QuerySet[Any] | LazyList[Any],
    size: int,
    parameter: str = "page",
) -> Page[Any]:
    """Return the page of a list that the query string asks for.

    An invalid number gives the first page, one that is too large the last. For a queryset one
    query for the rows, and one for their number.
    """
    paginator = RowsPaginator if isinstance(rows, QuerySet) else Paginator
    page = paginator(rows, size).get_page(request.GET.get(parameter))
    page.object_list = list(page.object_list)
    return page


def page_path(request: HttpRequest, **pages: Page[Any]) -> str:
    """Return the canonical path: keeps page numbers above 1, drops everything else.

    `pages` are the pages of lists by the parameter that numbers them.
    """
    numbers = {name: page.number for name, page in pages.items() if page.number > 1}
    return f"{request.path}?{urlencode(numbers)}" if numbers else request.path


@dataclass(frozen=True)
class FilteredAddress:
    """The addresses of a page of a filtered list.

    `path` is the canonical path, which is that of the unfiltered list. `query` is the query string
    of the page. `kept` is that of the filters, to which the number of another page is appended.
    """

    path: str
    query: str
    kept: str


def filtered_address(request: HttpRequest, page: Page[Any], **filters: object) -> FilteredAddress:
    """Return the addresses of a page of a list. Empty values of `filters` are ignored."""
    query = {name: str(value) for name, value in filters.items() if value}
    number = {"page": page.number} if page.number > 1 else {}
    return FilteredAddress(
        path=request.path if query else page_path(request, page=page),
        query=urlencode(query | number),
        kept=urlencode(query) + "&" if query else "",
    )


def feed_links(kind: str, slug: str, title: str) -> FeedLinks:
    """Return the addresses of the feeds of a tag, an audience, an expert or a trend."""
    return FeedLinks(
        title=title,
        atom=path_to(f"{kind}-feed-atom", slug),
        json=path_to(f"{kind}-feed-json", slug),
    )
