"""The site's first page: all published trends."""

import pytest

from tests.support.days import days_from_now, today, tomorrow
from tests.support.make import date, make_trend
from tests.support.queries import no_queries_while_rendering
from tests.support.query_counts import INDEX_QUERIES
from tests.support.reading import (
    alternates,
    blanks,
    broken_anchors,
    headings,
    language_switch,
    links,
    notes,
    pagination,
    read,
    says,
    spoken,
    trend_rows,
    words,
)
from trends.models import Assessment, TimelineEntry
from trends.pages._page import TRENDS_A_PAGE
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db


def titles(page) -> list[str]:
    """The titles of the trends on a page, in order."""
    return [words(row.find("*/a")) for row in trend_rows(page)]


def test_trends_are_listed_the_latest_first(client):
    make_trend("older", published=days_from_now(-9))
    make_trend("newer", published=today())
    page = read(client, "/en/")
    assert titles(page) == ["Title of newer", "Title of older"]
    assert links(trend_rows(page)[0])["/en/trends/newer/"] == "Title of newer"


def test_trend_shows_subtitle_judgement_and_tags(client):
    make_trend(
        "a", tags=["cost"], status="declining", confidence="low", since=date("2024"), assessments=2
    )
    page = read(client, "/en/")
    [row] = trend_rows(page)
    assert words(row) == (
        "Title of a Subtitle of a Status declining Confidence low Since 2024 "
        "Last reviewed 1 May 2001 cost"
    )
    assert links(row)["/en/tags/cost/"] == "cost"
    assert broken_anchors(page) == []


def test_levels_are_explained(client):
    assert "What the levels mean" in headings(read(client, "/en/"))


@pytest.mark.parametrize("language", languages())
def test_empty_index_says_so(client, language):
    page = read(client, f"/{language}/")
    assert page.get("lang") == language
    assert says(page, "No trend is published yet.")
    assert titles(page) == []
    assert blanks(page) == []


def test_drafts_and_scheduled_trends_are_not_listed(client):
    make_trend("draft", published=None)
    make_trend("scheduled", published=tomorrow())
    make_trend("today", published=today())
    page = read(client, "/en/")
    assert titles(page) == ["Title of today"]
    assert "Title of draft" not in words(page)


def test_list_in_japanese_is_japanese(client):
    make_trend("a", tags=["cost"])
    page = read(client, "/ja/")
    assert titles(page) == ["aの題"]
    assert spoken(page, "題|副題|タグ") == {"ja"}
    assert links(trend_rows(page)[0])["/ja/tags/cost/"] == "タグcost"
    assert notes(page) == []


@pytest.mark.parametrize(
    "texts",
    [
        {"title_en": None, "title_ja": "日本語だけ"},
        {"subtitle_en": None, "subtitle_ja": "日本語だけ"},
    ],
    ids=["title", "subtitle"],
)
def test_trend_not_translated_is_listed_in_the_other_language_and_the_page_says_so(client, texts):
    make_trend(**texts)
    page = read(client, "/en/")
    assert spoken(page, "日本語だけ") == {"ja"}
    assert blanks(page) == []
    assert notes(page) == ["Parts of this page are not yet translated and are shown in Japanese."]


def test_what_the_list_does_not_show_need_not_be_translated(client):
    make_trend(shift_en=None)
    assert notes(read(client, "/en/")) == []


def test_long_list_is_split_into_pages(client):
    for n in range(TRENDS_A_PAGE + 1):
        make_trend(f"trend-{n:02}")
    first, second = read(client, "/en/"), read(client, "/en/?page=2")
    assert len(titles(first)) == TRENDS_A_PAGE
    assert titles(second) == [f"Title of trend-{TRENDS_A_PAGE:02}"]
    assert links(pagination(first)[0]) == {"?page=2": "Next page"}
    assert links(pagination(second)[0]) == {"?page=1": "Previous page"}
    assert "Page 2 of 2" in words(pagination(second)[0])


def test_further_page_has_an_address_and_other_languages_of_its_own(client, settings):
    for n in range(TRENDS_A_PAGE + 1):
        make_trend(f"trend-{n:02}")
    page = read(client, "/en/?page=2&utm_source=letter")
    assert alternates(page) == {
        "canonical": "http://testserver/en/?page=2",
        "en": "http://testserver/en/?page=2",
        "ja": "http://testserver/ja/?page=2",
        "x-default": "http://testserver/en/?page=2",
    }
    assert language_switch(page)["日本語"] == "/ja/?page=2"
    assert alternates(read(client, "/en/?page=1"))["canonical"] == "http://testserver/en/"


@pytest.mark.parametrize("number", ["abc", "", "0", "-1", "1.5", "%00", "９" * 5000, "1e9"])
def test_page_number_that_is_none_is_tolerated(client, number):
    make_trend()
    assert titles(read(client, f"/en/?page={number}")) == ["Title of example-trend"]


def test_index_is_only_read(client):
    assert client.post("/en/").status_code == 405


@pytest.mark.parametrize("trends", [1, 8])
def test_index_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, trends):
    for n in range(trends):
        make_trend(f"trend-{n}", tags=["strategy"], assessments=1, implications=1, mentions=1)
    with django_assert_num_queries(INDEX_QUERIES):
        assert len(titles(read(client, "/en/"))) == trends


@pytest.fixture(scope="class")
def two_pages(rows_of_class):
    for n in range(TRENDS_A_PAGE + 1):
        make_trend(f"trend-{n:02}", tags=["strategy"], assessments=1, implications=1, mentions=1)


@pytest.mark.usefixtures("two_pages")
class TestTwoPages:
    @pytest.mark.parametrize("query", ["", "view=time", "sort=title", "page=2&tag=strategy"])
    def test_index_is_gathered_before_it_is_rendered(self, client, monkeypatch, query):
        with no_queries_while_rendering(monkeypatch, "trends.pages.index"):
            assert titles(read(client, f"/en/?{query}"))

    def test_two_pages_take_the_queries_of_one(self, client, django_assert_num_queries):
        with django_assert_num_queries(INDEX_QUERIES):
            assert len(titles(read(client, "/en/"))) == TRENDS_A_PAGE


def strip(page):
    """The part of the page that tells what changed last."""
    return page.find(".//section[@aria-labelledby='latest-changes-heading']")


def judge(trend, when, status="growing", **values):
    return Assessment.objects.create(
        trend=trend, date=date(when), status=status, confidence="medium", **values
    )


def test_list_shows_the_first_key_point_and_the_last_instead_of_the_subtitle(client):
    make_trend(key_points_en="It shifts.\nWe saw it.\nDo this.")
    [row] = trend_rows(read(client, "/en/"))
    assert [words(point) for point in row.findall("p")] == ["It shifts.", "Do this."]
    assert "Subtitle" not in words(row)
    page = read(client, "/ja/")
    assert spoken(page, "It shifts|Do this") == {"en"}
    assert len(notes(page)) == 1


def test_the_last_three_changes_are_told_with_their_reasons(client):
    moved, day = make_trend("moved"), date("2025-03").first_day
    make_trend("retired", published=day, retired=day, retired_note_en="It is over.")
    judge(moved, "2025-01", "emerging", rationale_en="Too early to tell.")
    judge(moved, "2025-02", rationale_en="It spread.")
    judge(moved, "2025-05", rationale_en="Only a review.")
    forecast = TimelineEntry.objects.create(
        trend=moved,
        kind="forecast",
        date=date("2025-04"),
        outcome="missed",
        text_en="By April.",
        note_en="It was late.",
    )
    section = strip(read(client, "/en/"))
    found = [words(item) for item in section.iter("li")]
    assert found == [
        "Forecast missed April 2025 Title of moved By April. It was late.",
        "Retired 1 March 2025 Title of retired It is over.",
        "Changed from emerging to growing February 2025 Title of moved It spread.",
    ]
    assert links(section) == {
        f"/en/trends/moved/#{forecast.anchor}": "Title of moved",
        "/en/trends/retired/#retired": "Title of retired",
        "/en/trends/moved/#assessment-2025-02": "Title of moved",
        "/en/changes/": "All changes",
    }


def test_without_a_change_the_index_says_so(client):
    make_trend()
    assert "No changes yet" in words(strip(read(client, "/en/")))


def test_only_the_start_of_the_whole_list_tells_what_changed(client):
    for n in range(TRENDS_A_PAGE + 1):
        make_trend(f"trend-{n:02}")
    for query in ("?page=2", "?status=growing"):
        assert strip(read(client, f"/en/{query}")) is None


def test_filters_are_a_form_beside_the_line_that_opens_them(client):
    make_trend(tags=["cost"])
    [panel] = read(client, "/en/").iter("search")
    assert [element.tag for element in panel][-2:] == ["details", "form"]
    assert panel.find("details").get("open") is None
    assert panel.find("details/form") is None
