"""Views of the site as a whole: media, robots.txt, speculation rules, and the page of an error."""

import re
import sys

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.template.loader import get_template
from django.urls import reverse, translate_url
from django.views import static
from django.views.decorators.http import require_safe

from trendsite.logs import request_id
from trendsite.shared.outages import outage_of
from trendsite.shared.translated import languages
from trendsite.unavailable import unavailable

_STORED = re.compile(r"(?:thumbnails|drawn|cards)/[0-9a-f]{20}(?:-[0-9]+)?\.(?:avif|webp|jpg)")
_YEAR = 365 * 24 * 60 * 60
_PLAIN = "text/plain; charset=utf-8"


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return a stored picture. Its name holds a digest, so caches may keep it for ever."""
    if not _STORED.fullmatch(name):
        raise Http404
    if isinstance(default_storage, FileSystemStorage):
        response = static.serve(request, name, document_root=str(settings.MEDIA_ROOT))
    else:
        try:
            response = FileResponse(default_storage.open(name), filename=name)
        except FileNotFoundError as error:
            raise Http404 from error
    response["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Return robots.txt, which excludes the admin and results of the search, which are endless."""
    # An ADMIN_PATH that was chosen is not published; pages of the admin have a `noindex` header.
    admin = [f"Disallow: {reverse('admin:index')}"] if settings.ADMIN_PATH == "admin" else []
    lines = [
        "User-agent: *",
        *admin,
        *(f"Disallow: {path}?q=" for path in _search_paths()),
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type=_PLAIN)


@require_safe
def speculation_rules(request: HttpRequest) -> HttpResponse:
    """Return which links a browser may prefetch under the pointer: all pages but the search."""
    never = [f"{path}*" for path in _search_paths()]
    if settings.ADMIN_PATH == "admin":
        never.append(f"{reverse('admin:index')}*")
    where = [{"href_matches": "/*"}, *({"not": {"href_matches": path}} for path in never)]
    rules = {"prefetch": [{"where": {"and": where}, "eagerness": "moderate"}]}
    return JsonResponse(rules, content_type="application/speculationrules+json")


def _search_paths() -> list[str]:
    return [translate_url(reverse("search"), code) for code in languages()]


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page of status 500 with the request's id, or 503 for an outage.

    Django calls it while it handles an exception.
    """
    if outage := outage_of(sys.exception()):
        return unavailable(request, outage)
    page = get_template("500.html").render({"request_id": request_id.get()})
    return HttpResponse(page, status=500)
