"""The map of the site for search engines: an index, and a file of each kind of page."""

import re
from datetime import UTC, datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from lxml import etree

from quotes.models import Source, Video
from tests.support.days import tomorrow, yesterday
from tests.support.make import (
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.plans import plan_of
from tests.support.reading import alternates, read
from tests.support.validity import check_site_map
from trends.formats import sitemaps
from trends.formats.sitemaps import ADDRESSES_A_FILE
from trends.models import Driver, Reading, Trend, TrendMention
from trends.search.index import indexed_once
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_LINK = "{http://www.w3.org/1999/xhtml}link"
SITE = "http://testserver"

# 1 the latest change of all; of each kind but the collections the last primary key, and which
# files have rows.
INDEX_QUERIES = 13
# 1 the rows of the file; 2-3 the trends that changed last, and what they are linked to.
FILE_QUERIES = dict.fromkeys(["tags", "audiences", "experts", "sources", "videos"], 3)


def files(client) -> list[str]:
    """The files that the index of the map names."""
    response = client.get("/sitemap.xml")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    check_site_map(response.content)
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{_SITEMAP}sitemapindex"
    return [file.findtext(f"{_SITEMAP}loc") for file in root]


def urls(client, file: str) -> dict[str, ElementTree.Element]:
    """The pages that a file of the map names, by address."""
    response = client.get(file)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    check_site_map(response.content)
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{_SITEMAP}urlset"
    return {url.findtext(f"{_SITEMAP}loc"): url for url in root}


def sitemap(client) -> dict[str, ElementTree.Element]:
    """The pages that the map names, by address."""
    pages = {}
    for file in files(client):
        found = urls(client, file)
        assert not found.keys() & pages.keys()
        pages |= found
    return pages


def languages_of(url: ElementTree.Element) -> dict[str, str]:
    return {link.get("hreflang"): link.get("href") for link in url.iter(_LINK)}


def test_map_of_an_empty_site_names_its_collections(client):
    pages = sitemap(client)
    assert "http://testserver/en/" in pages
    assert "http://testserver/ja/forecasts/" in pages
    assert all(url.findtext(f"{_SITEMAP}lastmod") is None for url in pages.values())


def test_map_names_what_readers_find(client):
    make_trend(tags=["strategy"], mentions=1, implications=1)
    pages = sitemap(client)
    for rest in (
        "trends/example-trend/",
        "tags/strategy/",
        "audiences/enterprises/",
        "experts/mina-example/",
        "sources/example-trend-mention-0/",
        f"videos/youtube/{Video.objects.get().video_id}/",
        "a-z/",
        "changes/",
    ):
        for language in ("en", "ja"):
            assert f"http://testserver/{language}/{rest}" in pages
    robots = RobotFileParser()
    robots.parse(client.get("/robots.txt").content.decode().splitlines())
    for address in pages:
        assert client.get(address).status_code == 200, address
        assert robots.can_fetch("*", address)


def test_map_keeps_what_is_retired(client):
    make_trend(retired=yesterday())
    assert "http://testserver/en/trends/example-trend/" in sitemap(client)


def test_map_says_of_each_page_the_languages_that_the_page_says(client):
    make_trend(tags=["strategy"], implications=1, mentions=1)
    make_trend("half", shift_ja=None)
    for address, url in sitemap(client).items():
        said = alternates(read(client, address))
        assert said.pop("canonical") == address
        said = {code: href for code, href in said.items() if code in {"en", "ja", "x-default"}}
        assert languages_of(url) == said


def test_map_names_a_trend_only_in_languages_in_which_it_is_offered(client):
    make_trend("half", title_en=None)
    pages = sitemap(client)
    assert "http://testserver/en/trends/half/" not in pages
    page = pages["http://testserver/ja/trends/half/"]
    assert languages_of(page) == {
        "ja": "http://testserver/ja/trends/half/",
        "x-default": "http://testserver/ja/trends/half/",
    }


def test_map_dates_a_page_by_its_last_change(client):
    trend = make_trend(tags=["strategy"], mentions=1, drivers=1)
    Trend.objects.filter(pk=trend.pk).update(updated_at="2026-03-04T05:06:07Z")
    assert {url.findtext(f"{_SITEMAP}lastmod") for url in sitemap(client).values()} == {
        "2026-03-04"
    }


def test_source_changes_with_the_latest_of_those_who_cite_it(client):
    one, two, draft = make_trend("one"), make_trend("two"), make_trend("draft", published=None)
    report, other, unseen = make_source("report"), make_source("other"), make_source("unseen")
    one.shift_sources.add(report, other)
    Driver.objects.create(trend=two, heading_en="Why").sources.add(report)
    Reading.objects.create(trend=draft, source=report)
    Reading.objects.create(trend=draft, source=unseen)
    for day, trend in enumerate((one, two, draft), 1):
        Trend.objects.filter(pk=trend.pk).update(updated_at=f"2026-03-0{day}T05:06:07Z")
    assert {
        address.removeprefix(SITE): url.findtext(f"{_SITEMAP}lastmod")
        for address, url in urls(client, "/sitemap-sources.xml").items()
    } == {
        "/en/sources/report/": "2026-03-02",
        "/ja/sources/report/": "2026-03-02",
        "/en/sources/other/": "2026-03-01",
        "/ja/sources/other/": "2026-03-01",
    }


@pytest.mark.parametrize(("many", "old"), [(2, "2026-03-02"), (1, None)])
def test_rows_of_old_trends_are_dated_if_they_have_few(client, monkeypatch, many, old):
    monkeypatch.setattr(sitemaps, "_NEWEST", 2)
    monkeypatch.setattr(sitemaps, "_MANY", many)
    evidence = [make_source("old"), make_source("new")]
    videos = [make_video("video-00001"), make_video("video-00002")]
    for number in range(1, 5):
        part = (number - 1) // 2
        trend = make_trend(f"trend-{number}", tags=["all", ("old", "new")[part]])
        trend.shift_sources.add(evidence[part])
        mention = make_mention(f"Words {number}.", video=videos[part])
        TrendMention.objects.create(trend=trend, mention=mention)
        day = datetime(2026, 3, number, 12, tzinfo=UTC)
        Trend.objects.filter(pk=trend.pk).update(updated_at=day)
    make_trend("draft", tags=["all"], published=None)
    make_trend("scheduled", tags=["new"], published=tomorrow())
    found = {
        address.removeprefix(f"{SITE}/en/"): url.findtext(f"{_SITEMAP}lastmod")
        for file in ("tags", "sources", "videos")
        for address, url in urls(client, f"/sitemap-{file}.xml").items()
        if "/en/" in address
    }
    assert found == {
        "tags/all/": "2026-03-04",
        "tags/old/": old,
        "tags/new/": "2026-03-04",
        "sources/old/": old,
        "sources/new/": "2026-03-04",
        "videos/youtube/video-00001/": old,
        "videos/youtube/video-00002/": "2026-03-04",
    }


def test_map_leaves_out_what_readers_do_not_find(client):
    make_trend("draft", published=None, tags=["draft-only"])
    make_trend("scheduled", published=tomorrow(), mentions=1)
    make_tag("unused")
    make_source("unused")
    make_mention("On nothing.", video=make_video(), source=make_source("nowhere"))
    addresses = " ".join(sitemap(client))
    assert not re.search("draft|scheduled|unused|mina|videos|sources", addresses)
    # An empty file would not be valid, so there is none.
    assert files(client) == [f"{SITE}/sitemap-collections.xml"]
    assert client.get("/sitemap-tags.xml").status_code == 404


def test_map_begins_with_the_address_of_the_site_whatever_host_is_asked(client, settings):
    settings.SITE_URL = "https://trends.example.org"
    settings.ALLOWED_HOSTS = ["other.example"]
    make_trend()
    asked = {"headers": {"host": "other.example"}}
    for address in ("/sitemap.xml", "/sitemap-trends.xml"):
        root = ElementTree.fromstring(client.get(address, **asked).content)
        found = [loc.text for loc in root.iter(f"{_SITEMAP}loc")]
        assert found
        assert all(loc.startswith("https://trends.example.org/") for loc in found)


@pytest.mark.parametrize("page", ["2", "abc", "-1", "0", ""])
def test_file_of_the_map_that_is_none_is_not_found(client, page):
    make_trend()
    assert client.get("/sitemap-trends.xml").status_code == 200
    assert client.get("/sitemap-trends.xml", {"p": page}).status_code == 404
    assert client.get("/sitemap-nothing.xml").status_code == 404


def test_no_file_holds_more_than_it_may(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "ADDRESSES_A_FILE", 2 * len(languages()))
    for n in range(5):
        make_trend(f"trend-{n}", tags=[f"tag-{n}"], drivers=1, **({"title_ja": None} if n else {}))
    found = files(client)
    for name in ("trends", "tags", "sources"):
        assert len([file for file in found if f"-{name}." in file]) == 3
    sizes = {file: len(urls(client, file)) for file in found}
    assert max(sizes.values()) == 2 * len(languages())
    # The trends but one stand in the map in one language alone.
    assert sum(size for file, size in sizes.items() if "-trends." in file) == 5 + 1
    pages = sitemap(client)
    assert sum(sizes.values()) == len(pages)
    assert f"{SITE}/en/sources/trend-4-driver-0/" in pages


def test_address_without_a_number_is_that_of_the_first_file_with_rows(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "ADDRESSES_A_FILE", 2 * len(languages()))
    make_trend().shift_sources.add(make_source(id=4_001))
    found = urls(client, "/sitemap-sources.xml")
    assert len(found) == len(languages())
    assert found.keys() == urls(client, "/sitemap-sources.xml?p=2001").keys()
    assert client.get("/sitemap-sources.xml?p=2000").status_code == 404


def test_file_is_what_the_template_of_django_renders(client, settings):
    settings.SITE_URL = "https://example.org/a&b"
    make_trend("one", tags=["tag"])
    make_trend("two", title_ja=None)
    content = client.get("/sitemap-trends.xml").content.decode()
    urls = [
        {**url, "alternates": [{"lang_code": c, "location": at} for c, at in url["alternates"]]}
        for url in sitemaps.TrendsSitemap().get_urls()
    ]
    rendered = render_to_string("sitemap.xml", {"urlset": urls})
    assert len(urls) == 3
    assert content == rendered


@pytest.mark.parametrize("trends", [0, 3])
def test_index_is_what_the_template_of_django_renders(client, settings, monkeypatch, trends):
    settings.SITE_URL = "https://example.org/a&b"
    monkeypatch.setattr(sitemaps, "ADDRESSES_A_FILE", len(languages()))
    for n in range(trends):
        make_trend(f"trend-{n}")
    content = client.get("/sitemap.xml").content.decode()
    latest = Trend.objects.order_by("-updated_at").values_list("updated_at", flat=True).first()
    files = [
        {"location": file.text.strip(), "last_mod": latest}
        for file in ElementTree.fromstring(content).iter(f"{_SITEMAP}loc")
    ]
    assert len(files) > trends
    assert content == render_to_string("sitemap_index.xml", {"sitemaps": files})


def test_file_is_as_old_as_its_latest_page(client):
    make_trend("one")
    Trend.objects.update(updated_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    make_trend("two")
    Trend.objects.filter(slug="two").update(updated_at=datetime(2026, 4, 1, 12, tzinfo=UTC))
    assert client.get("/sitemap-trends.xml")["Last-Modified"] == "Wed, 01 Apr 2026 12:00:00 GMT"


def test_longest_addresses_stay_far_below_what_a_file_may_weigh(client, settings):
    settings.SITE_URL = f"https://{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 61}"
    make_source("s" * 100)
    make_trend("t" * 80).shift_sources.add(Source.objects.get())
    content = client.get("/sitemap-sources.xml").content
    assert len(content) / len(languages()) * ADDRESSES_A_FILE < 25 * 1024 * 1024


@pytest.mark.parametrize("trends", [1, 8])
def test_map_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, trends):
    with indexed_once():
        for n in range(trends):
            trend = make_trend(f"trend-{n}", tags=[f"tag-{n}"], implications=1, drivers=1)
            video = make_video(f"video-{n:05}")
            mention = make_mention(f"Words {n}.", video=video, source=make_source(f"source-{n}"))
            TrendMention.objects.create(trend=trend, mention=mention)
    with django_assert_num_queries(INDEX_QUERIES):
        assert len(files(client)) == 7
    for name in sitemaps.SITEMAPS:
        with django_assert_num_queries(FILE_QUERIES.get(name, 1)):
            assert urls(client, f"/sitemap-{name}.xml")


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no such plans")
def test_index_reads_no_table_whole_to_find_which_files_have_rows(client):
    Reading.objects.create(trend=make_trend(), source=make_source("report"))
    with CaptureQueriesContext(connection) as captured:
        client.get("/sitemap.xml")
    files = [query["sql"] for query in captured if "file.value" in query["sql"]]
    assert files
    for sql in files:
        steps = " ".join(plan_of(sql))
        assert "SubPlan" in steps
        assert "hashed" not in steps


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-collections.xml"])
def test_map_is_only_read_and_not_sent_again(client, address):
    assert client.post(address).status_code == 405
    response = client.get(address)
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Access-Control-Allow-Origin"] == "*"
    again = client.get(address, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<lastmod>", "<lastmod>around "),
        ("http://testserver/en/trends", "/en/trends"),
        ("</loc>", "</loc><loc>http://testserver/en/</loc>"),
        ('hreflang="en"', 'hreflang=""'),
        ('rel="alternate"', ""),
        ("<loc>http://testserver/ja/", "<loc>http://other.example/ja/"),
        ("<xhtml:link", "<xhtml:a"),
    ],
)
def test_fault_in_a_map_is_found(client, right, wrong):
    make_trend()
    text = client.get("/sitemap-trends.xml").content.decode()
    assert right in text
    with pytest.raises((AssertionError, etree.LxmlError)):
        check_site_map(text.replace(right, wrong, 1).encode())
