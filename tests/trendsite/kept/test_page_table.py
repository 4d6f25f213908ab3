"""Kept answers in the database, which other processes find there."""

import ctypes
import threading

import pytest

from tests.support.make import make_source, make_trend
from tests.support.readers import Reader
from trends.models import Trend
from trendsite.kept import page_table as tables
from trendsite.kept.entries import Address
from trendsite.kept.models import KeptPage
from trendsite.kept.page_table import BackgroundPageTable, PageTable

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/en/trends/example-trend/"
ADDRESSES = [PAGE, "/ja/trends/example-trend/", "/en/", "/en/card.jpg", "/en/feed.atom"]


@pytest.fixture
def trend() -> Trend:
    return make_trend(tags=["product"], drivers=2, timeline=2, mentions=1, assessments=1)


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_one_process_rendered_another_one_sends(trend, address):
    first, second = Reader(page_table=PageTable()), Reader(page_table=PageTable())
    expected = first.get(address, HTTP_ACCEPT_ENCODING="br")
    assert second.get(address, HTTP_ACCEPT_ENCODING="br") == expected
    assert second.get(address) == first.get(address)
    assert second.rendered() == []


def test_what_changed_in_between_is_rendered_again(trend):
    first, second = Reader(page_table=PageTable()), Reader(page_table=PageTable())
    first.get(PAGE)
    make_source("unused")
    second.get(PAGE)
    assert second.rendered() == []
    Trend.objects.update(title_en="Rewritten")
    for reader in (Reader(page_table=PageTable()), second, first):
        assert "Rewritten" in reader.get(PAGE).text
    # The reader between them rendered it for both.
    assert (first.rendered(), second.rendered()) == ([PAGE], [])


def test_another_release_renders_its_own(trend, monkeypatch):
    Reader(page_table=PageTable()).get(PAGE)
    monkeypatch.setattr(tables, "release", lambda: "another")
    later = Reader(page_table=PageTable())
    later.get(PAGE)
    assert later.rendered() == [PAGE]
    PageTable().clear_out()
    assert [row.release for row in KeptPage.objects.all()] == ["another"]


def test_those_rendered_the_longest_ago_leave(trend, monkeypatch):
    reader = Reader(page_table=PageTable())
    for address in ADDRESSES:
        reader.get(address)
    monkeypatch.setattr(PageTable, "MOST_PAGES", 2)
    PageTable().clear_out()
    left = {row.address for row in KeptPage.objects.all()}
    assert left == {f"http://testserver{address}" for address in ADDRESSES[-2:]}


def test_memory_is_given_back_after_pages_were_rendered(monkeypatch):
    trimmed = threading.Event()

    class Library:
        def malloc_trim(self, pad: int) -> None:
            trimmed.set()

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library())
    monkeypatch.setattr(tables, "join_pending", lambda connection: None)
    for name in ("clear_out", "remove"):  # without the database, in a thread that stays
        monkeypatch.setattr(PageTable, name, lambda *args: None)
    BackgroundPageTable().remove(Address("http", "testserver", PAGE, ""))
    assert trimmed.wait(10)


def test_other_libraries_give_no_memory_back(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert tables._give_memory_back() is None
