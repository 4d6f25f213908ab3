"""What a reader's browser is given besides the page, and what it may do."""

import re

import pytest

from tests.support.editing import make_editor
from tests.support.make import make_trend
from tests.support.reading import parse
from trends.pages import index
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

KINDS = [
    "",
    "trends/example-trend/",
    "tags/product/",
    "audiences/enterprises/",
    "experts/mina-example/",
    "forecasts/",
    "changes/",
    "nothing/",
]
PAGES = [f"/{language}/{rest}" for language in languages() for rest in KINDS]
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.fixture(scope="class")
def site(rows_of_class):
    """A trend with every part that loads something."""
    return make_trend(tags=["product"], implications=1, timeline=2, mentions=1, assessments=1)


def policy(response) -> set[str]:
    return set(response["Content-Security-Policy"].split("; "))


class TestPages:
    @pytest.mark.parametrize("address", ["/", *PAGES])
    def test_reader_gets_no_cookie(self, client, site, address):
        assert not client.get(address).cookies

    @pytest.mark.parametrize("address", PAGES)
    def test_page_is_the_same_for_everyone(self, client, site, address):
        stranger = client.get(address)
        assert "Cookie" not in stranger.get("Vary", "")
        client.force_login(make_editor())
        client.cookies["django_language"] = "ja"
        client.cookies["anything"] = "else"
        editor = client.get(address)
        assert editor.content == stranger.content
        assert not set(editor.cookies) - {"django_language"}

    @pytest.mark.parametrize("address", [*PAGES, "/admin/login/", "/media/nothing", "/fr/"])
    def test_policy_holds_on_every_page(self, client, site, address):
        response = client.get(address)
        assert policy(response) == POLICY
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"

    @pytest.mark.parametrize("address", PAGES)
    def test_page_needs_no_script_and_loads_nothing_from_elsewhere(self, client, site, address):
        page = parse(client.get(address).content.decode())
        # What is left is data, which no browser runs.
        assert {script.get("type") for script in page.iter("script")} <= {"application/ld+json"}
        assert not [script for script in page.iter("script") if script.get("src")]
        for element in page.iter():
            assert "style" not in element.attrib
            assert not [name for name in element.attrib if name.startswith("on")]
            loaded = [
                element.get("src", ""),
                *re.findall(r"\S+(?= \d+w)", element.get("srcset", "")),
            ]
            if element.tag == "link" and element.get("rel") in {"stylesheet", "icon"}:
                loaded.append(element.get("href"))
            assert all(url.startswith("/") and url[1:2] != "/" for url in filter(None, loaded))


def test_cookies_of_editors_stay_in_the_admin(client):
    make_editor()
    client.post("/admin/login/", {"username": "editor", "password": "a-long-password"})
    client.post("/admin/language/", {"language": "ja", "next": "/admin/"})
    tag = {"slug": "secret", "label_en": "Secret", "_continue": ""}
    client.post("/admin/trendsite/tag/add/", tag)
    # A message that has not been shown yet, with the name of the tag.
    assert "Secret" in str(client.session["_messages"])
    assert set(client.cookies) == {"sessionid", "csrftoken", "django_language"}
    assert {cookie["path"] for cookie in client.cookies.values()} == {"/admin/"}


def test_policy_holds_on_a_broken_page(client, monkeypatch):
    monkeypatch.setattr(index, "render_page", None)
    client.raise_request_exception = False
    response = client.get("/en/")
    assert response.status_code == 500
    assert policy(response) == POLICY
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
