"""The pages of an editor's own account: the second step of a login, factors and sessions."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import django_otp
import segno
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import devices_for_user, user_has_device
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from trendsite.accounts.events import end_session, end_sessions, record
from trendsite.accounts.models import EditorSession, LoginEvent
from trendsite.accounts.second_factors import (
    EditorRequest,
    has_second_factor,
    is_complete,
    new_recovery_codes,
    note_second_step,
    passkeys_work,
    verify,
)

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def urls() -> list[URLPattern]:
    """Return the URL patterns of these pages, for the admin site."""
    return [
        path("second-step/", second_step, name="second_step"),
        path("account/", account, name="account"),
    ]


def after_password(view: View) -> View:
    """Restrict a view to users of the staff who have given their password."""

    @wraps(view)
    def wrapped(request: EditorRequest) -> HttpResponse:
        if not (request.user.is_active and request.user.is_staff):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return view(request)

    return sensitive_post_parameters()(never_cache(csrf_protect(wrapped)))


@after_password
def second_step(request: EditorRequest) -> HttpResponse:
    """Ask for a code or a passkey, then redirect to the page that was asked for."""
    address = _next(request)
    if is_complete(request):
        return HttpResponseRedirect(address)
    if not has_second_factor(request):
        return HttpResponseRedirect(reverse("admin:account"))
    error = ""
    if request.method == "POST":
        code = "".join(request.POST.get("code", "").split())[:16].lower()
        with transaction.atomic():
            device = verify(request.user, code)
        if device is not None:
            _complete(request, device)
            return HttpResponseRedirect(address)
        record(LoginEvent.Kind.CODE_FAILED, request.user)
        logger.warning("Second step failed: account %r", request.user.get_username())
        error = _(
            "This code was not accepted. After a wrong code, wait a few seconds and enter a new "
            "one."
        )
    context = {
        "title": _("Second step of the login"),
        "error": error,
        "next": address,
        "passkeys": passkeys_work() and _passkeys(request).exists(),
    }
    return _page(request, "admin/accounts/second_step.html", context)


@after_password
def account(request: EditorRequest) -> HttpResponse:
    """Show and change the user's second factors and sessions."""
    if has_second_factor(request) and not is_complete(request):
        return redirect_to_login(request.get_full_path(), reverse("admin:second_step"))
    shown: dict[str, Any] = {}
    if request.method == "POST":
        action = _ACTIONS.get(request.POST.get("action", ""))
        if action is None:
            return HttpResponseBadRequest()
        result = action(request)
        if result is None:
            return HttpResponseRedirect(reverse("admin:account"))
        shown = result
    _follow_new_passkeys(request)
    return _page(request, "admin/accounts/account.html", _account(request) | shown)


def _account(request: EditorRequest) -> dict[str, Any]:
    sessions = EditorSession.objects.filter(user=request.user).defer("session_data")
    recovery = StaticDevice.objects.filter(user=request.user).first()
    return {
        "title": _("Your account"),
        "apps": TOTPDevice.objects.filter(user=request.user, confirmed=True),
        "passkeys": _passkeys(request),
        "passkeys_work": passkeys_work(),
        "recovery_left": recovery.token_set.count() if recovery else 0,
        "must_add": settings.SECOND_FACTOR == "required" and not request.user.is_verified(),
        "sessions": sessions,
        "present": request.session.session_key,
    }


def _passkeys(request: EditorRequest) -> Any:
    return WebAuthnCredential.objects.filter(user=request.user, confirmed=True)


def _follow_new_passkeys(request: EditorRequest) -> None:
    """Record a passkey that a page of django-otp-webauthn has added since the session began."""
    if not has_second_factor(request) and user_has_device(request.user):
        _record_added_factor(request)


# Actions: each returns what the page shows besides, or None to redirect to the page


def _begin_app(request: EditorRequest) -> dict[str, Any]:
    TOTPDevice.objects.filter(user=request.user, confirmed=False).delete()
    device = TOTPDevice.objects.create(user=request.user, name="app", confirmed=False)
    return _app_to_confirm(device)


def _app_to_confirm(device: TOTPDevice, error: str = "") -> dict[str, Any]:
    key = device.config_url.partition("secret=")[2].partition("&")[0]
    return {
        "picture": segno.make(device.config_url, error="m").svg_data_uri(scale=4, light="white"),
        "secret": " ".join(key[place : place + 4] for place in range(0, len(key), 4)),
        "error": error,
    }


def _confirm_app(request: EditorRequest) -> dict[str, Any] | None:
    device = TOTPDevice.objects.filter(user=request.user, confirmed=False).first()
    if device is None:
        return None
    if not device.verify_token("".join(request.POST.get("code", "").split())):
        return _app_to_confirm(device, _("This code was not accepted. Enter the present one."))
    device.confirmed = True
    device.save()
    _complete(request, device)
    _record_added_factor(request)
    return {"codes": new_recovery_codes(request.user)}


def _make_codes(request: EditorRequest) -> dict[str, Any] | None:
    if not has_second_factor(request):
        return None
    return {"codes": new_recovery_codes(request.user)}


def _remove_factor(request: EditorRequest) -> None:
    device = Device.from_persistent_id(request.POST.get("device", ""))
    if device is None or device.user_id != request.user.pk:
        return
    device.delete()
    others = devices_for_user(request.user)
    if all(isinstance(other, StaticDevice) for other in others):  # recovery codes are no factor
        StaticDevice.objects.filter(user=request.user).delete()
    note_second_step(request, request.user)
    record(LoginEvent.Kind.FACTOR_REMOVED, request.user)
    end_sessions(request.user, except_key=request.session.session_key)
    messages.success(request, _("The second factor was removed."))


def _end_session(request: EditorRequest) -> None:
    sessions = EditorSession.objects.filter(user=request.user).defer("session_data")
    end_session(sessions, request.POST.get("session", ""))
    messages.success(request, _("The session was ended."))


def _end_others(request: EditorRequest) -> None:
    end_sessions(request.user, except_key=request.session.session_key)
    messages.success(request, _("All other sessions were ended."))


_ACTIONS: dict[str, Callable[[EditorRequest], dict[str, Any] | None]] = {
    "begin-app": _begin_app,
    "confirm-app": _confirm_app,
    "codes": _make_codes,
    "remove": _remove_factor,
    "end-session": _end_session,
    "end-others": _end_others,
}


# Shared


def _complete(request: EditorRequest, device: Device) -> None:
    django_otp.login(request, device)
    request.session.cycle_key()  # against session fixation


def _record_added_factor(request: EditorRequest) -> None:
    """Record a new factor, and end the sessions that were begun without one."""
    note_second_step(request, request.user)
    record(LoginEvent.Kind.FACTOR_ADDED, request.user)
    end_sessions(request.user, except_key=request.session.session_key)


def _next(request: EditorRequest) -> str:
    address = request.POST.get("next") or request.GET.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if allowed else reverse("admin:index")


def _page(request: EditorRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context})
