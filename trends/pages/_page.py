"""What the pages of lists share: which page is asked for, and its address."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from trendsite.shared.paging import RowsPaginator
from trendsite.shared.snapshots import snapshot
from trendsite.shared.templatetags.texts import TRANSLATION_NOTE
from trendsite.shared.translated import recorded_fallbacks

TRENDS_A_PAGE = 20
MENTIONS_A_PAGE = 24


View = Callable[..., HttpResponse]


def page_view(view: View) -> View:
    """Make a view one of a readers' page.

    Only GET and HEAD are allowed, and all queries read one state of the database: what is
    deleted between two of them is on the page or is not, but never in half.
    """
    return require_safe(snapshot()(view))


def render_page(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """Render a page, with a note on what it shows in another language than its own.

    The note is near the top of the page and tells of all of it, so it is put in place last.
    """
    with recorded_fallbacks() as languages:
        page = render_to_string(template, dict(context), request)
    note = render_to_string("components/fallback_note.html", {"codes": sorted(languages)})
    return HttpResponse(page.replace(TRANSLATION_NOTE, note, 1))


def list_page(
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


def page_path(request: HttpRequest, **pages: Page) -> str:
    """The one address of what is shown: the first pages, and whatever else is asked, unnamed."""
    numbers = {name: page.number for name, page in pages.items() if page.number > 1}
    return f"{request.path}?{urlencode(numbers)}" if numbers else request.path


def filtered_page(request: HttpRequest, page: Page, **filters: object) -> dict[str, Any]:
    """The addresses of a page of a list that is filtered by what of `filters` is set.

    Filtered it is the list in another form: the list's address is the one.
    """
    query = {name: str(value) for name, value in filters.items() if value}
    number = {"page": page.number} if page.number > 1 else {}
    return {
        "kept": urlencode(query) + "&" if query else "",
        "page_path": request.path if query else page_path(request, page=page),
        "page_query": urlencode(query | number),
    }
