"""Second factors: added by an editor, asked at each login, and sessions that can be ended."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from tests.support.editing import ADD_TREND, make_editor, make_staff
from tests.support.reading import parse, words
from trendsite.accounts.models import EditorSession, LoginEvent
from trendsite.accounts.sessions import browser_of

pytestmark = pytest.mark.django_db

ACCOUNT, STEP = "/admin/account/", "/admin/second-step/"


def log_in(client: Client, username: str = "editor"):
    data = {"username": username, "password": "a-long-password", "next": "/admin/"}
    return client.post("/admin/login/", data, follow=True)


def act(client: Client, action: str, **values: str):
    return client.post(ACCOUNT, {"action": action, **values})


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    """Return the code that an app shows, or the one after so many others."""
    device.refresh_from_db()
    device.throttle_reset()
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1)
    return f"{totp(device.bin_key, drift=steps):06d}"


def add_app(client: Client) -> tuple[TOTPDevice, list[str]]:
    page = act(client, "begin-app").content.decode()
    assert 'src="data:image/svg+xml' in page
    device = TOTPDevice.objects.get()
    shown = act(client, "confirm-app", code=code_of(device))
    codes = [words(code) for code in parse(shown.content.decode()).iter("code")]
    assert len(codes) == 10
    return device, codes


@pytest.fixture
def editor(client) -> User:
    user = make_editor()
    log_in(client)
    return user


def test_editor_without_a_second_factor_logs_in_with_the_password(client, editor):
    assert client.get("/admin/").status_code == 200
    assert "password alone" in client.get(ACCOUNT).content.decode()


def test_wrong_code_adds_no_app(client, editor):
    act(client, "begin-app")
    page = act(client, "confirm-app", code="000000").content.decode()
    assert "was not accepted" in page
    assert not TOTPDevice.objects.filter(confirmed=True).exists()


def test_password_alone_opens_nothing_once_there_is_an_app(client, editor):
    device, _codes = add_app(client)
    assert client.get("/admin/").status_code == 200
    other = Client()
    response = log_in(other)
    assert response.redirect_chain[-1][0].startswith(STEP)
    for address in ["/admin/", ADD_TREND, ACCOUNT, "/admin/auth/user/", "/admin/jsi18n/"]:
        response = other.get(address, follow=True)
        assert response.redirect_chain[-1][0].startswith(STEP), address
    assert other.post("/admin/markdown/", {"text": "x", "language": "en"}).status_code == 302
    assert act(other, "remove", device=device.persistent_id).status_code == 302
    assert TOTPDevice.objects.exists()
    code = code_of(device)
    assert other.post(STEP, {"code": code, "next": ADD_TREND}).url == ADD_TREND
    assert other.get(ADD_TREND).status_code == 200


def test_wrong_code_is_refused_recorded_and_holds_up_the_next_one(client, editor):
    device, _codes = add_app(client)
    other = Client()
    log_in(other)
    right = code_of(device)
    page = other.post(STEP, {"code": "000000"}).content.decode()
    assert "was not accepted" in page
    assert LoginEvent.objects.filter(kind=LoginEvent.Kind.CODE_FAILED, user=editor).count() == 1
    assert "was not accepted" in other.post(STEP, {"code": right}).content.decode()
    assert other.get("/admin/").status_code == 302


def test_recovery_code_is_taken_once(client, editor):
    _device, codes = add_app(client)
    assert StaticToken.objects.count() == 10
    for answer in (302, 200):
        other = Client()
        log_in(other)
        assert other.post(STEP, {"code": codes[0].upper()}).status_code == answer


def test_second_step_leads_to_no_other_site(client, editor):
    device, _codes = add_app(client)
    other = Client()
    log_in(other)
    answer = other.post(STEP, {"code": code_of(device), "next": "https://evil.example/"})
    assert answer.url == "/admin/"


def test_adding_or_removing_a_factor_ends_the_other_sessions(client, editor):
    other = Client()
    log_in(other)
    device, _codes = add_app(client)
    assert other.get("/admin/").status_code == 302
    act(client, "remove", device=device.persistent_id)
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert client.get("/admin/").status_code == 200
    kinds = list(LoginEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["login", "login", "added", "removed"]


def test_nobody_removes_the_factor_of_another(client, editor):
    device, _codes = add_app(client)
    thief = Client()
    make_staff(username="thief")
    log_in(thief, "thief")
    act(thief, "remove", device=device.persistent_id)
    assert TOTPDevice.objects.exists()


def test_setting_asks_everybody_for_a_second_factor(client, settings):
    make_editor()
    settings.SECOND_FACTOR = "required"
    response = log_in(client)
    assert response.redirect_chain[-1][0] == ACCOUNT
    assert "asks for a second factor" in response.content.decode()
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == ACCOUNT
    add_app(client)
    assert client.get("/admin/").status_code == 200


def test_page_of_the_account_is_for_staff(client):
    for user in (None, User.objects.create_user("reader", password="a-long-password")):
        if user:
            client.force_login(user)
        for address in (ACCOUNT, STEP):
            assert client.get(address).url.startswith("/admin/login/")


@pytest.mark.parametrize("action", ["", "x", "begin-app\0"])
def test_forged_action_is_refused(client, editor, action):
    assert act(client, action).status_code == 400


def test_account_is_shown_in_japanese(client, editor):
    client.cookies["django_language"] = "ja"
    assert "セッション" in client.get(ACCOUNT).content.decode()
    assert "確認" in client.get("/admin/passkeys/texts.js").content.decode()


# Passkeys


def test_passkeys_are_offered_where_browsers_take_them(client, editor, settings):
    assert "passkey-register-button" not in client.get(ACCOUNT).content.decode()
    settings.SITE_URL = "https://trends.example.org"
    page = client.get(ACCOUNT).content.decode()
    assert "passkey-register-button" in page
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)


def test_passkey_is_asked_of_those_alone_who_gave_their_password(client):
    for name in ("registration", "authentication"):
        for part in ("begin", "complete"):
            response = client.post(reverse(f"otp_webauthn:credential-{name}-{part}"))
            assert response.status_code == 403, response.content
    assert not EditorSession.objects.exists()


def test_passkey_that_was_added_is_asked_for_from_then_on(client, editor):
    WebAuthnCredential.objects.create(
        user=editor, name="key", credential_id=b"a", public_key=b"b", confirmed=True
    )
    client.get(ACCOUNT)  # where the browser goes on after it
    other = Client()
    assert log_in(other).redirect_chain[-1][0].startswith(STEP)


# Sessions


def test_sessions_are_listed_by_browser_and_can_be_ended(client, editor):
    others = [Client(headers={"user-agent": f"Mozilla/5.0 (X11; Linux) {n}"}) for n in range(2)]
    for other in others:
        log_in(other)
    page = client.get(ACCOUNT).content.decode()
    assert page.count('name="session"') == 2
    assert "Linux" in page
    keys = EditorSession.objects.values_list("session_key", flat=True)
    assert not [key for key in keys if key in page]
    [ended] = EditorSession.objects.filter(pk=others[0].session.session_key)
    act(client, "end-session", session=ended.reference)
    assert [other.get("/admin/").status_code for other in others] == [302, 200]
    act(client, "end-others")
    assert others[1].get("/admin/").status_code == 302
    assert client.get("/admin/").status_code == 200


def test_nobody_ends_the_session_of_another(client, editor):
    reference = EditorSession.objects.get().reference
    thief = Client()
    make_staff(username="thief")
    log_in(thief, "thief")
    act(thief, "end-session", session=reference)
    assert client.get("/admin/").status_code == 200


def test_sessions_that_are_over_are_deleted_at_the_next_login(client, editor):
    EditorSession.objects.update(expire_date="2020-01-01T00:00Z")
    log_in(Client())
    assert EditorSession.objects.count() == 1


@pytest.mark.parametrize(
    ("agent", "browser"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Linux",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/126.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_browser_is_named_roughly(agent, browser):
    assert browser_of(agent) == browser
