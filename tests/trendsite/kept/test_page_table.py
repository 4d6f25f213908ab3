"""Kept answers in the database, which other processes find there."""

import pytest

from tests.support.make import make_source, make_trend
from tests.support.readers import Reader
from trends.models import Trend
from trendsite.kept import page_table as tables
from trendsite.kept.models import KeptPage
from trendsite.kept.page_table import PageTable

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
