"""A shared cache learns which answers are no longer true."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread

import pytest

from tests.support.make import make_trend
from tests.support.readers import Reader
from trends.models import Trend
from trendsite.kept.entries import Address
from trendsite.kept.page_table import PageTable
from trendsite.kept.purges import Purges, purge_request
from trendsite.kept.renewals import Renewals
from trendsite.shared.writes import written

PAGE = "/en/trends/example-trend/"
ADDRESS = Address("http", "testserver", PAGE, "")


@contextmanager
def shared_cache(refusals: int = 0) -> Iterator[tuple[str, Queue[tuple[str, str, str]]]]:
    """Run a cache that refuses some requests first; yield its address and what it is asked."""
    asked: Queue[tuple[str, str, str]] = Queue()

    class Cache(BaseHTTPRequestHandler):
        left = refusals

        def do_PURGE(self) -> None:
            asked.put((self.path, self.headers["Host"], self.headers.get("X-Key", "")))
            self.send_response(503 if Cache.left else 204)
            Cache.left = max(0, Cache.left - 1)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Cache) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def test_a_refused_purge_is_sent_again_with_its_header(settings, monkeypatch):
    monkeypatch.setattr(Purges, "PAUSES", (0.01, 0.01))
    with shared_cache(refusals=2) as (cache, asked):
        settings.PURGE_URL, settings.PURGE_HEADER = cache + "{path}", "X-Key: of-a-test"
        Purges().add(ADDRESS._replace(query="page=2"))
        found = [asked.get(timeout=60) for _ in range(3)]
    host = cache.removeprefix("http://")
    assert found == [(PAGE + "?page=2", host, "of-a-test")] * 3
    assert asked.empty()


def test_a_cache_that_does_not_answer_is_told_of_the_next_page_all_the_same(
    settings, monkeypatch, caplog
):
    monkeypatch.setattr(Purges, "PAUSES", (0.01, 0.01))
    with shared_cache(refusals=3) as (cache, asked):
        settings.PURGE_URL = cache + "{path}"
        purges = Purges()
        purges.add(ADDRESS)
        purges.add(ADDRESS._replace(path="/ja/"))
        found = [asked.get(timeout=60)[0] for _ in range(4)]
    assert found == [PAGE, PAGE, PAGE, "/ja/"]
    assert f"{PAGE} was not purged: HTTP Error 503" in caplog.text


def test_the_address_of_a_purge_is_built_from_the_setting(settings):
    settings.PURGE_URL, settings.PURGE_METHOD = "{url}", "PURGE"
    address = Address("https", "trends.example.org", "/ja/tags/\xe6\x88\xa6/", "page=2")
    request = purge_request(address)
    assert request.full_url == "https://trends.example.org/ja/tags/%E6%88%A6/?page=2"
    assert (request.method, request.headers) == ("PURGE", {})
    settings.PURGE_URL = "https://cache.example.org/purge?host={host}&path={path}"
    expected = "https://cache.example.org/purge?host=trends.example.org&path=/ja/tags/"
    assert purge_request(address).full_url.startswith(expected)


@pytest.mark.django_db(transaction=True)
def test_an_edit_purges_what_shows_it_in_whatever_process_it_was_read(settings):
    settings.SHARED_CACHE_SECONDS = 86_400
    trend = make_trend()
    make_trend("other")
    elsewhere, here = Reader(page_table=PageTable()), Reader(page_table=PageTable())
    for path in (PAGE, "/en/trends/other/", "/robots.txt"):
        answer = elsewhere.get(path)
        assert "s-maxage=86400" in answer.headers["Cache-Control"]
    # What is not kept is never purged, so no cache may have it for long.
    assert "s-maxage=1," in elsewhere.get("/en/trends/unknown/").headers["Cache-Control"]

    purged: list[str] = []
    renewals = Renewals(here.front)
    here.front.store.when_replaced = lambda address: purged.append(address.path)
    try:
        Trend.objects.filter(pk=trend.pk).update(title_en="Rewritten")
        renewals._renew(PageTable().addresses())
        assert purged == [PAGE]
        renewals._renew(PageTable().addresses())
        assert purged == [PAGE]
        trend.delete()
        for _ in range(2):
            renewals._renew(PageTable().addresses())
            assert purged == [PAGE, PAGE]
        # The pages of others take no room in the memory of this process.
        assert here.front.store.recent(10) == []
    finally:
        written.disconnect(dispatch_uid=id(renewals))
