"""Second factors: a code of an authenticator app, a recovery code, or a passkey.

django-otp stores and checks codes, django-otp-webauthn passkeys. A second factor is optional,
unless the setting SECOND_FACTOR is `required`.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django_otp import devices_for_user, user_has_device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 10


class EditorRequest(HttpRequest):
    """A request of a user who gave a password, for type checkers."""

    user: Any  # with the methods that the middleware of django-otp adds


_SESSION_KEY = "second_step"


def note_second_step(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Store in a new session whether its user has a second factor, to save a query a request.

    It stays true since adding a second factor ends the user's other sessions.
    """
    request.session[_SESSION_KEY] = user_has_device(user)


def has_second_factor(request: HttpRequest) -> bool:
    """Return whether the user of a request has a second factor. No query."""
    return bool(request.session.get(_SESSION_KEY, True))


def is_complete(request: Any) -> bool:
    """Return whether the user of a request has given all factors that are needed. No query."""
    if request.user.is_verified():
        return True
    return not (settings.SECOND_FACTOR == "required" or has_second_factor(request))


def passkeys_work() -> bool:
    """Return whether browsers offer passkeys at the site's address: with https, or on localhost."""
    site = urlsplit(settings.SITE_URL)
    return site.scheme == "https" or site.hostname == "localhost"


def verify(user: AbstractBaseUser, code: str) -> StaticDevice | TOTPDevice | None:
    """Return the device of a user that accepts a code, or None.

    After a wrong code a device refuses all codes for a while.
    """
    for device in devices_for_user(user, for_verify=True):
        if isinstance(device, StaticDevice | TOTPDevice) and device.verify_token(code):
            return device
    return None


def new_recovery_codes(user: AbstractBaseUser) -> list[str]:
    """Replace a user's recovery codes by new ones, each of which can be used once."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes
