"""The page of a tag: the trends and the words that carry it."""

import pytest

from tests.support.days import days_from_now, today, tomorrow
from tests.support.make import make_mention, make_source, make_tag, make_trend, make_video
from tests.support.reading import (
    alternates,
    blanks,
    broken_anchors,
    headings,
    language_switch,
    links,
    mention_cards,
    notes,
    read,
    says,
    spoken,
    trend_rows,
    words,
)
from trends.models import TrendMention
from trends.pages._page import MENTIONS_A_PAGE, TRENDS_A_PAGE
from trends.search.index import indexed_once
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

PAGE = "/en/tags/strategy/"
PAGE_IN_JAPANESE = "/ja/tags/strategy/"

# 1 the tag, 2 how many trends, 3-4 those of the page with the date of their last assessment,
# 5 their tags, 6 the mentions, 7 those of the page with expert, video and source, 8 their tags,
# 9 the trends on which they stand, 10-11 the tags on the same trends.
TAG_QUERIES = 11


def say(original: str, *trends, tag: str = "strategy", **values):
    """Words on trends, with a tag."""
    mention = make_mention(original, **values)
    mention.tags.add(make_tag(tag))
    for trend in trends:
        TrendMention.objects.create(trend=trend, mention=mention)
    return mention


def titles(page) -> list[str]:
    return [words(row.find("*/a")) for row in trend_rows(page)]


def quotations(page) -> list[str]:
    return [words(quotation) for quotation in page.iter("blockquote")]


def test_trends_with_the_tag_are_listed_the_latest_first(client):
    make_trend("older", tags=["cost", "strategy"], published=days_from_now(-9))
    make_trend("newer", tags=["strategy"], published=today())
    make_trend("other", tags=["cost"])
    page = read(client, PAGE)
    assert titles(page) == ["Title of newer", "Title of older"]
    assert headings(page)[:2] == ["strategy", "Trends"]
    assert words(page.find("head/title")) == "Tag: strategy – Trendsite"


def test_mentions_with_the_tag_are_shown_with_the_trends_on_which_they_stand(client):
    mention = say("It works.", make_trend("a"), make_trend("b"))
    say("Other words.", make_trend("c"), tag="cost")
    page = read(client, PAGE)
    assert quotations(page) == ["It works."]
    [card] = mention_cards(page)
    assert links(card)[f"/en/trends/a/#{mention.anchor}"] == "Title of a"
    assert links(card)[f"/en/trends/b/#{mention.anchor}"] == "Title of b"
    assert broken_anchors(page) == []


def test_link_from_a_card_leads_to_the_mentions_of_the_trend(client):
    trend = make_trend("a")
    say("It works.", trend)
    assert read(client, "/en/trends/a/").find(".//*[@id='mentions']") is not None


@pytest.mark.parametrize("language", languages())
def test_tag_that_nothing_has_says_so(client, language):
    make_tag()
    page = read(client, f"/{language}/tags/strategy/")
    assert page.get("lang") == language
    assert says(page, "No published trend has this tag.")
    assert len(list(page.iter("section"))) == 1
    assert blanks(page) == []


@pytest.mark.parametrize("day", [None, tomorrow], ids=["draft", "scheduled"])
def test_trend_not_yet_published_leaves_no_trace(client, day):
    hidden = make_trend("hidden", tags=["strategy"], published=day and day())
    say("Hidden words.", hidden)
    say("Words on both.", hidden, make_trend("seen"))
    page = read(client, PAGE)
    assert titles(page) == []
    assert quotations(page) == ["Words on both."]
    assert "hidden" not in "".join(links(page))


def test_words_on_no_trend_are_not_shown(client):
    say("Words on nothing.")
    assert quotations(read(client, PAGE)) == []


def test_page_in_japanese_is_japanese(client):
    trend = make_trend(tags=["strategy"])
    say("It works.", trend)
    page = read(client, PAGE_IN_JAPANESE)
    assert headings(page)[0] == "タグstrategy"
    assert titles(page) == ["example-trendの題"]
    assert spoken(page, "題|タグ|訳|エグザンプル|アナリスト") == {"ja"}
    assert spoken(page, "It works") == {"en", "ja"}  # the words, and 「訳：It works.」
    assert notes(page) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda tag, trend, mention: (tag, "label"),
        lambda tag, trend, mention: (trend, "title"),
        lambda tag, trend, mention: (mention, "occasion"),
        lambda tag, trend, mention: (mention.expert, "role"),
    ],
    ids=["label", "title", "occasion", "role"],
)
def test_what_is_not_translated_is_shown_in_the_other_language_and_the_page_says_so(client, change):
    trend = make_trend(tags=["strategy"])
    row, field = change(make_tag(), trend, say("It works.", trend))
    setattr(row, f"{field}_en", None)
    setattr(row, f"{field}_ja", "日本語だけ")
    row.save()
    page = read(client, PAGE)
    assert spoken(page, "日本語だけ") == {"ja"}
    assert blanks(page) == []
    assert len(notes(page)) == 1


def test_page_is_offered_in_the_languages_of_the_label(client):
    make_tag("strategy", label_ja="戦略")
    page = read(client, PAGE)
    assert language_switch(page) == {"English": None, "日本語": "/ja/tags/strategy/"}
    assert alternates(page) == {
        "canonical": "http://testserver/ja/tags/strategy/",
        "ja": "http://testserver/ja/tags/strategy/",
        "x-default": "http://testserver/ja/tags/strategy/",
    }


def test_trends_and_mentions_are_paged_each_on_their_own(client):
    for n in range(TRENDS_A_PAGE + 1):
        trend = make_trend(f"trend-{n:02}", tags=["strategy"])
    for n in range(MENTIONS_A_PAGE + 1):
        say(f"Words {n}.", trend)
    page = read(client, f"{PAGE}?page=2&mentions=2")
    assert len(titles(page)) == 1
    assert len(quotations(page)) == 1
    assert alternates(page)["canonical"] == f"http://testserver{PAGE}?page=2&mentions=2"
    page = read(client, f"{PAGE}?mentions=2")
    assert len(titles(page)) == TRENDS_A_PAGE
    assert len(quotations(page)) == 1
    assert alternates(page)["canonical"] == f"http://testserver{PAGE}?mentions=2"


def test_page_number_that_is_none_is_tolerated(client):
    make_trend(tags=["strategy"])
    assert titles(read(client, f"{PAGE}?page=abc&mentions=%00")) == ["Title of example-trend"]


@pytest.mark.parametrize("language", languages())
def test_unknown_tag_is_not_found(client, language):
    page = read(client, f"/{language}/tags/nothing/", status=404)
    assert page.get("lang") == language


def test_page_is_only_read(client):
    make_tag()
    assert client.post(PAGE).status_code == 405


@pytest.mark.parametrize("rows", [1, 26])
def test_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, rows):
    with indexed_once():
        for n in range(rows):
            trend = make_trend(f"trend-{n}", tags=["strategy", "cost"], assessments=1)
            place = {"video": make_video(f"{n:011}")} if n % 2 else {"source": make_source(f"s{n}")}
            say(f"Words {n}.", trend, **place)
    with django_assert_num_queries(TAG_QUERIES):
        page = read(client, PAGE)
    assert len(titles(page)) == min(rows, TRENDS_A_PAGE)
    assert len(quotations(page)) == min(rows, MENTIONS_A_PAGE)
