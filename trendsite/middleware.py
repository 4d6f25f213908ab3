"""Django's compression and language middlewares, limited to the answers that they are for."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.urls import reverse
from django.utils.translation import get_language_from_path


class TextGZipMiddleware(GZipMiddleware):
    """Compress text. Pictures are compressed already and would lose their Content-Length."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.get("Content-Type", "").partition(";")[0]
        if kind.startswith("text/") or kind.endswith(("json", "xml")):
            return super().process_response(request, response)
        return response


class AddressLocaleMiddleware(LocaleMiddleware):
    """Say that an answer varies by language only where it does.

    Django's middleware says so of every address without a language in it. Of these only the
    admin, error pages and redirects to a language follow `Accept-Language`; pictures, sitemaps
    and the like are the same for everybody.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        in_a_language = (
            response.status_code >= 400
            or request.resolver_match is None
            or get_language_from_path(request.path_info)
            or request.path_info.startswith(reverse("admin:index"))
        )
        return super().process_response(request, response) if in_a_language else response
