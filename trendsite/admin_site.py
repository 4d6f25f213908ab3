"""The admin site: Django's, with its own start page, login, order of models and languages."""

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from trends.editing.desk import desk_of
from trendsite.accounts.pages import urls
from trendsite.accounts.second_factors import is_complete
from trendsite.editing_session import editing_session
from trendsite.logins import LoginForm
from trendsite.shared.forms import nothing_saved, typed_texts
from trendsite.shared.outages import one_line
from trendsite.shared.text.markdown import marks_in_markdown, render_markdown
from trendsite.shared.text_models import LONGEST_TEXT
from trendsite.shared.translated import languages

logger = logging.getLogger(__name__)

# The order of apps and models on the start page; those not named here come after these.
_APPS = ["trends", "quotes", "trendsite"]
_NOT_SHOWN = {"otp_totp", "otp_static", "otp_webauthn", "django_otp_webauthn"}
_MODELS = ["Trend", "Audience", "Mention", "Expert", "Video", "Source"]

# Texts of Django's admin, in our catalogues since its Japanese ones have spaces around names.
gettext_noop("Select %s to change")
gettext_noop("Select %s to view")
gettext_noop("Add %s")
gettext_noop("Change %s")
gettext_noop("Add %(name)s")
gettext_noop("Add another %(verbose_name)s")
gettext_noop("Yes, I’m sure")
gettext_noop("Change history: %s")
gettext_noop("Delete selected %(verbose_name_plural)s")
gettext_noop("Successfully deleted %(count)d %(items)s.")
gettext_noop("The {name} “{obj}” was added successfully.")
gettext_noop("You may edit it again below.")
gettext_noop("The {name} “{obj}” was changed successfully.")
gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below.")
gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below.")
gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below.")
gettext_noop("The %(name)s “%(obj)s” was deleted successfully.")


def _place(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _refuse_nul(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 400 to a query string with NUL, which PostgreSQL cannot store or compare."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if any("\0" in value for _name, values in request.GET.lists() for value in values):
            raise BadRequest
        return view(request, *args, **kwargs)

    return wrapped


def _try_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a form once more if the database refuses its rows, perhaps only at the commit.

    That happens where somebody else saved or deleted a row after the form was validated. Now that
    it is committed, the validation finds it and says so beside the field.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        form = request.POST
        queued: Any = messages.get_messages(request)
        before = len(queued._queued_messages)
        try:
            return view(request, *args, **kwargs)
        except IntegrityError as error:
            logger.warning("%s is tried again: %s", request.path, one_line(error))
        request.POST = form
        del queued._queued_messages[before:]  # of what was undone
        for _name, files in request.FILES.lists():
            for file in files:
                file.seek(0)
        return view(request, *args, **kwargs)

    return wrapped


class EditorsSite(admin.AdminSite):
    """Django's admin site with second factors, editors' accounts and previews of Markdown."""

    login_form = LoginForm
    site_title = _("Trendsite editing")
    site_header = _("Trendsite editing")
    index_title = _("What would you like to edit?")
    enable_nav_sidebar = False  # forms need the width

    def register(self, model_or_iterable: Any, *args: Any, **kwargs: Any) -> None:
        """Register models, except those of second factors, which `accounts.pages` shows."""
        many = isinstance(model_or_iterable, Iterable)
        models = model_or_iterable if many else [model_or_iterable]
        shown = [model for model in models if model._meta.app_label not in _NOT_SHOWN]
        super().register(shown, *args, **kwargs)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(_refuse_nul(_try_again(view)), cacheable)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_complete(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the login, or redirect a user who has given the password to the second step."""
        if super().has_permission(request) and not is_complete(request):
            step = reverse("admin:second_step")
            return redirect_to_login(request.GET.get("next", ""), step)
        return super().login(request, extra_context)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [
            path("editing/", editing_session(self), name="editing"),
            *urls(),
            path("markdown/", self.admin_view(require_POST(self.markdown)), name="markdown"),
            *super().get_urls(),
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(_MODELS, model["object_name"]))
        return sorted(apps, key=lambda app: _place(_APPS, app["app_label"]))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {"desk": desk_of(request.user), **(extra_context or {})}
        page: TemplateResponse = super().index(request, context)
        return page

    def markdown(self, request: HttpRequest) -> HttpResponse:
        """Return the HTML of the Markdown in the parameter `text`, written in `language`."""
        language = request.POST.get("language", "")
        if language not in languages():
            return HttpResponseBadRequest()
        text = request.POST.get("text", "")
        if len(text) > LONGEST_TEXT:
            return HttpResponseBadRequest()
        marks = [format_html("<sup>[{}]</sup>", mark.key) for mark in marks_in_markdown(text)]
        return HttpResponse(render_markdown(text, language, marks=marks))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain to an editor that the session has changed, and show the texts of the form again.

    The view of the setting CSRF_FAILURE_VIEW. Only editors send forms with a token.
    """
    texts = typed_texts(request) if request.user.is_staff else []
    return nothing_saved(request, admin.site, texts).render()
