"""The headers of kept answers for browsers and shared caches."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse

CACHE_CONTROL = "public, max-age=0, s-maxage=1, stale-while-revalidate=1"
"""Of an answer that says nothing about it.

A browser asks each time and mostly learns that nothing changed. A shared cache passes a burst on
as one request a second, so that what it sends is exact within two seconds.
"""


def lengthen(response: HttpResponse) -> None:
    """Let shared caches keep a response for SHARED_CACHE_SECONDS.

    Call it for kept answers only: they are purged when they change (`trendsite.kept.purges`).
    """
    if response["Cache-Control"] == CACHE_CONTROL:
        seconds = settings.SHARED_CACHE_SECONDS
        response["Cache-Control"] = CACHE_CONTROL.replace("s-maxage=1", f"s-maxage={seconds}")


def add_headers(request: HttpRequest, response: HttpResponse) -> None:
    """Add the headers of a response that may be kept.

    `Cache-Tag` and `Surrogate-Key` name the kind of page and the page, as in `trend` and
    `trend:<slug>`. With them a shared cache can drop one page in all languages and formats.
    """
    response.setdefault("Cache-Control", CACHE_CONTROL)
    if match := request.resolver_match:
        values = [value for value in match.kwargs.values() if isinstance(value, str)]
        tags = [match.view_name, *(f"{match.view_name}:{value}" for value in values)]
        response["Cache-Tag"] = ",".join(tags)
        response["Surrogate-Key"] = " ".join(tags)
    if response.get("Content-Type", "").startswith("text/html"):
        response["Link"] = f"<{static('css/site.css')}>; rel=preload; as=style"
        response["Speculation-Rules"] = f'"{reverse("speculation-rules")}"'
