"""Where a login came from, and the login form after too many failures.

django-axes counts the failures; its settings begin with AXES.
"""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


def client_address(request: HttpRequest) -> str | None:
    """Return the client's IP address, or None if the proxy's header has no valid one."""
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


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
