"""Kept answers in the database, which other processes find there."""

import pytest

from tests.support.make import make_source, make_trend
from tests.support.readers import Reader
from trends.models import Trend
from trendsite.kept import shelf as shelves
from trendsite.kept.models import KeptPage
from trendsite.kept.shelf import Shelf

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/en/trends/example-trend/"
ADDRESSES = [PAGE, "/ja/trends/example-trend/", "/en/", "/en/card.jpg", "/en/feed.atom"]


@pytest.fixture
def trend() -> Trend:
    return make_trend(tags=["product"], drivers=2, timeline=2, mentions=1, assessments=1)


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_one_process_rendered_another_one_sends(trend, address):
    first, second = Reader(shelf=Shelf()), Reader(shelf=Shelf())
    expected = first.get(address, HTTP_ACCEPT_ENCODING="br")
    assert second.get(address, HTTP_ACCEPT_ENCODING="br") == expected
    assert second.get(address) == first.get(address)
    assert second.rendered() == []


def test_what_changed_in_between_is_rendered_again(trend):
    first, second = Reader(shelf=Shelf()), Reader(shelf=Shelf())
    first.get(PAGE)
    make_source("unused")
    second.get(PAGE)
    assert second.rendered() == []
    Trend.objects.update(title_en="Rewritten")
    for reader in (Reader(shelf=Shelf()), second, first):
        assert "Rewritten" in reader.get(PAGE).text
    # The reader between them rendered it for both.
    assert (first.rendered(), second.rendered()) == ([PAGE], [])


def test_another_release_renders_its_own(trend, monkeypatch):
    Reader(shelf=Shelf()).get(PAGE)
    monkeypatch.setattr(shelves, "release", lambda: "another")
    later = Reader(shelf=Shelf())
    later.get(PAGE)
    assert later.rendered() == [PAGE]
    Shelf().clear_out()
    assert [row.release for row in KeptPage.objects.all()] == ["another"]


def test_those_rendered_the_longest_ago_leave(trend, monkeypatch):
    reader = Reader(shelf=Shelf())
    for address in ADDRESSES:
        reader.get(address)
    monkeypatch.setattr(Shelf, "MOST_PAGES", 2)
    Shelf().clear_out()
    left = {row.address for row in KeptPage.objects.all()}
    assert left == {f"http://testserver{address}" for address in ADDRESSES[-2:]}
