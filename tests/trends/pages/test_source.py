"""The page of a source: where published trends rest on it."""

import re

import pytest

from quotes.models import Mention
from tests.support.days import tomorrow
from tests.support.make import (
    date,
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_trend,
)
from tests.support.plans import plan_of
from tests.support.reading import (
    by_id,
    by_role,
    links,
    notes,
    page_header,
    pagination,
    read,
    words,
)
from trends.models import Assessment, Driver, Implication, Reading, TimelineEntry, TrendMention
from trends.queries import citations

pytestmark = pytest.mark.django_db

PAGE = "/en/sources/report/"

# 1 the source, 2 its last citations, 3 their trends in order, 4 those of the page, 5 what they
# cite, 6–12 where each part of a trend's page uses it, 13–14 the sources beside it.
SOURCE_QUERIES = 14


def use_everywhere(trend, source):
    """Cite a source in every part of a trend."""
    trend.shift_sources.add(source)
    Driver.objects.create(trend=trend, heading_en="Driver", heading_ja="要因").sources.add(source)
    Implication.objects.create(
        trend=trend, audience=make_audience(), lead_en="Lead", lead_ja="要点"
    ).sources.add(source)
    TimelineEntry.objects.create(
        trend=trend, date=date("2025"), text_en="Event", text_ja="出来事", source=source
    )
    Assessment.objects.create(
        trend=trend,
        date=date("2025"),
        status="growing",
        confidence="low",
        rationale_en="Because",
        rationale_ja="根拠",
    ).sources.add(source)
    mention = make_mention(f"Words on {trend.slug}", expert=make_expert(), source=source)
    TrendMention.objects.create(trend=trend, mention=mention)
    Reading.objects.create(trend=trend, source=source)


def test_it_says_what_the_source_is(client):
    make_source("report", date=date("2025-03"))
    header = page_header(read(client, PAGE))
    assert "Title of report Example Press · March 2025 · English" in words(header)
    assert "https://example.org/report" in links(header)


def test_the_name_of_its_language_is_in_the_language_of_the_page(client):
    make_source("report")
    header = page_header(read(client, PAGE.replace("/en/", "/ja/")))
    assert "英語" in words(header)
    assert "英語" not in {words(element) for element in header.iter() if element.get("lang")}


@pytest.mark.parametrize(
    ("language", "words_of_copy"),
    [("en", "example.org · English · archived copy of 2 January 2024"), ("ja", "2024年1月2日の")],
)
def test_a_copy_in_the_internet_archive_is_told_with_its_day(client, language, words_of_copy):
    copied = "https://web.archive.org/web/20240102030405/https://www.example.org/a"
    make_source("report", url=copied, publisher="")
    header = page_header(read(client, PAGE.replace("/en/", f"/{language}/")))
    assert words_of_copy in words(header)


@pytest.mark.parametrize(
    ("language", "places"),
    [
        (
            "en",
            [
                "The shift",
                "Key drivers: Driver",
                "Implications: Lead",
                "Timeline: Event",
                "Assessment history: 2025",
                "Expert mentions: Mina Example",
                "Related reading",
            ],
        ),
        ("ja", None),
    ],
)
def test_each_place_that_rests_on_it_is_linked(client, language, places):
    use_everywhere(make_trend(), source := make_source("report"))
    (found,) = by_role(read(client, f"/{language}/sources/report/"), "article")
    if places:
        assert [words(place) for place in found.iter("li")] == places
    anchors = [a.partition("#")[2] for a in links(found) if "#" in a]
    assert anchors == [
        "shift",
        "driver-driver",
        "point-lead",
        "event-event",
        "assessment-2025",
        Mention.objects.get().anchor,
        "reading",
    ]
    trend_page = read(client, f"/{language}/trends/example-trend/")
    assert all(by_id(trend_page, anchor) is not None for anchor in anchors)
    # A trend leads there where another one rests on it too.
    assert f"/{language}/sources/report/" not in links(trend_page)
    make_trend("other").shift_sources.add(source)
    trend_page = read(client, f"/{language}/trends/example-trend/")
    assert f"/{language}/sources/report/" in links(trend_page)


def test_drafts_and_scheduled_trends_are_not_named(client):
    source = make_source("report")
    use_everywhere(make_trend(published=None), source)
    Reading.objects.create(trend=make_trend("later", published=tomorrow()), source=source)
    page = read(client, PAGE)
    assert "No published trend cites this source yet." in words(page)
    assert by_role(page, "article") == []


def test_other_sources_are_not_counted(client):
    make_source("report")
    use_everywhere(make_trend(), make_source("other"))
    assert by_role(read(client, PAGE), "article") == []


def test_unknown_source_is_not_found(client):
    read(client, "/en/sources/nothing/", 404)


def test_only_reading_is_allowed(client):
    make_source("report")
    assert client.post(PAGE).status_code == 405


def test_what_is_not_translated_is_said(client):
    source = make_source("report")
    Driver.objects.create(trend=make_trend(), heading_en="English alone").sources.add(source)
    assert len(notes(read(client, "/ja/sources/report/"))) == 1


def test_pages(client):
    source = make_source("report")
    for n in range(21):
        Reading.objects.create(trend=make_trend(f"trend-{n:02}"), source=source)
    page = read(client, PAGE)
    assert len(by_role(page, "article")) == 20
    assert links(pagination(page)[0]) == {"?page=2": "Next page"}
    assert len(by_role(read(client, f"{PAGE}?page=2"), "article")) == 1


@pytest.mark.parametrize("size", [1, 12])
def test_the_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, size):
    source = make_source("report")
    for n in range(size):
        trend = make_trend(f"trend-{n}")
        use_everywhere(trend, source)
        trend.shift_sources.add(make_source(f"beside-{n}"))
    with django_assert_num_queries(SOURCE_QUERIES):
        client.get(PAGE)


def test_of_many_citations_the_last_are_listed(client, monkeypatch):
    source = make_source("report")
    for n in range(3):
        trend = make_trend(f"trend-{n}", title_en=f"Title {n}")
        trend.shift_sources.add(source, make_source(f"beside-{n}"))
        Reading.objects.create(trend=trend, source=source)
    assert "Many trends" not in words(read(client, PAGE))
    monkeypatch.setattr(citations, "MOST_CITATIONS", 1)
    monkeypatch.setattr(citations._latest_citations, "_built", {})
    page = read(client, PAGE)
    assert "Many trends cite this source." in words(page)
    assert {words(heading) for heading in page.iter("h3")} == {"Title 1", "Title 2"}
    assert "beside-0" not in words(page)
    assert "参照しているトレンドが多数" in words(read(client, "/ja/sources/report/"))


def test_the_last_citations_are_found_by_an_index():
    sql, params = citations._latest_citations.bind(source=1)
    steps = plan_of(sql % tuple(params))
    assert steps
    for step in steps:
        assert not re.search("SCAN (trends|quotes)_|Seq Scan", step), step
