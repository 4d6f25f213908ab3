"""The view that scripts of the admin's forms call: who is logged in, who else has the form open."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from trendsite.shared.forms import is_key
from trendsite.shared.presence import Presence
from trendsite.shared.revisions.shown import last_writer
from trendsite.shared.text.enumerations import enumerated
from trendsite.shared.versions import VersionedModel


def editing_session(site: AdminSite) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view for an admin site. It answers without a login, too.

    `GET` returns the primary key of the user (null if nobody is logged in) and a CSRF token.
    `POST` also stores that a form is open, or with `closed` that it is not any more, and returns a
    `note` on other editors for the user.
    """

    @never_cache
    @csrf_protect
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest) -> HttpResponse:
        if not site.has_permission(request):
            return JsonResponse({"user": None, "token": get_token(request)})
        answer = {"user": request.user.pk, "token": get_token(request), "note": ""}
        if request.method == "POST":
            answer["note"] = _note(site, request)
        return JsonResponse(answer)

    return view


def _note(site: AdminSite, request: HttpRequest) -> str:
    """Store an open form; return a text on who else has it open and who saved it since."""
    row, user = _row(site, request), request.user
    assert isinstance(user, AbstractBaseUser)  # `_row()` found that the user may see the row
    presences = Presence.objects.of(row)
    if "closed" in request.POST:
        presences.filter(user_id=user.pk).delete()
        return ""
    Presence.objects.note(row, user)
    others = presences.open().exclude(user_id=user.pk).select_related("user").order_by("pk")
    names = [presence.user.get_username() for presence in others]
    notes = []
    if names:
        text = ngettext(
            "%(names)s has this form open, too. If you both save, the changes are merged.",
            "%(names)s have this form open, too. If you all save, the changes are merged.",
            len(names),
        )
        notes.append(text % {"names": enumerated(names)})
    if request.POST.get("version") != str(row.version):
        text = gettext(
            "%(who)s saved this %(kind)s after you opened it. "
            "When you save, the changes are merged."
        )
        notes.append(text % {"who": last_writer(row), "kind": row._meta.verbose_name})
    return " ".join(notes)


def _row(site: AdminSite, request: HttpRequest) -> VersionedModel:
    """Return the row whose form is open. Raises Http404 if the account may not see it."""
    try:
        model: type[models.Model] = apps.get_model(request.POST.get("model", ""))
    except (LookupError, ValueError) as error:
        raise Http404 from error
    pk, model_admin = request.POST.get("pk", ""), site._registry.get(model)
    if not (is_key(pk) and model_admin and issubclass(model, VersionedModel)):
        raise Http404
    row: Any = model_admin.get_object(request, pk)
    if row is None or not model_admin.has_view_or_change_permission(request, row):
        raise Http404
    return row  # type: ignore[no-any-return]
