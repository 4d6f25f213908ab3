"""The addresses that the scripts of django-otp-webauthn call, and the texts that they show."""

import json

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.cache import never_cache
from django_otp_webauthn import views

app_name = "otp_webauthn"  # the namespace that its template tags use

# The texts of its scripts, in our catalogues since it has no Japanese ones.
_TEXTS = [
    gettext_noop("An error occurred during verification."),
    gettext_noop("Finishing verification..."),
    gettext_noop("Verification aborted."),
    gettext_noop("Verification canceled or not allowed."),
    gettext_noop("Verification failed. A server error occurred."),
    gettext_noop("Verification failed. An unknown error occurred."),
    gettext_noop("Verification failed. An unknown server error occurred."),
    gettext_noop("Verification failed. Could not retrieve parameters from the server."),
    gettext_noop("Verification successful!"),
    gettext_noop("Verifying..."),
    gettext_noop("An error occurred during registration."),
    gettext_noop("Finishing registration..."),
    gettext_noop("Registering..."),
    gettext_noop("Registration aborted or not allowed."),
    gettext_noop("Registration aborted."),
    gettext_noop("Registration failed. A server error occurred."),
    gettext_noop(
        "Registration failed. A technical problem occurred that prevents you from registering a "
        "Passkey for this site."
    ),
    gettext_noop("Registration failed. An unknown error occurred."),
    gettext_noop("Registration failed. The server was unable to verify this passkey."),
    gettext_noop("Registration failed. Unable to fetch registration options from server."),
    gettext_noop(
        "Registration failed. You most likely already have a Passkey registered for this site."
    ),
    gettext_noop("Registration successful!"),
]


@never_cache
def texts(request: HttpRequest) -> HttpResponse:
    """Return a script that defines `gettext()` for the texts above."""
    translated = json.dumps({text: gettext(text) for text in _TEXTS}, ensure_ascii=False)
    script = f"const texts = {translated};\nglobalThis.gettext = (text) => texts[text] ?? text;\n"
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


urlpatterns = [
    path(
        "registration/begin/",
        views.BeginCredentialRegistrationView.as_view(),
        name="credential-registration-begin",
    ),
    path(
        "registration/complete/",
        views.CompleteCredentialRegistrationView.as_view(),
        name="credential-registration-complete",
    ),
    path(
        "authentication/begin/",
        views.BeginCredentialAuthenticationView.as_view(),
        name="credential-authentication-begin",
    ),
    path(
        "authentication/complete/",
        views.CompleteCredentialAuthenticationView.as_view(),
        name="credential-authentication-complete",
    ),
    path("texts.js", texts, name="js-i18n-catalog"),
]
