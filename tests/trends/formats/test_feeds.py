"""Feeds: new trends and changes of judgement, read by the parsers that readers use."""

import datetime
import json
import re

import feedparser
import pytest
from jsonschema import ValidationError

from tests.support.days import days_from_now, today, tomorrow, yesterday
from tests.support.formats import atom, json_feed
from tests.support.make import date, make_audience, make_expert, make_tag, make_trend
from tests.support.reading import links, read
from tests.support.texts import AWKWARD
from tests.support.validity import check_atom, check_json_feed
from trends.formats import feeds
from trends.formats.feeds import ENTRIES
from trends.models import Assessment, TimelineEntry, Trend
from trends.search.index import indexed_once
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db


# 1-2 which changes, 3 the changes, 4 the new trends, 5 the forecasts, 6 the retired trends,
# 7 their successors, 8 the tags of all, 9 first slugs, for the ids.
FEED_QUERIES = 9

# 1 the trend, 2-3 what changed, 4-5 the assessments with their sources, 6-7 the forecasts made and
# settled, 8-9 the retirement with its successors, 10 its first slug, for the ids.
TREND_FEED_QUERIES = 10

PLACES = ["", "tags/strategy/", "audiences/enterprises/", "experts/mina-example/"]


def judge(trend: Trend, day: str, status: str, confidence: str = "medium", **values) -> Assessment:
    return Assessment.objects.create(
        trend=trend, date=date(day), status=status, confidence=confidence, **values
    )


def titles(feed: feedparser.FeedParserDict) -> list[str]:
    return [entry.title for entry in feed.entries]


def test_new_trend_is_an_entry_with_what_it_says(client):
    trend = make_trend(tags=["cost"], published=datetime.date(2026, 3, 4))
    [entry] = atom(client).entries
    assert entry.title == "Title of example-trend"
    assert entry.link == "http://testserver/en/trends/example-trend/"
    assert entry.id == "tag:testserver,2026:/en/trends/example-trend"
    assert entry.published == "2026-03-04T00:00:00+00:00"
    assert datetime.datetime.fromisoformat(entry.updated) == trend.updated_at
    assert [tag.term for tag in entry.tags] == ["cost"]
    [content] = entry.content
    assert content.type == "text/html"
    assert content.value == (
        "<p>Subtitle of example-trend</p>"
        "<p>Status: growing · Confidence: medium · Since: June 2025</p>"
        "<p>What shifts in example-trend.</p>"
    )


def test_change_of_judgement_is_an_entry_with_its_reason(client):
    trend = make_trend(published=datetime.date(2025, 1, 1))
    judge(trend, "2025-06", "emerging", "low")
    judge(trend, "2026-03-04", "growing", rationale_en="It <spread>.")
    change, _new = atom(client).entries
    assert change.title == (
        "Title of example-trend – from emerging to growing · confidence from low to medium"
    )
    assert change.link == "http://testserver/en/trends/example-trend/#assessment-2026-03-04"
    assert change.id == "tag:testserver,2026:/en/trends/example-trend/assessments/2026-03-04"
    assert change.published == change.updated == "2026-03-04T00:00:00+00:00"
    assert "<p>It &lt;spread&gt;.</p>" in json_feed(client)["items"][0]["content_html"]
    assert (
        read(client, "/en/trends/example-trend/").find(".//*[@id='assessment-2026-03-04']")
        is not None
    )


def test_first_judgement_and_one_that_stays_are_no_change(client):
    trend = make_trend()
    judge(trend, "2024", "growing")
    judge(trend, "2025", "growing")
    assert titles(atom(client)) == ["Title of example-trend"]


def test_reconstructed_judgements_and_those_to_come_are_no_change(client):
    trend = make_trend()
    judge(trend, "2024", "emerging", reconstructed=True)
    judge(trend, "2025", "growing")
    judge(trend, "2999", "established")
    assert titles(atom(client)) == ["Title of example-trend"]


def test_feed_itself_says_whose_it_is_and_where_it_stands(client):
    make_trend()
    feed = atom(client, "/ja/feed.atom").feed
    assert feed.id == "tag:testserver,2026:/ja/feed"
    assert feed.language == "ja"
    assert feed.author == "Trendsite"
    addresses = {link.rel: link.href for link in feed.links}
    assert addresses == {
        "alternate": "http://testserver/ja/",
        "self": "http://testserver/ja/feed.atom",
    }


@pytest.mark.parametrize("place", PLACES)
def test_both_forms_say_the_same(client, place):
    trend = make_trend(tags=["strategy"], implications=1, mentions=1)
    judge(trend, "2024", "emerging")
    judge(trend, "2025", "growing")
    in_atom = atom(client, f"/en/{place}feed.atom")
    in_json = json_feed(client, f"/en/{place}feed.json")
    assert in_json["version"] == "https://jsonfeed.org/version/1.1"
    assert in_json["feed_url"] == f"http://testserver/en/{place}feed.json"
    assert in_json["home_page_url"] == in_atom.feed.link
    assert (in_json["title"], in_json["language"]) == (in_atom.feed.title, "en")
    assert in_json["authors"] == [{"name": "Trendsite", "url": "http://testserver/en/"}]
    assert len(in_json["items"]) == 2
    for item, entry in zip(in_json["items"], in_atom.entries, strict=True):
        assert item["id"] == entry.id
        assert item["url"] == entry.link
        assert item["title"] == entry.title
        assert item["content_html"].strip() == entry.content[0].value
        assert item["date_published"] == entry.published
        assert item["date_modified"] == entry.updated
        assert item["tags"] == [tag.term for tag in entry.tags]
    assert client.get(in_json["home_page_url"]).status_code == 200


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("language", languages())
def test_feed_without_entries_is_valid_and_does_not_change(client, language, place):
    make_tag("strategy")
    make_audience("enterprises")
    make_expert("mina-example")
    address = f"/{language}/{place}feed.atom"
    feed = atom(client, address)
    assert feed.entries == []
    assert feed.feed.updated == "1970-01-01T00:00:00+00:00"
    assert json_feed(client, f"/{language}/{place}feed.json")["items"] == []


@pytest.mark.parametrize("place", PLACES[1:])
def test_feed_of_one_holds_its_trends_alone(client, place):
    trend = make_trend(tags=["strategy"], implications=1, mentions=1)
    make_trend("other", tags=["cost"])
    assert titles(atom(client, f"/en/{place}feed.atom")) == [trend.title_en]
    assert titles(atom(client, f"/ja/{place}feed.atom")) == [trend.title_ja]


@pytest.mark.parametrize("place", ["tags/no/", "audiences/no/", "experts/no/", "trends/no/"])
@pytest.mark.parametrize("form", ["atom", "json"])
def test_feed_of_none_is_not_found(client, place, form):
    assert client.get(f"/en/{place}feed.{form}").status_code == 404


def test_feed_leaves_out_what_readers_do_not_find(client):
    draft = make_trend("draft", published=None)
    judge(draft, "2024", "emerging")
    judge(draft, "2025", "growing")
    make_trend("scheduled", published=tomorrow())
    make_trend("not-in-english", title_en=None)
    assert atom(client).entries == []


def test_feed_holds_the_latest(client):
    for n in range(ENTRIES + 2):
        make_trend(f"trend-{n:02}", published=days_from_now(-n))
    assert titles(atom(client)) == [f"Title of trend-{n:02}" for n in range(ENTRIES)]


def test_signs_that_no_feed_may_hold_are_left_out(client):
    make_trend(title_en="Bell\x07 & <b>", shift_en="Form\x0cfeed")
    [entry] = atom(client).entries
    assert entry.title == "Bell & <b>"
    assert json_feed(client)["items"][0]["title"] == "Bell & <b>"


def test_every_feed_is_valid_whatever_the_texts(client, monkeypatch):
    signs = "<script>alert(1)</script> & ]]> <![CDATA[ \x0b\x1f \ufffe \u202eright to left 😀 עברית"
    make_tag("strategy", label_en=signs, label_ja=signs)
    make_expert("mina-example", name_en=signs, name_ja=signs)
    texts = [
        *AWKWARD,
        signs,
        "[relative](/en/), [anchor](#x), ![image](x.png), <javascript:alert(1)>, [j](javascript:x)",
        "[日本語](https://例え.jp/パス?q=値#部) and <https://example.org/ä>",
        "| a | b |\n|---|---|\n| `<c>` | **d** |\n\n1. one\n2. two\n\n> “quoted”",
    ]
    with indexed_once():
        for n, text in enumerate(texts):
            trend = make_trend(
                f"trend-{n:02}",
                tags=["strategy"],
                implications=1,
                mentions=1,
                title_en=text[:200],
                title_ja=text[:200],
                subtitle_en=text[:300],
                shift_en=text,
                shift_ja=text,
                retired=today(),
                retired_note_en=text,
            )
            judge(trend, "2024", "emerging")
            judge(trend, "2025", "growing", rationale_en=text)
    monkeypatch.setattr(feeds, "ENTRIES", 3 * len(texts))
    for language in languages():
        for place in PLACES:
            found = atom(client, f"/{language}/{place}feed.atom")
            in_json = json_feed(client, f"/{language}/{place}feed.json")
            assert len(found.entries) == len(in_json["items"]) == 3 * len(texts)
            for entry, item in zip(found.entries, in_json["items"], strict=True):
                assert (entry.id, entry.link) == (item["id"], item["url"])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<id>tag:testserver,2026:/en/feed</id>", ""),
        ("</updated>", " </updated><updated>2026-01-01T00:00:00Z</updated>"),
        ("+00:00</updated>", "</updated>"),
        ('rel="self"', 'rel="related"'),
        ("<name>Trendsite</name>", ""),
        ("tag:testserver,2026:/en/feed", "/en/feed"),
        ("tag:testserver,2026:/en/trends/example-trend<", "tag:testserver,2026:/en/feed<"),
        ('href="http://testserver/en/trends/', 'href="/en/trends/'),
        ("&lt;p&gt;Status", '&lt;p onclick="x()"&gt;Status'),
        ("&lt;p&gt;Status", '&lt;p&gt;&lt;a href="/en/"&gt;&lt;/a&gt;Status'),
        ("&lt;p&gt;Status", "&lt;script&gt;&lt;/script&gt;&lt;p&gt;Status"),
    ],
)
def test_fault_in_a_feed_is_found(client, right, wrong):
    make_trend()
    text = client.get("/en/feed.atom").content.decode()
    check_atom(text.encode(), "http://testserver/en/feed.atom")
    assert right in text
    with pytest.raises(AssertionError):
        check_atom(text.replace(right, wrong, 1).encode(), "http://testserver/en/feed.atom")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("/version/1.1", "/version/1"),
        ('"id"', '"guid"'),
        ('"content_html"', '"content"'),
        ('+00:00"', '"'),
        ('"authors": [{"name"', '"authors": [{"nickname"'),
        ('"url": "http://testserver/en/trends', '"url": "/en/trends'),
        ('"language": "en"', '"language": "English (UK)"'),
    ],
)
def test_fault_in_a_json_feed_is_found(client, right, wrong):
    make_trend()
    text = json.dumps(json.loads(client.get("/en/feed.json").content))
    assert right in text
    with pytest.raises((AssertionError, ValidationError)):
        check_json_feed(text.replace(right, wrong, 1).encode(), "http://testserver/en/feed.json")


def test_links_in_a_text_lead_where_they_lead_on_its_page(client):
    make_trend(
        shift_en="[a](/en/forecasts/) [b](#drivers) [c](../x/) [d](https://example.org/) [e](//[)"
    )
    [item] = json_feed(client)["items"]
    assert re.findall('href="(.*?)"', item["content_html"]) == [
        "http://testserver/en/forecasts/",
        "http://testserver/en/trends/example-trend/#drivers",
        "http://testserver/en/trends/x/",
        "https://example.org/",
    ]


def test_scripts_of_other_sites_may_read_feeds_and_what_stays_is_not_sent_again(client):
    make_trend()
    response = client.get("/en/feed.atom")
    assert response["Access-Control-Allow-Origin"] == "*"
    again = client.get("/en/feed.atom", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
    assert client.post("/en/feed.atom").status_code == 405


@pytest.mark.parametrize(
    ("page", "places"),
    [
        ("/ja/", ["/ja/feed.{}"]),
        ("/ja/trends/example-trend/", ["/ja/trends/example-trend/feed.{}", "/ja/feed.{}"]),
        ("/ja/tags/strategy/", ["/ja/tags/strategy/feed.{}", "/ja/feed.{}"]),
        ("/ja/audiences/enterprises/", ["/ja/audiences/enterprises/feed.{}", "/ja/feed.{}"]),
        ("/ja/experts/mina-example/", ["/ja/experts/mina-example/feed.{}", "/ja/feed.{}"]),
    ],
)
def test_pages_lead_to_their_feeds(client, page, places):
    make_trend(tags=["strategy"], implications=1, mentions=1)
    read_page = read(client, page)
    for form, content_type in (("atom", "application/atom+xml"), ("json", "application/feed+json")):
        assert [
            link.get("href")
            for link in read_page.iterfind("head/link")
            if link.get("type") == content_type
        ] == [place.format(form) for place in places]
    assert places[0].format("atom") in links(read_page.find(".//footer[@class='site-footer']"))


@pytest.mark.parametrize(
    ("on", "written", "dated"),
    [
        ("2025-Q4", "2026-03-01", "2025-12-31"),
        ("2025-H1", "2025-05-06", "2025-05-06"),
        ("2025-03/2025-06", "2026-03-01", "2025-06-30"),
        ("2025-03-04", "2025-03-01", "2025-03-04"),
        ("2025-Q2", "2025-03-01", "2025-04-01"),
    ],
)
def test_a_vague_date_is_news_until_its_end_or_the_last_change_of_its_trend(
    client, on, written, dated
):
    trend = make_trend(published=datetime.date(2024, 1, 1))
    judge(trend, "2024-01-02", "emerging")
    judge(trend, on, "growing")
    noon = datetime.datetime.fromisoformat(f"{written}T12:00:00+00:00")
    Trend.objects.update(updated_at=noon)
    [entry] = [entry for entry in atom(client).entries if entry.id.endswith(f"/{date(on)}")]
    assert entry.published == entry.updated == f"{dated}T00:00:00+00:00"


def test_a_vague_date_that_began_before_those_of_a_full_feed_is_in_it(client):
    for number in range(ENTRIES):
        trend = make_trend(f"dated-{number}", published=datetime.date(2020, 1, 1))
        judge(trend, "2024-06-01", "emerging")
        judge(trend, "2025-06-15", "growing")
    vague = make_trend("vague", published=datetime.date(2020, 1, 1))
    judge(vague, "2024-06-01", "emerging")
    judge(vague, "2025", "declining")
    Trend.objects.update(updated_at=datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC))
    assert atom(client).entries[0].id.endswith("/assessments/2025")


@pytest.mark.parametrize("size", [1, 8])
def test_feed_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, size):
    for n in range(size):
        trend = make_trend(f"trend-{n}", tags=["strategy", "cost"])
        judge(trend, "2024", "emerging")
        judge(trend, "2025", "growing")
        settle(trend, "2025", "missed", text_en="By then.")
        make_trend(f"old-{n}", tags=["cost"], retired=yesterday()).successors.add(trend)
    with django_assert_num_queries(FEED_QUERIES):
        assert client.get("/en/feed.atom").status_code == 200


TREND_FEED = "trends/example-trend/feed"


def settle(trend: Trend, day: str, outcome: str, **values) -> TimelineEntry:
    return TimelineEntry.objects.create(
        trend=trend, date=date(day), kind="forecast", outcome=outcome, key=f"by-{day}", **values
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                ("retired", "Title of example-trend – retired"),
                ("missed", "Title of example-trend – forecast missed"),
                ("reviewed", "Title of example-trend – reviewed, no change"),
                ("moved", "Title of example-trend – from emerging to growing"),
                ("new", "Title of example-trend – first assessed"),
                ("made", "Title of example-trend – new forecast"),
                ("published", "Title of example-trend"),
            ],
        ),
        (
            "ja",
            [
                ("retired", "example-trendの題 – 追跡終了"),
                ("missed", "example-trendの題 – 予測は外れ"),
                ("reviewed", "example-trendの題 – 見直しの結果、評価は据え置き"),
                ("moved", "example-trendの題 – 萌芽期から拡大期へ"),
                ("new", "example-trendの題 – 初回の評価"),
                ("made", "example-trendの題 – 新しい予測"),
                ("published", "example-trendの題"),
            ],
        ),
    ],
)
def test_feed_of_a_trend_has_each_change_by_its_kind(client, language, expected):
    trend = make_trend(
        tags=["cost"], published=datetime.date(2024, 1, 1), retired=datetime.date(2025, 8, 1)
    )
    judge(trend, "2025-01", "emerging")
    judge(trend, "2025-02", "growing")
    judge(trend, "2025-03", "growing")
    claim = {"made": date("2024-10"), "made_by": "editors", "probability": 70}
    texts = {"text_en": "By April.", "text_ja": "4月に。", "note_en": "No."}
    settle(trend, "2025-04", "missed", **texts, **claim)
    settle(trend, "2999", "pending", text_en="One day.")
    judge(make_trend("other"), "2025-05", "growing")
    found = atom(client, f"/{language}/{TREND_FEED}.atom")
    assert [([tag.term for tag in entry.tags], entry.title) for entry in found.entries] == [
        ([kind], title) for kind, title in expected
    ]
    items = json_feed(client, f"/{language}/{TREND_FEED}.json")["items"]
    assert [(item["tags"], item["title"]) for item in items] == [
        ([kind], title) for kind, title in expected
    ]
    assert items[1]["url"].endswith(f"/{language}/trends/example-trend/#event-by-2025-04")
    assert (
        items[1]["summary"]
        == items[-2]["summary"]
        == {"en": "By April.", "ja": "4月に。"}[language]
    )
    assert "70%" in items[-2]["content_html"]
    assert [item["id"] for item in items] == [entry.id for entry in found.entries]


def test_forecasts_are_in_the_feed_of_all(client):
    trend = make_trend(published=datetime.date(2024, 1, 1))
    settle(trend, "2025-04", "confirmed", text_en="By April.", made=date("2024-10"))
    settle(trend, "2999", "pending", text_en="One day.", made=date("2023"))
    assert titles(atom(client)) == [
        "Title of example-trend – forecast came true",
        "Title of example-trend – new forecast",
        "Title of example-trend",
    ]


def test_feed_of_a_trend_shares_its_ids_with_the_other_feeds(client):
    trend = make_trend()
    judge(trend, "2024", "emerging")
    judge(trend, "2025", "growing")
    own = {item["id"] for item in json_feed(client, f"/en/{TREND_FEED}.json")["items"]}
    assert own > {item["id"] for item in json_feed(client)["items"]}


def test_feed_of_a_draft_is_not_found_and_of_a_missing_language_empty(client):
    trend = make_trend(title_ja=None)
    assert json_feed(client, f"/ja/{TREND_FEED}.json")["items"] == []
    Trend.objects.filter(pk=trend.pk).update(published=None)
    assert client.get(f"/en/{TREND_FEED}.json").status_code == 404


@pytest.mark.parametrize("changes", [1, 12])
def test_feed_of_a_trend_takes_the_same_queries(client, django_assert_num_queries, changes):
    trend = make_trend(published=datetime.date(2000, 1, 1), retired=yesterday())
    for n in range(changes):
        judge(trend, f"{2001 + n}", "growing")
        settle(trend, f"{2001 + n}-01", "confirmed", text_en=f"In {n}.", made=date("2000-06"))
    with django_assert_num_queries(TREND_FEED_QUERIES):
        json_feed(client, f"/en/{TREND_FEED}.json")


def test_key_points_are_the_summary_and_a_list_in_their_language(client):
    make_trend(key_points_ja="要点その一。\n要点その二。")
    [item] = json_feed(client, "/ja/feed.json")["items"]
    assert item["summary"] == "要点その一。"
    assert "<ul><li>要点その一。</li><li>要点その二。</li></ul>" in item["content_html"]
    [entry] = atom(client, "/en/feed.atom").entries
    assert entry.summary == "Subtitle of example-trend"
    [item] = json_feed(client)["items"]
    assert '<li><span lang="ja">要点その一。</span></li>' in item["content_html"]
