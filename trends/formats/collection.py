"""The collection of trends as JSON, for programs: `/api/trends.json`."""

import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import InvalidPage, Paginator
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import translation

from trends.formats.responses import JSON_VERSION, for_programs, json_not_found, json_response
from trends.models import Trend, TrendQuerySet
from trends.queries.filters import CollectionFilters
from trends.queries.kept_lists.kept_trends import kept_trends
from trendsite.shared import days
from trendsite.shared.snapshots import snapshot
from trendsite.shared.translated import translations

TRENDS_A_PAGE = 100


@for_programs
@snapshot()
def trends_json(request: HttpRequest) -> JsonResponse:
    """Return a page of trends in all their languages, filtered and ordered by the query string.

    The parameters are those of the index page, and `retired`. Messages on invalid ones are in
    English.
    """
    with translation.override(settings.LANGUAGE_CODE):
        form = CollectionFilters(request.GET)
        paginator = _pages(form)
        try:
            page = paginator.page(request.GET.get("page", 1))
        except InvalidPage:
            return json_not_found("There is no such page.")

        def address(number: int) -> str:
            query = form.query(page=number)
            return settings.SITE_URL + reverse("trends-json") + (query and f"?{query}")

        return json_response(
            {
                "version": JSON_VERSION,
                "type": "trends",
                "count": paginator.count,
                "page": page.number,
                "pages": paginator.num_pages,
                "next": address(page.next_page_number()) if page.has_next() else None,
                "previous": address(page.previous_page_number()) if page.has_previous() else None,
                "ignored": form.complaints,
                "trends": [_row(trend) for trend in page],
            }
        )


def _pages(form: CollectionFilters) -> Paginator[Trend]:
    asked = form.cleaned_data
    trends = kept_trends(
        _shown, days.today(), form.frozen, asked["sort"], settings.LANGUAGE_CODE, asked["retired"]
    )
    return Paginator(trends, TRENDS_A_PAGE)


def _shown(today: datetime.date) -> TrendQuerySet:
    return Trend.objects.published(today).for_list(today).with_successors(today)


def _row(trend: Trend) -> dict[str, Any]:
    return {
        "slug": trend.slug,
        "languages": trend.languages,
        "title": translations(trend, "title"),
        "subtitle": translations(trend, "subtitle"),
        "status": trend.status,
        "confidence": trend.confidence,
        "confidence_of": translations(trend, "confidence_of"),
        "key_points": translations(trend, "key_points"),
        "since": str(trend.since),
        "reviewed": str(trend.reviewed) if trend.reviewed else None,
        "published": trend.published and trend.published.isoformat(),
        "retired": {
            "on": trend.retired and trend.retired.isoformat(),
            "note": translations(trend, "retired_note"),
            "successors": [other.slug for other in trend.successors.all()],
        }
        if trend.is_retired()
        else None,
        "updated": trend.updated_at.isoformat(),
        "new": trend.movement.is_new,
        "moved": trend.movement.moved,
        "under_review": trend.is_under_review,
        "tags": [tag.slug for tag in trend.tag_rows],
        "links": {language: trend.absolute_urls(language) for language in trend.languages},
    }
