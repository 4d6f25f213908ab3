"""The page of an expert: what they said, and on which trends."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.days import today, tomorrow
from tests.support.make import (
    date,
    give_picture,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.plans import plan_of
from tests.support.reading import (
    alternates,
    blanks,
    headings,
    language_switch,
    links,
    mention_cards,
    notes,
    page_header,
    read,
    says,
    spoken,
    words,
)
from trends.models import TimelineEntry, TrendMention
from trends.pages._page import MENTIONS_A_PAGE
from trends.queries.mentions import latest_said
from trends.search.index import indexed_once
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

PAGE = "/en/experts/mina-example/"
PAGE_IN_JAPANESE = "/ja/experts/mina-example/"

# 1 the expert, 2 their mentions, 3 the trends of these, 4 the mentions of the page with video and
# source, 5 their tags, 6 the trends on which they stand, 7 the trends, 8 who is quoted beside them,
# 9 how many forecasts, and with forecasts 10 these and 11 their record.
EXPERT_QUERIES = 9


def say(original: str, *trends, **values):
    """Words of Mina Example, unless told, on trends."""
    mention = make_mention(original, **values)
    for trend in trends:
        TrendMention.objects.create(trend=trend, mention=mention)
    return mention


def quotations(page) -> list[str]:
    return [words(quotation) for quotation in page.iter("blockquote")]


def test_page_says_who_it_is(client):
    expert = make_expert()
    expert.url = "https://example.org/mina"
    expert.save()
    page = read(client, PAGE)
    assert words(page.find("head/title")) == "Mina Example – Trendsite"
    header = page_header(page)
    assert words(header) == (
        "Person quoted Mina Example analyst Example Institute https://example.org/mina"
    )
    assert "https://example.org/mina" in links(header)


def test_all_their_words_are_shown_the_latest_said_first(client):
    trend = make_trend()
    say("In spring.", trend, source=make_source("spring", date=date("2025-04")))
    say("In autumn.", trend, video=make_video(date=date("2025-10")))
    say("Some day.", trend)
    say("Somebody else’s.", trend, expert=make_expert("ken", name_en="Ken"))
    assert quotations(read(client, PAGE)) == ["In autumn.", "In spring.", "Some day."]


def test_words_say_on_which_trends_they_stand_and_once(client):
    mention = say("It works.", make_trend("a"), make_trend("b"))
    page = read(client, PAGE)
    assert quotations(page) == ["It works."]
    card = links(mention_cards(page)[0])
    assert card[f"/en/trends/a/#{mention.anchor}"] == "Title of a"
    assert card[f"/en/trends/b/#{mention.anchor}"] == "Title of b"


def test_video_is_linked_at_its_second(client):
    say("It works.", make_trend(), video=make_video(), start=3723)
    card = links(mention_cards(read(client, PAGE))[0])
    assert card["https://www.youtube.com/watch?v=abcdefghijk&t=3723s"].endswith("from 1:02:03")


def test_source_is_named_where_there_is_no_video(client):
    say("It works.", make_trend(), source=make_source())
    card = links(mention_cards(read(client, PAGE))[0])
    assert card["https://example.org/report"] == "Title of report"


def test_portrait_is_at_the_top_and_not_repeated(client):
    say("It works.", make_trend(), video=make_video())
    page = read(client, PAGE)
    assert [line.text.strip() for line in page.iter("tspan")] == ["Mina", "Example"]
    assert list(page.iter("img")) == []


def test_card_of_a_video_with_a_picture_shows_it(client):
    video = give_picture(make_video())
    say("It works.", make_trend(), video=video)
    [image] = read(client, PAGE).iter("img")
    assert image.get("src") == video.picture.fallback


@pytest.mark.parametrize("language", languages())
def test_expert_without_words_says_so(client, language):
    make_expert()
    page = read(client, f"/{language}/experts/mina-example/")
    assert page.get("lang") == language
    assert says(page, "No published trend quotes this person yet.")
    assert blanks(page) == []


@pytest.mark.parametrize("day", [None, tomorrow], ids=["draft", "scheduled"])
def test_trend_not_yet_published_leaves_no_trace(client, day):
    hidden = make_trend("hidden", published=day and day())
    say("Hidden words.", hidden)
    say("Words on both.", hidden, make_trend("seen"))
    page = read(client, PAGE)
    assert quotations(page) == ["Words on both."]
    assert "hidden" not in "".join(links(page))


def test_page_in_japanese_is_japanese(client):
    say("It works.", make_trend())
    page = read(client, PAGE_IN_JAPANESE)
    assert headings(page)[0] == "ミナ・エグザンプル"
    assert spoken(page, "ミナ|アナリスト|研究所|題|訳") == {"ja"}
    assert notes(page) == []


def test_words_stand_under_their_own_language_with_the_translation(client):
    say("It works.", make_trend())
    page = read(client, PAGE_IN_JAPANESE)
    assert spoken(page, "^It works.$") == {"en"}
    assert "原文：" in words(page)
    assert "Original:" not in words(read(client, PAGE))


def test_expert_of_a_name_alone_leaves_nothing_blank(client):
    make_expert("mina-example", name_en="Mina Example")
    say("It works.", make_trend())
    page = read(client, PAGE)
    assert words(page_header(page)) == "Person quoted Mina Example"
    assert blanks(page) == []


@pytest.mark.parametrize("field", ["name", "role", "affiliation"])
def test_what_is_not_translated_is_shown_in_the_other_language_and_the_page_says_so(client, field):
    expert = make_expert()
    setattr(expert, f"{field}_en", None)
    setattr(expert, f"{field}_ja", "日本語だけ")
    expert.save()
    page = read(client, PAGE)
    assert spoken(page, "日本語だけ") == {"ja"}
    assert blanks(page) == []
    assert notes(page) == ["Parts of this page are not yet translated and are shown in Japanese."]


def test_page_is_offered_in_the_languages_of_the_name(client):
    make_expert("mina-example", name_ja="ミナ")
    page = read(client, PAGE)
    assert language_switch(page) == {"English": None, "日本語": "/ja/experts/mina-example/"}
    assert alternates(page) == {
        "canonical": "http://testserver/ja/experts/mina-example/",
        "ja": "http://testserver/ja/experts/mina-example/",
        "x-default": "http://testserver/ja/experts/mina-example/",
    }


def test_many_words_are_split_into_pages(client):
    trend = make_trend()
    for n in range(MENTIONS_A_PAGE + 1):
        say(f"Words {n}.", trend)
    assert len(quotations(read(client, PAGE))) == MENTIONS_A_PAGE
    page = read(client, f"{PAGE}?page=2")
    assert quotations(page) == [f"Words {MENTIONS_A_PAGE}."]
    assert alternates(page)["canonical"] == f"http://testserver{PAGE}?page=2"
    assert quotations(read(client, f"{PAGE}?page=abc"))[0] == "Words 0."


def test_of_many_words_those_added_last_are_listed(client, monkeypatch):
    for n, year in enumerate([2024, 2022, None, 2023]):
        source = make_source(f"s{n}", date=year and date(str(year)))
        beside = say(f"Beside {n}.", expert=make_expert(f"other-{n}", name_en=f"Other {n}"))
        trend = make_trend(f"trend-{n}", title_en=f"Title {n}")
        TrendMention.objects.create(trend=trend, mention=beside)
        say(f"Words {n}.", trend, source=source)
    page = read(client, PAGE)
    assert quotations(page) == ["Words 0.", "Words 3.", "Words 1.", "Words 2."]
    assert "added last" not in words(page)
    for place in ("trends.pages.expert", "trends.queries.mentions"):
        monkeypatch.setattr(f"{place}.MOST_MENTIONS", 3)
    page = read(client, PAGE)
    assert quotations(page) == ["Words 3.", "Words 1.", "Words 2."]
    text = words(page)
    assert "The 3 quotations that were added last, and the trends with them." in text
    assert "Title 0" not in text
    assert "Other 0" not in text
    assert "Other 1" in text
    assert "最近追加された発言3件" in words(read(client, PAGE_IN_JAPANESE))


def test_words_of_an_expert_are_found_by_an_index():
    with CaptureQueriesContext(connection) as captured:
        latest_said(make_expert(), today())
    [sql] = [query["sql"] for query in captured if "expert_id" in query["sql"]]
    scans = ("SCAN quotes_mention", "Seq Scan on quotes_mention", "USE TEMP B-TREE")
    assert not [step for step in plan_of(sql) if step.startswith(scans)]


def forecast(trend, when, outcome="pending", expert=None, **values):
    return TimelineEntry.objects.create(
        trend=trend,
        kind="forecast",
        date=date(when),
        outcome=outcome,
        made_by="expert",
        expert=expert or make_expert(),
        **{"text_en": f"Foretold for {when}.", **values},
    )


def test_page_shows_their_own_record(client):
    trend = make_trend()
    forecast(trend, "2001", "confirmed")
    forecast(trend, "2002", "missed")
    forecast(trend, "2003", "missed", expert=make_expert("other", name_en="Other"))
    forecast(make_trend("draft", published=None), "2004", "missed")
    forecast(trend, "2999")
    text = words(read(client, PAGE))
    assert "1 of 2 settled forecasts came true: 50%." in text
    assert "Too few to judge: the true rate may be anywhere between 9 and 91%" in text
    assert [f"Foretold for {year}." in text for year in (2001, 2002, 2003, 2004, 2999)] == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_page_of_an_expert_without_forecasts_has_no_record(client):
    say("Words.", make_trend())
    assert "forecasts" not in words(read(client, PAGE).find(".//main"))


@pytest.mark.parametrize("size", [1, 12])
def test_forecasts_take_the_same_queries_however_many(client, django_assert_num_queries, size):
    for n in range(size):
        mention = say(f"Words {n}.", trend := make_trend(f"trend-{n}"))
        forecast(trend, "2001", "missed", quotation=mention, source=make_source(f"s{n}"))
    with django_assert_num_queries(EXPERT_QUERIES + 2):
        read(client, PAGE)


@pytest.mark.parametrize("language", languages())
def test_unknown_expert_is_not_found(client, language):
    page = read(client, f"/{language}/experts/nobody/", status=404)
    assert page.get("lang") == language


def test_page_is_only_read(client):
    make_expert()
    assert client.post(PAGE).status_code == 405


@pytest.mark.parametrize("rows", [1, 30])
def test_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, rows):
    trends = [make_trend(f"trend-{n}") for n in range(3)]
    with indexed_once():
        for n in range(rows):
            place = {"video": make_video(f"{n:011}")} if n % 2 else {"source": make_source(f"s{n}")}
            mention = say(f"Words {n}.", *trends, **place)
            mention.tags.add(make_tag("product"), make_tag("cost"))
    with django_assert_num_queries(EXPERT_QUERIES):
        page = read(client, PAGE)
    assert len(quotations(page)) == min(rows, MENTIONS_A_PAGE)
