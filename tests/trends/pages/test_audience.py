"""The page of an audience: what all trends mean for it."""

import re

import pytest

from tests.support.days import days_from_now, tomorrow
from tests.support.make import make_audience, make_trend
from tests.support.reading import headings, links, main, notes, read, words
from trends.models import Implication

pytestmark = pytest.mark.django_db

PAGE = "/en/audiences/enterprises/"

# 1 the audience, 2 how many trends, 3-4 these, 5 what they mean, 6 the other audiences.
AUDIENCE_QUERIES = 6


def imply(trend, lead="Measure", audience="enterprises", order=0, **values):
    values = {"lead_en": lead, "lead_ja": f"要点{lead}", "text_en": "Explained.", **values}
    return Implication.objects.create(
        trend=trend, audience=make_audience(audience), order=order, **values
    )


def test_trends_stand_by_status_with_what_they_mean(client):
    for slug, status in [
        ("old", "declining"),
        ("young", "emerging"),
        ("adult", "established"),
        ("teen", "growing"),
    ]:
        imply(make_trend(slug, status=status), f"Heed {slug}")
    page = read(client, PAGE)
    assert headings(page) == [
        "What it means for Enterprises",
        "emerging",
        "Title of young",
        "growing",
        "Title of teen",
        "established",
        "Title of adult",
        "declining",
        "Title of old",
    ]
    assert "Heed young Explained." in words(page)
    assert "/en/trends/young/" in links(page)


def test_within_a_status_the_latest_published_come_first(client):
    for days in (9, 2, 5):
        imply(make_trend(f"trend-{days}", published=days_from_now(-days)))
    assert [title for title in headings(read(client, PAGE)) if "Title" in title] == [
        "Title of trend-2",
        "Title of trend-5",
        "Title of trend-9",
    ]


def test_points_keep_the_editors_order_and_are_for_this_audience_alone(client):
    trend = make_trend()
    imply(trend, "Second", order=1)
    imply(trend, "First", order=0)
    imply(trend, "For another", audience="researchers")
    points = main(read(client, PAGE)).find(".//article/ul")
    assert [words(point) for point in points] == ["First Explained.", "Second Explained."]


def test_drafts_and_scheduled_trends_are_not_there(client):
    imply(make_trend("draft", published=None))
    imply(make_trend("later", published=tomorrow()), audience="researchers")
    page = read(client, PAGE)
    assert "No published trend has implications for this role yet." in words(page)
    assert "/en/audiences/researchers/" not in links(page)


def test_other_audiences_are_linked(client):
    imply(make_trend())
    imply(make_trend("other"), audience="researchers")
    assert links(read(client, PAGE))["/en/audiences/researchers/"] == "Researchers"


def test_the_page_in_japanese_says_what_is_not_translated(client):
    imply(make_trend(), text_ja="説明。")
    page = read(client, "/ja/audiences/enterprises/")
    assert "要点Measure 説明。" in words(page)
    assert notes(page) == []
    imply(make_trend("other"))
    assert len(notes(read(client, "/ja/audiences/enterprises/"))) == 1


def test_unknown_audience_is_not_found(client):
    read(client, "/en/audiences/nobody/", 404)


def test_only_reading_is_allowed(client):
    make_audience()
    assert client.post(PAGE).status_code == 405


def test_trend_page_links_its_audiences(client):
    trend = make_trend()
    imply(trend)
    assert links(read(client, trend.get_absolute_url()))[PAGE] == "What it means for Enterprises"


@pytest.mark.parametrize("value", ["2", "0", "x", "%00", "99"])
def test_pages(client, value):
    for n in range(21):
        imply(make_trend(f"trend-{n}"))
    shown = headings(read(client, f"{PAGE}?page={value}"))
    assert len([title for title in shown if "Title" in title]) in (1, 20)


@pytest.mark.parametrize("size", [1, 8])
def test_the_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, size):
    for n in range(size):
        trend = make_trend(f"trend-{n}", status=["growing", "emerging"][n % 2])
        for order in range(1 + n % 3):
            imply(trend, f"Point {order}", order=order)
    with django_assert_num_queries(AUDIENCE_QUERIES):
        client.get(PAGE)


@pytest.mark.parametrize("address", ["/{}/audiences/enterprises/", "/{}/trends/example-trend/"])
def test_lead_and_text_are_parted_as_their_language_parts_sentences(client, address):
    imply(make_trend(), lead_en="Measure.", lead_ja="測る。", text_ja="説明。")
    for language, said in (("en", "Measure. Explained."), ("ja", "測る。説明。")):
        [points] = main(read(client, address.format(language))).findall(".//h3/../ul")
        # On the trend's page its permanent link follows.
        assert re.fullmatch(f"{re.escape(said)}( ¶)?", words(points.find("li/p")))
