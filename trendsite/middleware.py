"""Middleware: due publications, compression, isolation, languages, and redirects of addresses."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import copy

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.urls import is_valid_path, reverse
from django.utils import translation
from django.utils.translation import get_language_from_path, get_supported_language_variant

from trends.editing.publishing.schedule import Schedule
from trendsite.kept.encodings import is_text
from trendsite.kept.recording import RecordedRequest
from trendsite.kept.triggers import total
from trendsite.shared.call_stack import roomy


class PublishDueMiddleware:
    """Publish and list what is due before a request is answered. The store does so for pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._schedule = Schedule()
        self._not_content = ("/healthz", "/readyz", "/metrics", "/robots.txt", settings.MEDIA_URL)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # The store renders pages in a snapshot, which must not write.
        is_of_store = isinstance(request, RecordedRequest)
        if not is_of_store and not request.path_info.startswith(self._not_content):
            with suppress(DatabaseError):  # the view will raise it again
                self._schedule(total(connection))
        return self._get_response(request)


class TextGZipMiddleware(GZipMiddleware):
    """Compress text only. Pictures are compressed already and would lose their Content-Length."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if is_text(response.get("Content-Type", "")):
            return super().process_response(request, response)
        return response


class IsolationMiddleware:
    """Set headers that isolate pages from other sites, and keep the admin out of search engines.

    Other sites cannot embed a page, a page loads nothing from other sites without their consent
    and cannot use camera, location or sensors. Other sites may use pictures, feeds and JSON.
    """

    _PERMISSIONS = ", ".join(
        f"{feature}=()"
        for feature in (
            *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation"),
            *("gyroscope", "magnetometer", "microphone", "midi", "payment", "usb"),
        )
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    @roomy  # the first of ours to be called, with all that answers a request within it
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        in_admin = request.path_info.startswith(f"/{settings.ADMIN_PATH}/")
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page:
            response.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
            response.setdefault("Permissions-Policy", self._PERMISSIONS)
        apart = "same-origin" if in_admin or is_page else "cross-origin"
        response.setdefault("Cross-Origin-Resource-Policy", apart)
        if in_admin:
            response.setdefault("X-Robots-Tag", "noindex")
        return response


class AddressLocaleMiddleware(LocaleMiddleware):
    """Add `Vary: Accept-Language` only to answers that depend on it.

    Django's middleware adds it for every path without a language prefix. Of these only the admin,
    error pages and redirects to a language depend on it, not pictures, sitemaps and the like.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        depends_on_language = (
            response.status_code >= 400
            or request.resolver_match is None
            or get_language_from_path(request.path_info)
            or request.path_info.startswith(reverse("admin:index"))
        )
        return super().process_response(request, response) if depends_on_language else response


class UsualAddressMiddleware:
    """Redirect once from a variant of a page's address: `/EN/…`, `/ja-JP/…`, `/en/Trends/…`.

    Variants have a language in capitals or with a region, capitals in the path, a missing slash at
    the end, or all of these. An address that is answered as it stands is never redirected. The
    page is rendered to find out whether it exists.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        # Django's redirect to the address with a slash may be the first of two redirects.
        is_short = response.status_code == 301 and not request.path_info.endswith("/")
        if request.method not in ("GET", "HEAD") or not (response.status_code == 404 or is_short):
            return response
        for path in _usual_forms(request.path_info):
            answer = self._get_response(_for_path(request, path))
            if answer.status_code == 200:
                query = request.META.get("QUERY_STRING")
                return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
            if 300 < answer.status_code < 400:
                return answer  # such as a redirect from a former slug
        return response


def _usual_forms(path: str) -> Iterator[str]:
    """Yield other valid addresses that may be meant by `path`, which was not found."""
    if path.startswith((settings.MEDIA_URL, settings.STATIC_URL, reverse("admin:index"))):
        return
    first, slash, rest = path.removeprefix("/").partition("/")
    try:
        language = active = get_supported_language_variant(first.replace("_", "-").lower())
    except LookupError:
        language, active = first, translation.get_language()
    # First with the capitals of the path, which the ids of videos have.
    forms = [f"/{language}{slash}{rest}", f"/{language}{slash}{rest}".lower()]
    with translation.override(active):  # only paths of the active language are valid
        usual = [
            form if is_valid_path(form) or form.endswith("/") else f"{form}/" for form in forms
        ]
        found = [form for form in dict.fromkeys(usual) if form != path and is_valid_path(form)]
    yield from found


def _for_path(request: HttpRequest, path: str) -> HttpRequest:
    """Return a copy of a request, with another path."""
    other = copy(request)
    other.path_info = path
    other.path = request.path.removesuffix(request.path_info) + path
    other.resolver_match = None
    return other
