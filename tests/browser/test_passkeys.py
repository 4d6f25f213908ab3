"""Passkeys, with an authenticator that Chromium itself pretends to have."""

import pytest
from django_otp_webauthn.models import WebAuthnCredential
from playwright.sync_api import Page, expect

from tests.support.browsing import log_in_by_form
from trendsite.accounts.models import LoginEvent

pytestmark = pytest.mark.django_db(transaction=True)

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def _served_here(settings, live_server):
    """The site is where the browser asks for it: a passkey belongs to its host."""
    settings.SITE_URL = live_server.url
    settings.OTP_WEBAUTHN_RP_ID = "localhost"
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [live_server.url]


def give_authenticator(page: Page) -> tuple:
    """Give a page's browser an authenticator; return what speaks to it, and its name."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session, made["authenticatorId"]


@pytest.mark.usefixtures("_served_here")
@pytest.mark.parametrize(
    ("language", "add", "use"),
    [("en", "Add a passkey", "Use a passkey"), ("ja", "パスキーを追加", "パスキーを使う")],
)
def test_passkey_is_added_and_asked_for_at_the_next_login(
    new_page, log_in, language, add, use, live_server
):
    page = new_page(locale=language)
    session, authenticator = give_authenticator(page)
    log_in(page)
    page.goto("/admin/account/")
    page.get_by_role("button", name=add).click()
    expect(page.locator("[name=device]")).to_have_count(1)
    [kept] = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})[
        "credentials"
    ]
    assert kept["rpId"] == "localhost"
    assert WebAuthnCredential.objects.get().user.username == "editor"

    page.context.clear_cookies()
    log_in_by_form(page)
    page.wait_for_url("**/second-step/**")
    page.goto("/admin/trends/trend/")
    page.wait_for_url("**/second-step/**")
    page.get_by_role("button", name=use).click()
    page.wait_for_selector("#changelist")
    added = LoginEvent.objects.get(kind=LoginEvent.Kind.FACTOR_ADDED)
    assert added.username == "editor"
