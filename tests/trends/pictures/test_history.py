"""Trends on an axis of time: what a reader sees in the SVG, at both widths."""

import datetime
import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tests.support.make import date, make_trend
from tests.support.query_counts import INDEX_QUERIES
from tests.support.svg import Drawn
from trends.levels import Status
from trends.models import Assessment, TimelineEntry, Trend
from trends.pictures.history import build_history_picture

TODAY = datetime.date(2026, 5, 20)


def trend(slug="a", since="2024", judged=(), events=(), forecasts=(), **values) -> Trend:
    made = Trend(pk=1, slug=slug, since=date(since), **{"title_en": f"Title of {slug}", **values})
    # As if read by the picture, without a database.
    made._prefetched_objects_cache = {
        "assessments": [
            Assessment(date=date(on), status=status, confidence="low") for on, status in judged
        ],
        "timeline": [
            *(TimelineEntry(date=date(on), kind="event") for on in events),
            *(TimelineEntry(date=date(on), kind="forecast", outcome="pending") for on in forecasts),
        ],
    }
    return made


def drawn(trends: list[Trend]) -> list[Drawn]:
    html = render_to_string(
        "components/history_picture.html",
        {"picture": build_history_picture(trends, TODAY), "other": "", "list": "#trends"},
    )
    return [Drawn(svg) for svg in ElementTree.fromstring(html).iter("svg")]


def paths(picture: Drawn, name: str) -> list[ElementTree.Element]:
    return [
        path for path in picture.svg.iter("path") if f"history-picture-{name}" in path.get("class")
    ]


def span(path: ElementTree.Element) -> tuple[float, float]:
    """Left and right edge of a bar or a level line."""
    left, right = re.match(r"M([\d.]+) [\d.]+H([\d.]+)", path.get("d")).groups()
    return float(left), float(right)


def test_no_trends_make_no_picture():
    assert build_history_picture([], TODAY) == []


def test_bar_is_parted_where_the_status_moved():
    judged = [("2025-01", "emerging"), ("2025-07", "emerging"), ("2026-01", "growing")]
    for picture in drawn([trend(judged=judged)]):
        emerging, growing = paths(picture, "part")
        assert "is-emerging" in emerging.get("class")
        assert "is-growing" in growing.get("class")
        assert span(emerging)[1] == span(growing)[0]
        [line] = paths(picture, "line")
        assert span(line)[1] == span(emerging)[0]
        year = span(emerging)[1] - span(emerging)[0]
        before = span(line)[1] - span(line)[0]
        assert before == pytest.approx(year, rel=0.02)  # all of 2024, and of 2025


def test_trend_that_was_never_judged_is_a_line_to_this_month():
    for picture in drawn([trend(since="2025")]):
        assert paths(picture, "part") == []
        [line] = paths(picture, "line")
        [present] = paths(picture, "present")
        assert present.get("d").startswith(f"M{span(line)[1]:g} ")


def test_events_are_ticks_and_forecasts_rings():
    for picture in drawn([trend(events=["2024-02-01", "2025-02-01"], forecasts=["2028"])]):
        [ticks] = paths(picture, "event")
        assert ticks.get("d").count("v6") == 2
        [ring] = picture.svg.iter("circle")
        [present] = paths(picture, "present")
        assert float(ring.get("cx")) > float(re.match(r"M([\d.]+)", present.get("d")).group(1))


def test_link_says_in_words_what_is_drawn():
    judged = [("2025-01-15", "emerging"), ("2026-Q1", "growing")]
    for picture in drawn([trend(judged=judged)]):
        assert picture.links()["a"].get("aria-label") == (
            "Title of a: since 2024; emerging from 15 January 2025; growing from 2026 Q1"
        )


def test_titles_are_those_of_the_page_and_say_when_they_are_not():
    with translation.override("ja"):
        for picture in drawn([trend("a", title_ja="訓練より応用"), trend("b")]):
            first, second = (
                next(text for text in link.iter("text") if "title" in text.get("class"))
                for link in picture.links().values()
            )
            assert (first.text, first.get("lang")) == ("訓練より応用", None)
            assert (second.text, second.get("lang")) == ("Title of b", "en")


DATES = st.one_of(
    st.integers(1990, 2040).map(str),
    st.dates(datetime.date(2020, 1, 1), datetime.date(2027, 1, 1)).map(str),
)
TRENDS = st.lists(
    st.builds(
        trend,
        st.from_regex(r"[a-z]{1,12}", fullmatch=True),
        DATES,
        st.lists(st.tuples(DATES, st.sampled_from(Status.values)), max_size=6),
        st.lists(DATES, max_size=4),
        st.lists(DATES, max_size=4),
        title_en=st.text(alphabet="abc WM応用", min_size=1, max_size=90).filter(str.strip),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda made: made.slug,
)


@given(TRENDS)
def test_nothing_overlaps_and_all_is_inside(trends):
    for picture in drawn(trends):
        assert set(picture.links()) == {made.slug for made in trends}
        words = picture.words
        for one, other in combinations(words, 2):
            assert not one.touches(other), (one, other)
        for line in words:
            assert line.left >= 0
            assert line.right <= picture.width
            assert line.bottom <= picture.height
        for path in paths(picture, "part"):
            left, right = span(path)
            assert 0 <= left <= right <= picture.width


@pytest.mark.django_db
class TestOnTheIndex:
    def test_either_picture_leads_to_the_other_and_keeps_the_filters(self, client):
        make_trend(tags=["x"])
        by_status = client.get("/en/?tag=x").content.decode()
        assert 'href="/en/?tag=x&amp;view=time"' in by_status
        by_time = client.get("/en/?tag=x&view=time").content.decode()
        assert 'href="/en/?tag=x"' in by_time
        assert '<input type="hidden" name="view" value="time">' in by_time
        assert "history-picture" in by_time
        assert "<table" not in by_time

    def test_unknown_view_is_the_default_one(self, client):
        make_trend()
        assert "<table" in client.get("/en/?view=sideways").content.decode()

    def test_nothing_found_draws_nothing(self, client):
        assert "history-picture" not in client.get("/ja/?view=time&tag=x").content.decode()

    @pytest.mark.parametrize("trends", [1, 8])
    def test_it_takes_the_same_queries(self, client, django_assert_num_queries, trends):
        for n in range(trends):
            parts = {"assessments": 2, "timeline": 2, "implications": 1, "mentions": 1}
            make_trend(f"t{n}", tags=["x"], **parts)
        # The picture needs the assessments and the timelines, too.
        with django_assert_num_queries(INDEX_QUERIES + 2):
            client.get("/en/?view=time")
