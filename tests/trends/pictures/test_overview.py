"""The overview: a table of statuses and leading tags."""

import datetime

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from tests.support.days import today
from tests.support.make import date, make_trend
from tests.support.reading import parse, read, words
from trends.models import Assessment, Falsifier, TaggedTrend, Trend
from trends.pages import index
from trends.pictures import overview
from trends.pictures.overview import MOST_TRENDS, build_overview
from trendsite.shared.models import Tag

FIRST_DAY = datetime.date(2025, 1, 1)
ORDER = ["emerging", "growing", "established", "declining"]


def trend(
    slug: str,
    status: str = "growing",
    confidence: str = "medium",
    tag: str | None = "policy",
    *,
    title: str | None = None,
    came_from: tuple[str, str] | None = None,
    is_new: bool = False,
    published: datetime.date = FIRST_DAY,
    **values,
) -> Trend:
    values = {"title_en": title or f"Title of {slug}", **values}
    made = Trend(
        pk=1, slug=slug, status=status, confidence=confidence, published=published, **values
    )
    tags = [Tag(slug=tag, name=tag, label_en=f"Tag {tag}")] if tag else []
    # As if read by `for_list()`, without a database.
    made._prefetched_objects_cache = {"tagged": [TaggedTrend(tag=tag) for tag in tags]}
    made.is_new, made.has_moved = is_new, came_from is not None
    made.status_before, made.confidence_before = came_from or (None, None)
    made.reviewed, made.judged_status, made.judged_confidence = None, status, confidence
    return made


def table(trends: list[Trend]):
    """The table as a tree of elements."""
    html = render_to_string(
        "components/overview.html",
        {"overview": build_overview(trends), "recent_days": 90, "other": "view=time"},
    )
    [found] = parse(html).iter("table")
    return found


def cells(trends: list[Trend]) -> list[list[str]]:
    """What the body of the table says, row by row."""
    return [
        [words(cell) for cell in row if cell.tag in ("th", "td")]
        for row in table(trends).find("tbody")
    ]


def test_no_trend_makes_no_overview_and_too_many_neither():
    assert build_overview([]) is None
    many = [trend(f"t{n}") for n in range(MOST_TRENDS + 1)]
    assert build_overview(many) is None
    assert build_overview(many[1:]) is not None


def test_columns_follow_the_way_from_emerging_to_declining_and_are_counted():
    heads = [words(head) for head in table([trend("a", "growing"), trend("b")]).find("thead/tr")]
    assert heads == ["Main topic", "emerging 0", "growing 2", "established 0", "declining 0"]


def test_a_trend_is_in_the_row_of_its_leading_tag_and_the_column_of_its_status():
    trends = [trend("a", tag="x"), trend("b", "declining", tag="x"), trend("c", tag="y")]
    assert cells(trends) == [
        [
            "Tag x",
            "–",
            "Title of a growing Confidence medium",
            "–",
            "Title of b declining Confidence medium",
        ],
        ["Tag y", "–", "Title of c growing Confidence medium", "–", "–"],
    ]


def test_trends_without_a_tag_and_rare_tags_have_rows_too():
    trends = [trend(f"t{n}-{m}", tag=f"tag-{n:02}") for n in range(12) for m in range(2)]
    rows = [row[0] for row in cells([*trends, trend("rare", tag="zz"), trend("bare", tag=None)])]
    assert rows[-2:] == ["other tags", "no tag"]
    assert "Tag zz" not in rows
    assert len(rows) == 14


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({}, ""),
        ({"is_new": True}, "new"),
        ({"came_from": ("emerging", "medium")}, "from emerging"),
        ({"came_from": ("established", "medium")}, "from established"),
        ({"came_from": ("growing", "low")}, "confidence up"),
        ({"came_from": ("growing", "high")}, "confidence down"),
        ({"is_new": True, "came_from": ("emerging", "low")}, "new, from emerging"),
    ],
)
def test_new_and_moved_trends_say_so(values, note):
    [row] = cells([trend("a", **values)])
    assert row[2] == f"Title of a growing Confidence medium {note}".strip()


def test_links_are_named_as_they_read():
    for link in table([trend("a", title="Agents write code, people review it")]).iter("a"):
        assert "aria-label" not in link.attrib
        assert words(link) in {"Tag policy", "Agents write code, people review it"}


def test_titles_are_those_of_the_page_and_say_when_they_are_not():
    with translation.override("ja"):
        found = table([trend("a", title_ja="訓練より応用"), trend("b")])
    languages = {words(link): [part.get("lang") for part in link] for link in found.iter("a")}
    assert languages["訓練より応用"] in ([], [None])
    assert languages["Title of b"] == ["en"]


def test_nothing_in_a_title_is_markup():
    assert words(table([trend("a", title="<script>alert(1)</script>")])).count("<script>") == 1


def test_order_of_the_rows_is_that_of_the_tags_in_every_language():
    trends = [trend("a", tag="y"), trend("b", tag="x")]
    with translation.override("ja"):
        assert [row[0] for row in cells(trends)] == ["Tag x", "Tag y"]


@pytest.mark.django_db
class TestOnTheIndex:
    def test_filters_act_on_the_overview_and_the_list_alike(self, client):
        make_trend("a", status="growing")
        make_trend("b", status="emerging")
        page = read(client, "/en/?status=emerging")
        [figure] = page.iter("figure")
        assert "/en/trends/b/" in [link.get("href") for link in figure.iter("a")]
        assert "/en/trends/a/" not in [link.get("href") for link in page.iter("a")]

    def test_movement_is_read_from_the_assessments(self, client):
        made = make_trend("a", status="growing")
        for on, status in (("2020", "emerging"), (str(today()), "growing")):
            Assessment.objects.create(trend=made, date=date(on), status=status, confidence="medium")
        [figure] = read(client, "/en/").iter("figure")
        assert "Title of a growing Confidence medium from emerging" in words(figure)

    def test_too_many_trends_are_counted_and_asked_to_be_filtered(self, client, monkeypatch):
        for module in (index, overview):
            monkeypatch.setattr(module, "MOST_TRENDS", 1)
        make_trend("a")
        make_trend("b")
        page = read(client, "/en/")
        assert list(page.iter("table")) == []
        assert "filter to see it" in words(page)

    def test_the_list_says_that_a_trend_is_under_review(self, client):
        Falsifier.objects.create(trend=make_trend("a"), text_en="It stops.", date=date("2020"))
        make_trend("b")
        marks = [link for link in read(client, "/en/").iter("a") if words(link) == "Under review"]
        assert [mark.get("href") for mark in marks] == ["/en/trends/a/#falsifiers"]
