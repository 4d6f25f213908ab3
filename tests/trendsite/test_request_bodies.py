"""Bodies of requests, as far as no slow client is needed; for those see test_server."""

import io

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import translation
from django.utils.translation import gettext

from tests.support.editing import make_editor
from tests.support.reading import parse, words
from trendsite import request_bodies
from trendsite.request_bodies import ANONYMOUS_BYTES, TimedBody

pytestmark = pytest.mark.django_db


class Unreadable(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *args):
        raise AssertionError("The body was read.")


def unread(client, method: str, address: str, length: int):
    """The answer to a request whose body must not be read."""
    return client.generic(
        method,
        address,
        CONTENT_TYPE="application/x-www-form-urlencoded",
        **{"CONTENT_LENGTH": str(length), "wsgi.input": Unreadable()},
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/en/",
        "/ja/trends/nothing/",
        "/en/search/",
        "/healthz",
        "/robots.txt",
        "/api/trends.json",
        "/media/nothing.jpg",
        "/static/nothing.css",
        "/nothing",
        "/administration/",
    ],
)
def test_address_of_readers_is_only_read(client, django_assert_num_queries, method, address):
    client.cookies["csrftoken"] = "a" * 32
    with django_assert_num_queries(0):
        response = unread(client, method, address, 1)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert response["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_admin_is_read_and_posted_to(client, method):
    response = unread(client, method, "/admin/", 1)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("address", ["/admin/login/", "/admin/language/", "/admin/", "/admin/x/"])
def test_stranger_sends_little(client, address, language):
    client.cookies["django_language"] = language
    response = unread(client, "POST", address, ANONYMOUS_BYTES + 1)
    assert response.status_code == 413
    with translation.override(language):
        title = gettext("You are not logged in")
    assert title in words(parse(response.content.decode()))
    assert response["Content-Security-Policy"]


def test_form_of_an_editor_whose_session_has_ended_leads_to_the_login(client):
    response = client.post("/admin/trends/trend/add/", {"shift_en": "a" * 300_000})
    assert (response.status_code, response["Location"]) == (
        302,
        "/admin/login/?next=/admin/trends/trend/add/",
    )


def test_session_that_is_none_is_a_stranger_s(client):
    client.cookies["sessionid"] = "a" * 32
    assert unread(client, "POST", "/admin/", ANONYMOUS_BYTES + 1).status_code == 413


def test_editor_sends_as_much_as_a_form_may_have(client):
    client.force_login(make_editor())
    form = {"text": "***", "language": "en", "other": "x" * 2_000_000}
    response = client.post("/admin/markdown/", form)
    assert (response.status_code, response.content.strip()) == (200, b"<hr>")


@pytest.mark.parametrize(("language", "most"), [("en", "3 MB"), ("ja", "3MB")])
def test_editor_is_told_how_much_a_form_may_have(client, settings, language, most):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024**2
    client.force_login(make_editor())
    client.cookies["django_language"] = language
    body = io.BytesIO(b"a=" + b"b" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    response = client.generic(
        "POST",
        "/admin/trends/trend/add/",
        CONTENT_TYPE="application/x-www-form-urlencoded",
        **{"CONTENT_LENGTH": str(len(body.getvalue())), "wsgi.input": TimedBody(body)},
    )
    assert response.status_code == 413
    assert most in words(parse(response.content.decode()))
    assert body.read() == b""  # a browser shows the answer only after it has sent everything


def test_nobody_logs_in_while_too_many_silent_clients_are_connected(client, monkeypatch):
    monkeypatch.setattr(request_bodies, "_MAX_LATE", 0)
    response = unread(client, "POST", "/admin/login/", 1)
    assert response.status_code == 429
    assert response["Retry-After"] == "30"
    client.force_login(make_editor())
    assert client.post("/admin/markdown/", {"text": "a", "language": "en"}).status_code == 200


def test_body_that_ends_early_is_not_taken_for_a_form(client):
    make_editor()
    body = b"username=editor&password=a-long-password"
    response = client.generic(
        "POST",
        "/admin/login/",
        CONTENT_TYPE="application/x-www-form-urlencoded",
        **{"CONTENT_LENGTH": str(len(body) + 5), "wsgi.input": TimedBody(io.BytesIO(body))},
    )
    assert response.status_code == 408
    assert SESSION_KEY not in client.session
