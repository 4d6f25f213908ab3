"""What else to read: trends, tags and experts that have something in common."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.days import tomorrow
from tests.support.make import (
    date,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.plans import plan_of
from tests.support.reading import (
    by_id,
    by_role,
    links,
    main,
    read,
    words,
)
from trends.models import Driver, Reading, TimelineEntry, Trend, TrendMention
from trends.queries import related
from trends.queries.related import MOST_OTHERS, MOST_TRENDS
from trendsite.shared import days

pytestmark = pytest.mark.django_db

PAGE = "/en/trends/example-trend/"


def quote(trend, expert="mina-example", **values):
    mention = make_mention(f"{expert} on {trend.slug}", expert=make_expert(expert), **values)
    TrendMention.objects.create(trend=trend, mention=mention)


def reasons(client, language="en"):
    """The related trends in order, each with the reason said."""
    part = by_id(read(client, f"/{language}/trends/example-trend/"), "related")
    if part is None:
        return []
    return [
        (next(iter(links(item))).split("/")[-2], " ".join(map(words, item.iter("p"))))
        for item in part.iter("li")
    ]


def test_chosen_trends_come_first_then_those_that_share_the_most(client):
    trend = make_trend(tags=["a", "b", "c"])
    make_trend("one-tag", tags=["a"])
    make_trend("three-tags", tags=["a", "b", "c", "d"])
    make_trend("two-tags", tags=["c", "b"])
    make_trend("nothing", tags=["d"])
    trend.related.add(make_trend("chosen"), make_trend("also-chosen", tags=["a"]))
    assert reasons(client) == [
        ("also-chosen", "Shared tag: a"),
        ("chosen", ""),
        ("three-tags", "Shared tags: a, b, c"),
        ("two-tags", "Shared tags: b, c"),
        ("one-tag", "Shared tag: a"),
    ]


def test_the_reason_counts_tags_experts_and_sources_each_once(client):
    trend, other = make_trend(tags=["a"]), make_trend("other", tags=["a"])
    source = make_source("report")
    trend.shift_sources.add(source)
    quote(trend)
    quote(other, source=source)
    Driver.objects.create(trend=other, heading_en="Why").sources.add(source)
    Reading.objects.create(trend=other, source=source)
    assert reasons(client) == [("other", "Shared tag: a · 1 person, 1 source in common")]


def test_an_expert_who_is_quoted_twice_is_one_in_common(client):
    quote(make_trend())
    other = make_trend("other")
    quote(other)
    again = make_mention("once more", expert=make_expert())
    TrendMention.objects.create(trend=other, mention=again)
    assert reasons(client) == [("other", "1 person in common")]


def test_drafts_and_scheduled_trends_are_not_related(client):
    make_trend(tags=["a"])
    make_trend("draft", tags=["a"], published=None)
    make_trend("later", tags=["a"], published=tomorrow())
    assert reasons(client) == []


def test_only_the_closest_are_named(client):
    make_trend(tags=["a"])
    for n in range(MOST_TRENDS + 2):
        make_trend(f"trend-{n}", tags=["a"])
    assert [slug for slug, _reason in reasons(client)] == [f"trend-{n}" for n in range(MOST_TRENDS)]


def test_of_a_common_tag_the_trends_added_last_are_compared(client, monkeypatch):
    make_trend(tags=["a", "b"])
    make_trend("earliest", tags=["a"])
    make_trend("earlier", tags=["b", "a"])
    make_trend("late", tags=["a"])
    make_trend("latest", tags=["a"])
    monkeypatch.setattr(related, "MOST_LINKS", 2)
    monkeypatch.setattr(related._linked, "_built", {})
    assert reasons(client) == [
        # Found by a rarer tag: what is said counts the common one, too.
        ("earlier", "Shared tags: a, b"),
        ("late", "Shared tag: a"),
        ("latest", "Shared tag: a"),
    ]


@pytest.mark.parametrize("part", ["expert", "mention", "reading", "driver", "timeline"])
def test_of_a_common_expert_or_source_the_links_added_last_are_compared(client, monkeypatch, part):
    source = make_source("report")
    for name in ("example-trend", "earliest", "late", "latest"):
        trend = make_trend(name)
        if part == "expert":
            quote(trend)
        elif part == "mention":
            quote(trend, f"expert-of-{name}", source=source)
        elif part == "reading":
            Reading.objects.create(trend=trend, source=source)
        elif part == "driver":
            Driver.objects.create(trend=trend, heading_en="Why").sources.add(source)
        else:
            TimelineEntry.objects.create(
                trend=trend, date=date("2024"), text_en="It was.", source=source
            )
    common = "1 person in common" if part == "expert" else "1 source in common"
    assert [slug for slug, _reason in reasons(client)] == ["earliest", "late", "latest"]
    monkeypatch.setattr(related, "MOST_LINKS", 2)
    monkeypatch.setattr(related._linked, "_built", {})
    assert reasons(client) == [("late", common), ("latest", common)]


def test_related_trends_are_found_by_indexes():
    own = {"tag": [1, 2], "expert": [1], "source": [1, 2, 3]}
    sql, params = related._linked.bind(trend=1, today=days.today(), **own)
    with CaptureQueriesContext(connection) as captured:
        list(Trend.objects.raw(sql, params))
    for step in plan_of(captured[0]["sql"]):
        assert not re.match("(SCAN|Seq Scan on) (trend|quotes)", step), step


def test_a_related_trend_is_shown_with_its_title_and_judgement_in_each_language(client):
    make_trend(tags=["a"])
    make_trend("other", tags=["a"], status="declining", confidence="high")
    part = by_id(read(client, PAGE), "related")
    assert "Title of other" in words(part)
    assert "declining" in words(part)
    assert "high" in words(part)
    in_japanese = by_id(read(client, "/ja/trends/example-trend/"), "related")
    assert links(in_japanese) == {"/ja/trends/other/": "otherの題"}


def test_an_experts_page_names_the_trends_and_who_is_quoted_beside_them(client):
    one, two = make_trend("one"), make_trend("two")
    hidden = make_trend("hidden", published=None)
    for trend in (one, two, hidden):
        quote(trend)
    make_expert("ann", name_en="Ann")
    make_expert("bob", name_en="Bob")
    make_expert("cy", name_en="Cy")
    for trend, expert in [(one, "bob"), (two, "bob"), (two, "ann"), (hidden, "cy")]:
        quote(trend, expert)
    page = read(client, "/en/experts/mina-example/")
    others = by_role(main(page), "navigation")[0]
    assert list(links(others).items()) == [
        ("/en/experts/bob/", "Bob 2 trends"),
        ("/en/experts/ann/", "Ann 1 trend"),
    ]
    assert links(page.find(".//section[@aria-labelledby='trends-heading']")) == {
        "/en/trends/one/": "Title of one",
        "/en/trends/two/": "Title of two",
    }


def test_a_tags_page_names_the_tags_on_the_same_trends(client):
    make_trend("one", tags=["strategy", "product", "cost"])
    make_trend("two", tags=["strategy", "product"])
    make_trend("hidden", tags=["strategy", "secret"], published=None)
    make_tag("unused")
    others = by_role(main(read(client, "/en/tags/strategy/")), "navigation")[0]
    assert list(links(others).items()) == [
        ("/en/tags/product/", "product 2 trends"),
        ("/en/tags/cost/", "cost 1 trend"),
    ]


def test_who_and_what_stands_alone_has_nothing_related(client):
    quote(make_trend(tags=["strategy"]))
    assert by_role(main(read(client, "/en/tags/strategy/")), "navigation") == []
    assert by_role(main(read(client, "/en/experts/mina-example/")), "navigation") == []


@pytest.mark.parametrize("size", [1, 8])
def test_related_trends_are_one_query(client, django_assert_num_queries, size):
    trend = make_trend(tags=["a"], drivers=1, implications=1, timeline=1, mentions=1, assessments=1)
    trend.related.add(make_trend("chosen"))
    for n in range(size):
        quote(make_trend(f"trend-{n}", tags=["a"]))
    with django_assert_num_queries(12):
        client.get(PAGE)


def related_with_reasons(client, address):
    """What the related ones of a source's or a video's page say, each with its reason."""
    section = read(client, address).find(".//section[@aria-labelledby='related-heading']")
    if section is None:
        return []
    return [
        (words(item.find("a")), " ".join(map(words, item.iter("p")))) for item in section.iter("li")
    ]


def test_a_sources_page_names_what_is_cited_beside_it(client):
    one, two = make_trend("one"), make_trend("two")
    hidden = make_trend("hidden", published=None)
    report, often, once, away = (make_source(key) for key in ("report", "often", "b-once", "away"))
    untitled = make_source("a-once", title="", publisher="", url="https://www.example.net/x")
    for trend in (one, two, hidden):
        trend.shift_sources.add(report)
    for trend in (one, two):
        Reading.objects.create(trend=trend, source=often)
    # Twice on one trend counts once.
    Driver.objects.create(trend=one, heading_en="Why").sources.add(often, untitled)
    quote(two, source=once)
    hidden.shift_sources.add(away)
    make_trend("other").shift_sources.add(away)
    assert related_with_reasons(client, "/en/sources/report/") == [
        ("Title of often", "Example Press · cited on 2 of the same trends"),
        ("https://www.example.net/x", "example.net · cited on one of the same trends"),
        ("Title of b-once", "Example Press · cited on one of the same trends"),
    ]
    assert related_with_reasons(client, "/ja/sources/report/")[0] == (
        "Title of often",
        "Example Press · 同じトレンドのうち2件で参照",
    )
    page = read(client, "/ja/sources/report/")
    assert page.find(".//a[@href='/ja/sources/often/']/cite").get("lang") == "en"


def test_only_the_closest_sources_and_videos_are_named(client):
    trend = make_trend()
    video = make_video("a" * 11)
    quote(trend, source=make_source("report"), video=video)
    for n in range(MOST_OTHERS + 2):
        trend.shift_sources.add(make_source(f"source-{n:02}"))
        quote(trend, f"expert-{n:02}", video=make_video(f"video-{n:05}", title=f"Video {n:02}"))
    sources = related_with_reasons(client, "/en/sources/report/")
    assert [title for title, _reason in sources] == [
        f"Title of source-{n:02}" for n in range(MOST_OTHERS)
    ]
    videos = related_with_reasons(client, video.get_absolute_url())
    assert [title for title, _reason in videos] == [f"Video {n:02}" for n in range(MOST_OTHERS)]


def test_a_videos_page_names_the_trends_and_the_videos_close_to_it(client):
    one, two = make_trend("one"), make_trend("two")
    hidden = make_trend("hidden", published=None)
    video = make_video()
    close, same_speaker, same_trend = (make_video(f"{n}" * 11, title=f"Talk {n}") for n in "321")
    unseen, far = (make_video(f"{n}" * 11, title=f"Talk {n}") for n in "45")
    for trend in (one, two, hidden):
        quote(trend, video=video)
    quote(one, "bob", video=video)
    quote(two, "cy", video=close, start=1)
    for expert in ("mina-example", "bob"):
        mention = make_mention("Close.", expert=make_expert(expert), video=close, start=2)
        for trend in (one, two):
            TrendMention.objects.create(trend=trend, mention=mention)
    quote(make_trend("other"), video=same_speaker)
    quote(one, "cy", video=same_trend)
    quote(hidden, "bob", video=unseen)
    quote(make_trend("more"), "cy", video=far)
    page = read(client, video.get_absolute_url())
    trends = page.find(".//section[@aria-labelledby='trends-heading']")
    assert links(trends) == {
        "/en/trends/one/": "Title of one",
        "/en/trends/two/": "Title of two",
    }
    assert related_with_reasons(client, video.get_absolute_url()) == [
        ("Talk 3", "Example Channel · 2 speakers, 2 trends in common"),
        ("Talk 1", "Example Channel · 1 trend in common"),
        ("Talk 2", "Example Channel · 1 speaker in common"),
    ]


def test_a_source_and_a_video_that_stand_alone_have_nothing_related(client):
    quote(make_trend(), source=make_source("report"), video=make_video())
    make_source("not-cited")
    make_video("notquoted01")
    for address in ("sources/report", "sources/not-cited", "videos/youtube/notquoted01"):
        assert related_with_reasons(client, f"/ja/{address}/") == []
    page = read(client, "/ja/videos/youtube/notquoted01/")
    assert page.find(".//section[@aria-labelledby='trends-heading']") is None
