"""Logging of logins, and the login form after too many failures.

django-axes counts the failures; its settings begin with AXES.
"""

import logging
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


def client_address(request: HttpRequest) -> str | None:
    """Return the client's IP address, or None if the proxy's header has no valid one."""
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


@receiver(user_login_failed)
def log_failed_login(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Log one line with the account and the client's address. One query.

    The name is logged only if there is such an account: some people type their password into the
    field for the name by mistake.
    """
    user_model = get_user_model()
    name = credentials.get(user_model.USERNAME_FIELD)
    known = user_model._default_manager.filter(**{user_model.USERNAME_FIELD: name}).exists()
    logger.warning(
        "Login %s: %s, from %s",
        "refused after too many failures" if getattr(request, "axes_locked_out", 0) else "failed",
        f"account {name!r}" if known else "no such account",
        (request and client_address(request)) or "an unknown address",
    )


@receiver(user_logged_in)
def log_login(sender: Any, user: AbstractBaseUser, **kwargs: Any) -> None:
    """Log one line with the account, without the address."""
    logger.info("Login: account %r", user.get_username())


class LoginForm(AdminAuthenticationForm):
    """Django's login form, which also says when there were too many failures."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "locked_out": _("Too many failed logins. Please try again in 15 minutes."),
    }

    def get_invalid_login_error(self) -> ValidationError:
        """Return the error to show beside the form after a login was not accepted."""
        if getattr(self.request, "axes_locked_out", False):
            return ValidationError(self.error_messages["locked_out"], code="locked_out")
        return super().get_invalid_login_error()


def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]
) -> HttpResponse:
    """Return the login page, on which `LoginForm` gives the reason, with status 429."""
    response.status_code = 429
    response["Retry-After"] = str(round(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
