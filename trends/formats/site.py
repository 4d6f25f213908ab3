"""Formats of the site as a whole: its OpenSearch description and its card."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control

from trends.formats.responses import for_programs

_DAY = 24 * 60 * 60


@for_programs
def opensearch(request: HttpRequest) -> HttpResponse:
    """Return the OpenSearch description, with which browsers can offer the search of the site."""
    return render(
        request,
        "formats/opensearch.xml",
        {"site": settings.SITE_URL, "language": get_language()},
        content_type="application/opensearchdescription+xml",
    )


@for_programs
@cache_control(public=True, max_age=_DAY)
def card(request: HttpRequest) -> HttpResponse:
    """Return the card of pages that have none of their own, as JPEG."""
    from trends.formats.cards import site_card  # here, since Pillow takes 6 MB

    return HttpResponse(site_card(get_language()), content_type="image/jpeg")
