"""Addresses at which there is no page, and pages that could not be made."""

import pytest
from django.utils import translation
from django.utils.translation import gettext

from tests.support.make import make_trend
from tests.support.reading import alternates, blanks, headings, language_switch, links, read, words
from trends.models import TrendQuerySet
from trends.pages import index
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

NOT_FOUND = "Page not found"
WENT_WRONG = "Something went wrong on our side"


def in_language(text: str, language: str) -> str:
    with translation.override(language):
        return gettext(text)


# 404


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    "rest",
    [
        "nothing",
        "nothing/",
        "trends/",
        "trends/nothing/",
        "trends/a%00b/",
        "trends/%ff%fe/",
        "trends/日本/",
        "trends/..%2f..%2fetc%2fpasswd/",
        "trends/" + "a" * 5000 + "/",
        "trends/example-trend/more/",
        "tags/nothing/",
        "experts/nothing/",
        "%00/",
        "/",
        "<script>alert(1)</script>/",
    ],
    ids=lambda rest: rest[:30],
)
def test_address_that_is_no_page_is_not_found_in_the_language_of_the_address(
    client, language, rest
):
    make_trend()
    page = read(client, f"/{language}/{rest}", status=404)
    assert page.get("lang") == language
    assert headings(page)[0] == in_language(NOT_FOUND, language)


@pytest.mark.parametrize(
    "address",
    ["/nothing", "/fr/", "/fr/trends/example-trend/", "/e/", "/%00", "/media/nothing", "/.env"],
)
@pytest.mark.parametrize("language", languages())
def test_address_without_a_language_is_not_found_in_the_reader_s(client, address, language):
    page = read(client, address, status=404, headers={"accept-language": f"{language};q=0.9"})
    assert page.get("lang") == language
    assert headings(page)[0] == in_language(NOT_FOUND, language)


def test_missing_page_leads_on(client):
    page = read(client, "/ja/nothing/", status=404)
    assert "/ja/" in links(page.find(".//main"))
    assert "/ja/" in links(page.find(".//header"))
    assert language_switch(page) == {"English": "/en/", "日本語": None}
    assert blanks(page) == []


def test_missing_page_has_no_address_for_machines(client):
    assert alternates(read(client, "/en/trends/nothing/", status=404)) == {}


def test_missing_page_does_not_repeat_what_was_asked(client):
    response = client.get("/en/<script>alert(1)</script>/")
    assert response.status_code == 404
    assert b"<script" not in response.content


# 500


@pytest.fixture
def broken(client, monkeypatch):
    """A client of a site whose index and trends cannot be shown."""

    def fail(*args, **options):
        raise RuntimeError("the disk is full at /srv/trends")

    monkeypatch.setattr(index, "active_language", fail)
    monkeypatch.setattr(TrendQuerySet, "published", fail)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("rest", ["", "trends/example-trend/"])
def test_broken_page_says_so_in_the_language_of_the_address(broken, language, rest):
    page = read(broken, f"/{language}/{rest}", status=500)
    assert page.get("lang") == language
    assert headings(page)[0] == in_language(WENT_WRONG, language)
    assert f"/{language}/" in links(page.find(".//header"))
    assert page.find("head/link[@rel='stylesheet']").get("href") == "/static/css/site.css"
    assert blanks(page) == []


def test_broken_page_asks_the_database_nothing(broken, django_assert_num_queries):
    with django_assert_num_queries(0):
        read(broken, "/en/", status=500)


def test_broken_page_tells_nothing_of_the_machine(broken):
    page = read(broken, "/en/", status=500)
    assert "disk" not in words(page)
    assert "RuntimeError" not in words(page)
