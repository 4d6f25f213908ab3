"""Answers with status 503 during an outage. Editors get what they typed back."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from trendsite.logs import request_id
from trendsite.request_bodies import read_from_anybody
from trendsite.shared.outages import RETRY_SECONDS, Outage, leave_connection

# How many characters a text needs to be shown. The other fields are hidden inputs.
WORTH_SHOWING = 20


def unavailable(request: HttpRequest, outage: Outage) -> HttpResponse:
    """Return the answer to a request that failed by an outage: HTML, JSON or text. No queries."""
    leave_connection()
    path = request.path_info
    if path.startswith(reverse("admin:index")):
        response = _admin_page(request, outage)
    elif path.endswith(".json"):
        response = JsonResponse({"version": 1, "error": _reader_text()})
    elif "." in path.rpartition("/")[2]:
        response = HttpResponse(f"{_reader_text()}\n", content_type="text/plain; charset=utf-8")
    else:
        page = render_to_string(
            "503.html", {"text": _reader_text(), "request_id": request_id.get()}
        )
        response = HttpResponse(page)
    response.status_code = 503
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _reader_text() -> str:
    return _("This page cannot be shown for the moment. Please try again in a few seconds.")


def _admin_page(request: HttpRequest, outage: Outage) -> HttpResponse:
    typed = _typed(request) if request.method == "POST" else []
    context = {
        "site_title": admin.site.site_title,
        "site_header": admin.site.site_header,
        "title": _("Nothing was saved") if request.method == "POST" else _("Please try again"),
        "outage": outage.label,
        "address": request.get_full_path(),
        "typed": typed,
        "has_files": bool(typed and request.FILES),
        "request_id": request_id.get(),
    }
    return HttpResponse(render_to_string("admin/unavailable.html", context))


def _typed(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the fields of a submitted form, if it has a valid CSRF token.

    The session cannot be read during an outage, so the token is the only check.
    """
    checks = CsrfViewMiddleware(lambda request: HttpResponse())
    try:
        if read_from_anybody(request) is not None:
            return []
        if checks.process_view(request, unavailable, (), {}) is not None:
            return []
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
    except (BadRequest, Error):  # `csrf_failure` reads the session
        return []
    if any("password" in name for name, _value in fields):
        return []
    return [
        {"name": name, "value": value, "is_long": len(value) >= WORTH_SHOWING}
        for name, value in fields
    ]
