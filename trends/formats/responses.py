"""Functions that all answers to programs share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.http import conditional_page, require_safe

from trends.models import Trend

View = Callable[..., HttpResponse]

JSON_VERSION = 1
"""Of the JSON that README.md documents: within a version keys are only added."""


def for_programs(view: View) -> View:
    """Decorate a view for programs: only GET and HEAD, and readable by scripts of all sites.

    The response has an ETag of its content, and status 304 if the client has that already. There
    is no Last-Modified: a trend's page also changes with its sources, experts and tags, and with
    the day.
    """
    inner = conditional_page(require_safe(view))

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = inner(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return wrapped


def json_response(content: dict[str, Any], status: int = 200) -> JsonResponse:
    """Return a JSON response with letters of all scripts unescaped."""
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})


def json_not_found(message: str) -> JsonResponse:
    """Return a JSON response with status 404 and a message for programmers."""
    return json_response({"version": JSON_VERSION, "error": message}, status=404)


def link_to_page(response: HttpResponse, trend: Trend) -> HttpResponse:
    """Add a Link header that names the trend's page as the canonical address, and return it."""
    offered, own = trend.languages, translation.get_language() or ""
    language = own if own in offered or not offered else offered[0]
    response["Link"] = f'<{trend.absolute_urls(language)["html"]}>; rel="canonical"'
    return response
