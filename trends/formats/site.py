"""The site as a whole, for browsers and social networks."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control

from trends.formats.responses import for_programs

_DAY = 24 * 60 * 60


@for_programs
def opensearch(request: HttpRequest) -> HttpResponse:
    """Return the description by which a browser can offer the search of the site as its own."""
    return render(
        request,
        "formats/opensearch.xml",
        {"site": settings.SITE_URL, "language": get_language()},
        content_type="application/opensearchdescription+xml",
    )


@for_programs
@cache_control(public=True, max_age=_DAY)
def card(request: HttpRequest) -> HttpResponse:
    """Return the picture of the pages that have none of their own, as JPEG."""
    from trends.formats.cards import site_card  # not before: Pillow takes 6 MB

    return HttpResponse(site_card(get_language()), content_type="image/jpeg")
