"""The editors' site: Django's own admin with our name, order and languages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from trendsite.logins import LoginForm
from trendsite.shared.text.markdown import render_markdown
from trendsite.shared.translated import languages

# What editors come for stands first; an app not named here comes after these.
_APPS = ["trends", "quotes", "trendsite"]
_MODELS = ["Trend", "Audience", "Mention", "Expert", "Video", "Source"]


def _place(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


class EditorsSite(admin.AdminSite):
    """Django's admin site with a renderer for Markdown previews."""

    login_form = LoginForm
    site_title = _("Trendsite editing")
    site_header = _("Trendsite editing")
    index_title = _("What would you like to edit?")
    enable_nav_sidebar = False  # its room is the form's

    def get_urls(self) -> list[URLPattern]:
        return [
            path("markdown/", self.admin_view(require_POST(self.markdown)), name="markdown"),
            *super().get_urls(),
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(_MODELS, model["object_name"]))
        return sorted(apps, key=lambda app: _place(_APPS, app["app_label"]))

    def markdown(self, request: HttpRequest) -> HttpResponse:
        """The HTML that readers get of the Markdown in `text`, which is written in `language`."""
        language = request.POST.get("language", "")
        if language not in languages():
            return HttpResponseBadRequest()
        return HttpResponse(render_markdown(request.POST.get("text", ""), language))
