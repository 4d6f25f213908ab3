"""Second factors: a code of an authenticator app, a recovery code, or a passkey.

django-otp keeps and checks them, django-otp-webauthn the passkeys. Each editor may have them;
where the setting SECOND_FACTOR is `required`, each has to.
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
    """A request of somebody who gave a password; for type checkers."""

    user: Any  # with what the middleware of django-otp adds


_SESSION_KEY = "second_step"


def note_second_step(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Note in a new session whether its user has a second factor, so that no request asks again.

    Adding a second factor ends the user's other sessions.
    """
    request.session[_SESSION_KEY] = user_has_device(user)


def has_second_factor(request: HttpRequest) -> bool:
    """Return whether the user of a request has a second factor. No query."""
    return bool(request.session.get(_SESSION_KEY, True))


def is_complete(request: Any) -> bool:
    """Return whether nothing is missing to the login of a request. No query.

    Any: the middleware of django-otp adds to its user.
    """
    if request.user.is_verified():
        return True
    return not (settings.SECOND_FACTOR == "required" or has_second_factor(request))


def passkeys_work() -> bool:
    """Return whether browsers take passkeys at the site's address: by https, or as localhost."""
    site = urlsplit(settings.SITE_URL)
    return site.scheme == "https" or site.hostname == "localhost"


def verify(user: AbstractBaseUser, code: str) -> StaticDevice | TOTPDevice | None:
    """Return the device that takes a code; after a wrong one it takes none for a while."""
    for device in devices_for_user(user, for_verify=True):
        if isinstance(device, StaticDevice | TOTPDevice) and device.verify_token(code):
            return device
    return None


def new_recovery_codes(user: AbstractBaseUser) -> list[str]:
    """Give a user new recovery codes in place of those they had; each can be used once."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes
