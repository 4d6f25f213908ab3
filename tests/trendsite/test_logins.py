"""Failed logins: how many there may be, and what is said and kept of them."""

import io
import logging

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext

from tests.support.editing import make_editor
from tests.support.reading import parse, words

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-password"
LIMIT = settings.AXES_FAILURE_LIMIT


def log_in(client: Client, password: str, username: str = "editor", address: str = "192.0.2.1"):
    data = {"username": username, "password": password, "next": "/admin/"}
    return client.post("/admin/login/", data, REMOTE_ADDR=address)


def fail(client: Client, times: int, **options: str) -> None:
    for n in range(times):
        response = log_in(client, "wrong", **options)
        assert response.status_code == (200 if n + 1 < LIMIT else 429)


def message(response) -> str:
    [note] = [
        p for p in parse(response.content.decode()).iter("p") if p.get("class") == "errornote"
    ]
    return words(note)


def test_few_failures_do_no_harm(client):
    make_editor()
    fail(client, LIMIT - 1)
    assert log_in(client, PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_account_with_many_failures_is_closed_for_a_while(client, language):
    make_editor()
    client.cookies["django_language"] = language
    for n in range(LIMIT):
        fail(client, 1, address=f"192.0.2.{n}") if n + 1 < LIMIT else log_in(client, "wrong")
    response = log_in(client, PASSWORD, address="192.0.2.99")
    assert response.status_code == 429
    assert response["Retry-After"] == "900"
    with translation.override(language):
        assert message(response) == gettext(
            "Too many failed logins. Please try again in 15 minutes."
        )
    assert response.context["form"].fields["username"]  # it is still the login page


def test_address_with_many_failures_is_closed_whatever_the_account(client):
    make_editor()
    for n in range(LIMIT):
        log_in(client, "wrong", username=f"somebody-{n}")
    assert log_in(client, PASSWORD).status_code == 429
    assert log_in(client, PASSWORD, address="192.0.2.2").status_code == 302


def test_closed_account_is_open_again_after_a_while_whatever_was_tried_meanwhile(client):
    make_editor()
    fail(client, LIMIT)
    before = timezone.now() - settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.update(attempt_time=before)
    assert log_in(client, PASSWORD).status_code == 302


def test_attempt_at_a_closed_account_does_not_keep_it_closed(client):
    make_editor()
    fail(client, LIMIT)
    [attempt] = AccessAttempt.objects.all()
    assert log_in(client, "wrong").status_code == 429
    assert AccessAttempt.objects.get().attempt_time == attempt.attempt_time


def test_closed_account_costs_no_hash_of_a_password(client, monkeypatch):
    make_editor()
    fail(client, LIMIT)
    monkeypatch.setattr("django.contrib.auth.models.User.check_password", None)
    assert log_in(client, PASSWORD).status_code == 429


def test_answer_does_not_tell_whether_there_is_such_an_account(client):
    make_editor()

    def answers(name: str, address: str) -> list[tuple[int, str]]:
        responses = [
            log_in(client, "wrong", username=name, address=address) for n in range(LIMIT + 1)
        ]
        return [(response.status_code, message(response)) for response in responses]

    assert answers("editor", "192.0.2.1") == answers("nobody", "192.0.2.2")


@pytest.mark.parametrize("address", ["", "unknown", "192.0.2.1:5000"])
def test_proxy_that_names_no_address_leaves_the_count_by_account(client, address):
    make_editor()
    fail(client, LIMIT, address=address)
    assert log_in(client, PASSWORD, address="192.0.2.2").status_code == 429


def test_editors_see_nothing_of_it_in_the_admin(client):
    client.force_login(make_editor())
    assert "axes" not in client.get("/admin/").content.decode()
    assert client.get("/admin/axes/").status_code == 404


# What is logged and kept


@pytest.fixture
def log():
    """The lines that are logged, as the settings format them."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    yield lambda: text.getvalue().splitlines()
    logging.getLogger().removeHandler(handler)


def test_failed_login_is_logged_with_the_account_and_the_address(client, log):
    make_editor()
    log_in(client, "wrong")
    assert log() == ["WARNING trendsite.logins: Login failed: account 'editor', from 192.0.2.1"]


def test_refused_login_is_logged(client, log):
    make_editor()
    fail(client, LIMIT)
    log_in(client, PASSWORD)
    assert log()[-1] == (
        "WARNING trendsite.logins: Login refused after too many failures: account 'editor', "
        "from 192.0.2.1"
    )


def test_password_in_the_field_of_the_name_is_not_logged(client, log):
    log_in(client, "editor", username=PASSWORD)
    assert log() == ["WARNING trendsite.logins: Login failed: no such account, from 192.0.2.1"]


def test_nothing_is_kept_of_logins_that_succeed_nor_of_passwords(client):
    make_editor()
    log_in(client, "my-real-passwort")
    [attempt] = AccessAttempt.objects.all()
    assert "my-real-passwort" not in attempt.post_data
    log_in(client, PASSWORD)
    assert not AccessAttempt.objects.exists()
