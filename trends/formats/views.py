"""What programs read: the content of pages in other forms, open to scripts of any site."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from trends.content import TrendPage
from trends.formats.addresses import addresses
from trends.formats.cards import site_card
from trends.formats.llms_txt import llms_txt
from trends.formats.trend_json import VERSION, row_as_json, trend_as_json
from trends.formats.trend_markdown import trend_as_markdown
from trends.models import Trend
from trends.queries.filters import CollectionFilters, Retired
from trends.queries.ordering import ordered_pages
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.snapshots import snapshot

TRENDS_A_PAGE = 100
_DAY = 24 * 60 * 60

View = Callable[..., HttpResponse]


def for_programs(view: View) -> View:
    """Reads only; scripts of other sites may; what has not changed is not sent again.

    The ETag follows from the content itself: a trend's page also changes with its sources,
    speakers and tags, and with the day.
    """
    inner = conditional_page(require_safe(view))

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = inner(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return wrapped


def _json(content: dict, status: int = 200) -> JsonResponse:
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})


def _not_found(message: str) -> JsonResponse:
    return _json({"version": VERSION, "error": message}, status=404)


_moved = redirects_former_slugs(lambda: Trend.objects.published())


def _page(slug: str) -> TrendPage:
    trend = get_object_or_404(Trend.objects.published().for_page(), slug=slug)
    return TrendPage(trend, timezone.localdate())


def _form_of(page: TrendPage, response: HttpResponse) -> HttpResponse:
    """Says which page this is another form of, so that a search engine finds that one."""
    offered, own = page.trend.languages, translation.get_language()
    language = own if own in offered or not offered else offered[0]
    response["Link"] = f'<{addresses(page.trend, language)["html"]}>; rel="canonical"'
    return response


@for_programs
@snapshot()
def trend_json(request: HttpRequest, slug: str) -> HttpResponse:
    """A trend's page as JSON."""
    try:
        return _trend_json(request, slug=slug)
    except Http404:
        return _not_found("No published trend has this slug.")


@_moved
def _trend_json(request: HttpRequest, slug: str) -> HttpResponse:
    page = _page(slug)
    return _form_of(page, _json(trend_as_json(page, translation.get_language())))


@for_programs
@snapshot()
@_moved
def trend_markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """A trend's page as Markdown."""
    page = _page(slug)
    text = trend_as_markdown(page, translation.get_language())
    return _form_of(page, HttpResponse(text, content_type="text/markdown; charset=utf-8"))


@for_programs
@snapshot()
def trends_json(request: HttpRequest) -> HttpResponse:
    """The trends in force in all their languages, filtered and ordered as the index is.

    Those that are retired are there where they are asked for. Its own words, those on what could
    not be read, are English for everyone.
    """
    with translation.override(settings.LANGUAGE_CODE):
        form = CollectionFilters(request.GET)
        match form.cleaned_data["retired"]:
            case Retired.INCLUDE:
                found = Trend.objects.published()
            case Retired.ONLY:
                found = Trend.objects.retired()
            case _:
                found = Trend.objects.in_force()
        trends = found.filtered(form.chosen).for_list().with_successors()
        paginator = ordered_pages(
            trends, form.cleaned_data["sort"], settings.LANGUAGE_CODE, TRENDS_A_PAGE
        )
        try:
            page = paginator.page(request.GET.get("page", 1))
        except InvalidPage:
            return _not_found("There is no such page.")

        def address(number: int) -> str:
            query = form.query(page=number)
            return settings.SITE_URL + reverse("trends-json") + (query and f"?{query}")

        return _json(
            {
                "version": VERSION,
                "type": "trends",
                "count": paginator.count,
                "page": page.number,
                "pages": paginator.num_pages,
                "next": address(page.next_page_number()) if page.has_next() else None,
                "previous": address(page.previous_page_number()) if page.has_previous() else None,
                "ignored": form.complaints,
                "trends": [row_as_json(trend) for trend in page],
            }
        )


@for_programs
@snapshot()
def llms(request: HttpRequest) -> HttpResponse:
    """What a language model should know of the site, and where the content is."""
    return HttpResponse(llms_txt(), content_type="text/plain; charset=utf-8")


@for_programs
def opensearch(request: HttpRequest) -> HttpResponse:
    """How a browser may offer the site's search as one of its own."""
    return render(
        request,
        "formats/opensearch.xml",
        {"site": settings.SITE_URL, "language": translation.get_language()},
        content_type="application/opensearchdescription+xml",
    )


@for_programs
@cache_control(public=True, max_age=_DAY)
def card(request: HttpRequest) -> HttpResponse:
    """The picture that stands for the site where an address of it is shared."""
    return HttpResponse(site_card(translation.get_language()), content_type="image/jpeg")
