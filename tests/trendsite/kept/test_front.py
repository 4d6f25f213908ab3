"""Answers out of the store: the same bytes as Django's, and never anybody else's."""

import gzip
import json

import brotli
import pytest
from django.test import Client

from tests.support.make import make_trend
from tests.support.readers import Reader
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

PAGE = "/en/trends/example-trend/"
KINDS = [
    "",
    "trends/example-trend/",
    "trends/example-trend.md",
    "trends/example-trend.json",
    "trends/example-trend/feed.atom",
    "tags/",
    "tags/product/",
    "tags/product/feed.json",
    "audiences/enterprises/",
    "experts/mina-example/",
    "a-z/",
    "forecasts/",
    "changes/",
    "feed.atom",
    "feed.json",
    "opensearch.xml",
    "card.jpg",
]
ADDRESSES = [
    *(f"/{language}/{rest}" for language in languages() for rest in KINDS),
    "/robots.txt",
    "/llms.txt",
    "/sitemap.xml",
    "/sitemap-trends.xml",
    "/api/trends.json",
]


@pytest.fixture(scope="class")
def site(rows_of_class):
    """A trend with a part of each kind."""
    return make_trend(
        tags=["product"], drivers=2, implications=2, timeline=3, mentions=2, assessments=2
    )


@pytest.fixture
def reader() -> Reader:
    return Reader()


class TestAnswers:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_answer_is_kept_and_the_same_as_without_the_front(self, site, reader, address):
        live = Client().get(address)
        first, second = reader.get(address), reader.get(address)
        assert first.body == second.body == live.content
        assert first.headers == second.headers
        assert first.headers["Content-Type"] == live["Content-Type"]
        assert first.headers.get("Content-Security-Policy") == live["Content-Security-Policy"]
        assert reader.rendered() == [address]

    def test_each_encoding_has_its_bytes_and_its_etag(self, site, reader):
        plain = reader.get(PAGE)
        br = reader.get(PAGE, HTTP_ACCEPT_ENCODING="gzip, deflate, br, zstd")
        zipped = reader.get(PAGE, HTTP_ACCEPT_ENCODING="gzip")
        assert "Content-Encoding" not in plain.headers
        assert brotli.decompress(br.body) == gzip.decompress(zipped.body) == plain.body
        assert (br.headers["Content-Encoding"], zipped.headers["Content-Encoding"]) == (
            "br",
            "gzip",
        )
        assert len({answer.headers["ETag"] for answer in (plain, br, zipped)}) == 3
        for answer in (plain, br, zipped):
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert answer.headers["Content-Length"] == str(len(answer.body))
        assert len(reader.rendered()) == 1

    @pytest.mark.parametrize(
        ("accepted", "encoding"),
        [
            ("", None),
            ("identity", None),
            ("br;q=0, gzip", "gzip"),
            ("gzip;q=1.0, br;q=0.5", "gzip"),
            ("*", "br"),
            ("*;q=0", None),
            ("GZIP", "gzip"),
            ("gzip;q=nonsense", None),
        ],
    )
    def test_encoding_is_one_that_the_client_accepts(self, site, reader, accepted, encoding):
        answer = reader.get(PAGE, HTTP_ACCEPT_ENCODING=accepted)
        assert answer.headers.get("Content-Encoding") == encoding

    def test_head_has_the_headers_alone(self, site, reader):
        head, whole = reader.get(PAGE, "HEAD"), reader.get(PAGE)
        assert head.body == b""
        assert head.headers == whole.headers

    @pytest.mark.parametrize("condition", ["{etag}", "W/{etag}", '"other", {etag}', "*"])
    def test_who_has_the_page_is_told_so(self, site, reader, condition):
        etag = reader.get(PAGE).headers["ETag"]
        answer = reader.get(PAGE, HTTP_IF_NONE_MATCH=condition.format(etag=etag))
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["ETag"] == etag
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert not [name for name in answer.headers if name.startswith("Content-")]
        other = reader.get(PAGE, HTTP_IF_NONE_MATCH=etag, HTTP_ACCEPT_ENCODING="br")
        assert other.status == 200


@pytest.mark.django_db(transaction=True)
def test_page_is_not_sent_again_after_a_change_and_back(reader):
    site = make_trend(tags=["product"])
    before = reader.get(PAGE).headers["ETag"]
    title = site.title_en
    for text in ("Other", title):
        site.title_en = text
        site.save()
        latest = reader.get(PAGE).headers["ETag"]
        assert (latest == before) == (text == title)


# Headers


class TestHeaders:
    def test_page_tells_browsers_and_shared_caches_what_they_may_do(self, site, reader):
        headers = reader.get(PAGE).headers
        assert headers["Cache-Control"] == "public, max-age=0, s-maxage=1, stale-while-revalidate=1"
        assert headers["Cache-Tag"] == "trend,trend:example-trend"
        assert headers["Surrogate-Key"] == "trend trend:example-trend"
        assert headers["Link"] == "</static/css/site.css>; rel=preload; as=style"
        rules = headers["Speculation-Rules"].strip('"')
        assert reader.get(rules).headers["Content-Type"] == "application/speculationrules+json"

    @pytest.mark.parametrize("address", ["/en/card.jpg", "/en/feed.atom", "/robots.txt"])
    def test_only_pages_name_their_style_sheet(self, site, reader, address):
        headers = reader.get(address).headers
        assert "preload" not in headers.get("Link", "")
        assert "Speculation-Rules" not in headers


def test_rules_let_browsers_fetch_pages_ahead_but_no_search(reader):
    [rule] = json.loads(reader.get("/speculation-rules.json").body)["prefetch"]
    first, *others = rule["where"]["and"]
    assert first == {"href_matches": "/*"}
    assert {"not": {"href_matches": "/ja/search/*"}} in others
    assert {"not": {"href_matches": "/admin/*"}} in others


# Addresses


class TestAddresses:
    @pytest.mark.parametrize("address", [address for address in ADDRESSES if "." not in address])
    def test_unknown_parameter_neither_splits_nor_poisons(self, site, reader, address):
        reader.get(f"{address}?utm_source=first")
        page = reader.get(address)
        reader.rendered()
        odd = reader.get(f"{address}?utm_source=x%22%3E%3Cscript%3E&%FF=%FF&page")
        assert odd.body == page.body
        assert "script%3E" not in odd.text
        assert "?" not in "".join(reader.rendered()).replace("?page", "")

    def test_order_of_parameters_does_not_matter(self, site, reader):
        reader.get("/en/?status=growing")
        reader.get("/en/?status=growing&page=1")
        reader.rendered()
        reader.get("/en/?page=1&status=growing")
        assert reader.rendered() == []

    def test_hosts_and_schemes_do_not_share(self, site, reader):
        reader.get(PAGE)
        reader.get(PAGE, HTTP_HOST="localhost")
        reader.get(PAGE, HTTP_HOST="LOCALHOST")
        reader.get(PAGE, **{"wsgi.url_scheme": "https"})
        assert len(reader.rendered()) == 3

    def test_unknown_host_is_refused_and_not_kept(self, site, reader):
        assert reader.get(PAGE, HTTP_HOST="evil.example").status == 400
        assert reader.rendered() == []


def test_parameters_that_a_page_looks_at_tell_its_answers_apart(reader):
    for number in range(25):
        make_trend(f"trend-{number:02}", tags=["product"])
    first, second = reader.get("/en/"), reader.get("/en/?page=2")
    assert "Title of trend-24" in second.text
    assert first.body != second.body
    assert reader.get("/en/?utm=a&page=2").body == second.body
    for query in ("page=2", "status=growing&page=2", "page=2&status=growing&status=emerging"):
        assert reader.get(f"/en/?{query}").body == Client().get(f"/en/?{query}").content


# Readers


class TestReaders:
    @pytest.mark.parametrize(
        "header",
        [
            {"HTTP_COOKIE": "sessionid=abc"},
            {"HTTP_COOKIE": "a=b; csrftoken=abc"},
            {"HTTP_AUTHORIZATION": "Basic abc"},
        ],
        ids=str,
    )
    def test_request_of_somebody_who_is_known_is_not_answered_from_the_store(
        self, site, reader, header
    ):
        assert reader.get(PAGE, **header).status == 200
        assert reader.rendered() == []

    def test_nothing_of_a_reader_reaches_what_is_kept(self, site, reader):
        reader.get(
            PAGE,
            HTTP_COOKIE="django_language=ja; _ga=1",
            HTTP_ACCEPT_LANGUAGE="ja",
            HTTP_X_FORWARDED_HOST="evil.example",
            HTTP_X_FORWARDED_FOR="10.0.0.1",
            HTTP_ACCEPT_ENCODING="br",
        )
        assert reader.get(PAGE).body == Client().get(PAGE).content

    @pytest.mark.parametrize(
        ("address", "status"),
        [
            ("/", 302),
            ("/en/trends/nothing/", 404),
            ("/nothing/", 404),
            ("/en/trends/example-trend", 301),
            ("/admin/", 302),
            ("/healthz", 200),
            ("/media/nothing.jpg", 404),
            ("/en/search/?q=words", 200),
        ],
    )
    def test_what_is_no_page_is_not_kept(self, site, reader, address, status):
        for language in ("en", "ja"):
            answer = reader.get(address, HTTP_ACCEPT_LANGUAGE=language)
            live = Client().get(address, headers={"accept-language": language})
            assert answer.status == status
            assert answer.headers.get("Location") == live.get("Location")
            if status == 404:
                assert answer.body == live.content
        assert reader.rendered() == []

    def test_answer_that_is_not_kept_is_compressed(self, site, reader):
        answer = reader.get("/en/search/?q=words", HTTP_ACCEPT_ENCODING="br")
        assert answer.headers["Content-Encoding"] == "br"
        assert answer.text == Client().get("/en/search/?q=words").content.decode()


def test_draft_is_not_found_with_or_without_the_front(reader):
    make_trend("draft", published=None)
    assert reader.get("/en/trends/draft/").status == 404


# Memory


def test_least_used_leaves_first(site):
    reader = Reader(most_bytes=1)
    reader.get(PAGE)
    reader.get("/robots.txt")
    reader.rendered()
    reader.get("/robots.txt")
    reader.get(PAGE)
    assert reader.rendered() == [PAGE]
