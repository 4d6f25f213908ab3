"""What else to read: trends, tags and experts that have something in common."""

import datetime

import pytest

from tests.make import make_expert, make_mention, make_source, make_tag, make_trend
from tests.reading import by_class, by_id, links, read, words
from trends.models import Driver, Reading, TrendMention
from trends.related import MOST_TRENDS

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
        (next(iter(links(item))).split("/")[-2], " ".join(map(words, by_class(item, "kicker"))))
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
        ("also-chosen", "1 tag in common"),
        ("chosen", ""),
        ("three-tags", "3 tags in common"),
        ("two-tags", "2 tags in common"),
        ("one-tag", "1 tag in common"),
    ]


def test_the_reason_counts_tags_experts_and_sources_each_once(client):
    trend, other = make_trend(tags=["a"]), make_trend("other", tags=["a"])
    source = make_source("report")
    trend.shift_sources.add(source)
    quote(trend)
    quote(other, source=source)
    Driver.objects.create(trend=other, heading_en="Why").sources.add(source)
    Reading.objects.create(trend=other, source=source)
    assert reasons(client) == [("other", "1 tag, 1 expert, 1 source in common")]


def test_drafts_and_scheduled_trends_are_not_related(client):
    make_trend(tags=["a"])
    make_trend("draft", tags=["a"], published=None)
    tomorrow = datetime.date.today() + datetime.timedelta(days=1)
    make_trend("later", tags=["a"], published=tomorrow)
    assert reasons(client) == []


def test_only_the_closest_are_named(client):
    make_trend(tags=["a"])
    for n in range(MOST_TRENDS + 2):
        make_trend(f"trend-{n}", tags=["a"])
    assert [slug for slug, _reason in reasons(client)] == [f"trend-{n}" for n in range(MOST_TRENDS)]


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
    others = by_class(page, "choices")[0]
    assert list(links(others).items()) == [
        ("/en/experts/bob/", "Bob 2 trends"),
        ("/en/experts/ann/", "Ann 1 trend"),
    ]
    assert links(by_class(page, "related")[0]) == {
        "/en/trends/one/": "Title of one",
        "/en/trends/two/": "Title of two",
    }


def test_a_tags_page_names_the_tags_on_the_same_trends(client):
    make_trend("one", tags=["strategy", "product", "cost"])
    make_trend("two", tags=["strategy", "product"])
    make_trend("hidden", tags=["strategy", "secret"], published=None)
    make_tag("unused")
    others = by_class(read(client, "/en/tags/strategy/"), "choices")[0]
    assert list(links(others).items()) == [
        ("/en/tags/product/", "product 2 trends"),
        ("/en/tags/cost/", "cost 1 trend"),
    ]


def test_who_and_what_stands_alone_has_nothing_related(client):
    quote(make_trend(tags=["strategy"]))
    assert by_class(read(client, "/en/tags/strategy/"), "choices") == []
    assert by_class(read(client, "/en/experts/mina-example/"), "choices") == []


@pytest.mark.parametrize("size", [1, 20])
def test_related_trends_are_one_query(client, django_assert_num_queries, size):
    trend = make_trend(tags=["a"], drivers=1, implications=1, timeline=1, mentions=1, assessments=1)
    trend.related.add(make_trend("chosen"))
    for n in range(size):
        quote(make_trend(f"trend-{n}", tags=["a"]))
    with django_assert_num_queries(11):
        client.get(PAGE)
