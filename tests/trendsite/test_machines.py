"""What crawlers and monitors ask of the site, whatever the language."""

import datetime
import re
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.db import OperationalError, connection

from quotes.models import Mention
from tests.make import make_mention, make_tag, make_trend
from tests.reading import alternates, read
from trends.models import Trend, TrendMention

TOMORROW = datetime.date.today() + datetime.timedelta(days=1)
_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_LINK = "{http://www.w3.org/1999/xhtml}link"

# 1 the latest change of all, 2 the trends, 3 the tags, 4 the audiences, 5 the experts.
SITEMAP_QUERIES = 5


def sitemap(client) -> dict[str, ElementTree.Element]:
    """The pages that the map names, by address."""
    response = client.get("/sitemap.xml")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{_SITEMAP}urlset"
    pages = {url.findtext(f"{_SITEMAP}loc"): url for url in root}
    assert len(pages) == len(root)
    return pages


def languages_of(url: ElementTree.Element) -> dict[str, str]:
    return {link.get("hreflang"): link.get("href") for link in url.iter(_LINK)}


@pytest.mark.django_db
def test_map_of_an_empty_site_names_its_collections(client):
    pages = sitemap(client)
    assert "http://testserver/en/" in pages
    assert "http://testserver/ja/forecasts/" in pages
    assert all(url.findtext(f"{_SITEMAP}lastmod") is None for url in pages.values())


@pytest.mark.django_db
def test_map_names_what_readers_find(client):
    make_trend(tags=["strategy"], mentions=1, implications=1)
    pages = sitemap(client)
    for rest in (
        "trends/example-trend/",
        "tags/strategy/",
        "audiences/enterprises/",
        "experts/mina-example/",
        "changes/",
    ):
        for language in ("en", "ja"):
            assert f"http://testserver/{language}/{rest}" in pages
    for address in pages:
        assert client.get(address).status_code == 200, address


@pytest.mark.django_db
def test_map_says_of_each_page_the_languages_that_the_page_says(client):
    make_trend(tags=["strategy"], implications=1, mentions=1)
    make_trend("half", shift_ja=None)
    for address, url in sitemap(client).items():
        said = alternates(read(client, address))
        assert said.pop("canonical") == address
        said = {code: href for code, href in said.items() if code in {"en", "ja", "x-default"}}
        assert languages_of(url) == said


@pytest.mark.django_db
def test_map_names_a_trend_only_in_languages_in_which_it_is_offered(client):
    make_trend("half", title_en=None)
    pages = sitemap(client)
    assert "http://testserver/en/trends/half/" not in pages
    page = pages["http://testserver/ja/trends/half/"]
    assert languages_of(page) == {
        "ja": "http://testserver/ja/trends/half/",
        "x-default": "http://testserver/ja/trends/half/",
    }


@pytest.mark.django_db
def test_map_dates_a_page_by_its_last_change(client):
    trend = make_trend(tags=["strategy"], mentions=1)
    Trend.objects.filter(pk=trend.pk).update(updated_at="2026-03-04T05:06:07Z")
    assert {url.findtext(f"{_SITEMAP}lastmod") for url in sitemap(client).values()} == {
        "2026-03-04"
    }


@pytest.mark.django_db
def test_map_leaves_out_what_readers_do_not_find(client):
    make_trend("draft", published=None, tags=["draft-only"])
    make_trend("scheduled", published=TOMORROW, mentions=1)
    make_tag("unused")
    make_mention("On nothing.")
    addresses = " ".join(sitemap(client))
    assert not re.search("draft|scheduled|unused|mina", addresses)


@pytest.mark.django_db
def test_map_begins_with_the_address_of_the_site_whatever_host_is_asked(client, settings):
    settings.SITE_URL = "https://trends.example.org"
    make_trend()
    assert {address.split("/en/")[0].split("/ja/")[0] for address in sitemap(client)} == {
        "https://trends.example.org"
    }


@pytest.mark.parametrize("page", ["2", "abc", "-1", "９"])
@pytest.mark.django_db
def test_page_of_the_map_that_is_none_is_not_found(client, page):
    assert client.get("/sitemap.xml", {"p": page}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("trends", [1, 30])
def test_map_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, trends):
    for n in range(trends):
        trend = make_trend(f"trend-{n}", tags=[f"tag-{n}"], implications=1)
        TrendMention.objects.create(trend=trend, mention=make_mention(f"Words {n}."))
    assert Mention.objects.count() == trends
    with django_assert_num_queries(SITEMAP_QUERIES):
        assert len(sitemap(client)) >= 4 * trends


def test_robots_may_read_all_but_the_admin(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse(response.content.decode().splitlines())
    assert robots.can_fetch("*", "http://testserver/en/trends/example-trend/")
    assert not robots.can_fetch("*", "http://testserver/admin/")
    assert not robots.can_fetch("*", "http://testserver/admin/trends/trend/1/preview/en/")
    assert robots.site_maps() == ["http://testserver/sitemap.xml"]


@pytest.mark.django_db
def test_healthy_site_says_so(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_site_without_its_database_says_so(client, monkeypatch):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", fail)
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_monitor_is_not_sent_to_tls(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    assert client.get("/healthz").status_code == 200
    assert client.get("/en/").status_code == 301


@pytest.mark.parametrize("address", ["/sitemap.xml", "/robots.txt", "/healthz"])
def test_machines_only_read(client, address):
    assert client.post(address).status_code == 405
