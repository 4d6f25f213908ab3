"""Trends as programs read them: JSON, Markdown, the collection, llms.txt."""

import datetime
import json
import re
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from tests.support.days import days_from_now, today, tomorrow
from tests.support.formats import as_json, as_markdown
from tests.support.make import (
    date,
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_trend,
)
from tests.support.reading import alternates, links, numbered_sources, parse, read, words
from trends.formats.collection import TRENDS_A_PAGE
from trends.models import Assessment, Driver, Falsifier, TimelineEntry, TrendMention
from trends.search.index import indexed_once
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db


# 1 the trend, 2-9 what hangs on it, 10 who cites what, 11 the sources, 12 the other trends to
# which it links: as for the page.
TREND_QUERIES = 12
# 1 how many, 2 the trends of the page, 3 their tags, 4 their successors.
COLLECTION_QUERIES = 4
# Trends and retired trends, a language at a time.
LLMS_QUERIES = 2 * len(languages())

ADDRESSES = ["/en/trends/example-trend.json", "/en/trends/example-trend.md", "/api/trends.json"]


def full_trend():
    return make_trend(
        tags=["strategy"],
        drivers=2,
        implications=2,
        timeline=2,
        mentions=1,
        assessments=1,
        reading=1,
    )


def english(text: str) -> dict[str, str]:
    return {"text": text, "language": "en"}


def test_json_says_what_the_page_says(client):
    trend = full_trend()
    TimelineEntry.objects.create(
        trend=trend, date=date("2030"), kind="forecast", outcome="pending", text_en="It may."
    )
    found = as_json(client)
    assert {key: found[key] for key in ("version", "type", "slug", "language", "languages")} == {
        "version": 1,
        "type": "trend",
        "slug": "example-trend",
        "language": "en",
        "languages": ["en", "ja"],
    }
    assert found["links"] == {
        "html": "http://testserver/en/trends/example-trend/",
        "json": "http://testserver/en/trends/example-trend.json",
        "markdown": "http://testserver/en/trends/example-trend.md",
    }
    assert found["title"] == english("Title of example-trend")
    assert (found["status"], found["confidence"]) == ("growing", "medium")
    assert (found["since"], found["reviewed"]) == ("2025-06", "2000-05-01")
    assert found["published"] == trend.published.isoformat()
    assert datetime.datetime.fromisoformat(found["updated"]) == trend.updated_at
    assert found["tags"] == [{"slug": "strategy", "label": english("strategy")}]
    assert found["shift"] == english("What shifts in example-trend.")
    assert found["drivers"][1] == {
        "url": "http://testserver/en/trends/example-trend/#driver-driver-1",
        "heading": english("Driver 1"),
        "body": english("Why 1."),
        "sources": [2],
    }
    assert [group["audience"]["slug"] for group in found["implications"]] == [
        "enterprises",
        "researchers",
    ]
    assert found["implications"][0]["points"][0]["lead"] == english("Lead 0")
    assert found["timeline"][-1] == {
        "url": "http://testserver/en/trends/example-trend/#event-it-may",
        "date": "2030",
        "kind": "forecast",
        "outcome": "pending",
        "overdue": False,
        "settled": None,
        "text": english("It may."),
        "short": None,
        "note": None,
        "claim": {
            "made_by": None,
            "expert": None,
            "quotation": None,
            "made": None,
            "criterion": None,
            "probability": None,
        },
        "sources": [],
    }
    assert found["timeline"][0]["outcome"] is None
    assert found["assessments"][0]["rationale"] == english("Because 0.")
    [mention] = found["mentions"]
    assert mention["original"] == english("Words 0 on example-trend.")
    assert mention["translation"] is None
    assert mention["voice"] is True
    assert mention["expert"]["name"] == english("Mina Example")
    assert mention["video"]["title"] == "A talk"
    assert [source["title"] for source in found["reading"]] == ["Title of example-trend-reading-0"]
    assert [source["number"] for source in found["sources"]] == list(
        range(1, len(found["sources"]) + 1)
    )
    assert found["related"] == []


def record_trend():
    """A trend with all that says how sure the editors are, who forecast, and what is verified."""
    trend = make_trend(
        key_points_en="It shifts.\nWait.", confidence_of_en="that it shifts", mentions=1
    )
    mention = trend.mentions.get()
    mention.verified = "gist"
    mention.save()
    source = make_source("copy", origin="Example Agency", publisher="Example Press")
    assess = {"trend": trend, "status": "growing", "confidence": "medium"}
    Assessment.objects.create(date=date("2025-01-01"), reconstructed=True, **assess)
    Assessment.objects.create(date=date("2025-02-01"), **assess)
    Falsifier.objects.create(trend=trend, text_en="It stops.", date=date("2020"))
    TimelineEntry.objects.create(
        trend=trend,
        date=date("2999"),
        kind="forecast",
        outcome="pending",
        text_en="It may.",
        made_by="expert",
        expert=mention.expert,
        quotation=mention,
        made=date("2025-12"),
        criterion_en="The gauge.",
        probability=60,
        source=source,
    )
    TimelineEntry.objects.create(
        trend=trend,
        date=date("2024"),
        kind="scheduled",
        outcome="postponed",
        settled=date("2023"),
        text_en="It applies.",
    )
    return trend, mention


def test_json_says_what_the_record_rests_on(client):
    _trend, mention = record_trend()
    found = as_json(client)
    assert found["key_points"] == english("It shifts.\nWait.")
    assert found["confidence_of"] == english("that it shifts")
    assert found["falsifiers"] == [{"date": "2020", "text": english("It stops."), "overdue": True}]
    assert found["under_review"] is True
    assert found["reviewed"] == "2025-02-01"
    assert [row["reconstructed"] for row in found["assessments"]] == [False, True]
    assert found["mentions"][0]["verified"] == "gist"
    assert {source["origin"] for source in found["sources"]} == {None, "Example Agency"}
    scheduled, forecast = found["timeline"]
    assert (scheduled["kind"], scheduled["outcome"], scheduled["settled"], scheduled["claim"]) == (
        "scheduled",
        "postponed",
        "2023",
        None,
    )
    claim = forecast["claim"]
    assert claim.pop("expert")["slug"] == "mina-example"
    assert claim == {
        "made_by": "expert",
        "quotation": f"http://testserver/en/trends/example-trend/#{mention.anchor}",
        "made": "2025-12",
        "criterion": english("The gauge."),
        "probability": 60,
    }
    [row] = client.get("/api/trends.json").json()["trends"]
    assert row["under_review"] is True
    assert row["key_points"] == {"en": "It shifts.\nWait."}
    assert row["confidence_of"] == {"en": "that it shifts"}


def test_markdown_says_what_the_record_rests_on(client):
    record_trend()
    text = client.get("/en/trends/example-trend.md").content.decode()
    for line in (
        "- It shifts.\n- Wait.",
        "- Confidence: medium – that it shifts",
        "- Under review",
        "gist verified",
        "(scheduled · postponed) It applies.",
        "(By Mina Example · made December 2025 · Criterion: The gauge. · probability 60%)",
        "Reconstructed later",
        "### What would change our mind\n\n- by 2020: It stops. (overdue)",
        "Example Agency, via Example Press",
    ):
        assert line in text


def test_json_numbers_sources_as_the_page_does(client):
    full_trend()
    found = as_json(client)
    page = read(client, "/en/trends/example-trend/")
    on_page = [words(note.find("a")) for note in numbered_sources(page)]
    for source in found["sources"]:
        assert on_page.count(source["title"]) >= 1
    [driver] = [note for note in page.iter("li") if note.get("id") == "source-2"]
    assert found["sources"][1]["title"] in words(driver)


def test_json_is_in_the_language_of_its_address_and_names_the_one_that_stands_in(client):
    trend = make_trend(subtitle_ja=None)
    TrendMention.objects.create(trend=trend, mention=make_mention("It works."))
    found = as_json(client, "/ja/trends/example-trend.json")
    assert found["language"] == "ja"
    assert found["title"] == {"text": "example-trendの題", "language": "ja"}
    assert found["subtitle"] == english("Subtitle of example-trend")
    assert found["mentions"][0]["translation"] == {"text": "訳：It works.", "language": "ja"}


def test_trend_with_nothing_but_a_title_has_empty_lists(client):
    make_trend(subtitle_en=None, subtitle_ja=None, shift_en=None, shift_ja=None)
    found = as_json(client)
    assert found["subtitle"] is found["shift"] is found["reviewed"] is None
    assert found["drivers"] == found["mentions"] == found["sources"] == []
    assert "##" not in as_markdown(client)


@pytest.mark.parametrize("day", [None, tomorrow], ids=["draft", "scheduled"])
def test_trend_that_readers_do_not_see_is_not_found(client, day):
    make_trend(published=day and day())
    assert as_json(client, status=404) == {
        "version": 1,
        "error": "No published trend has this slug.",
    }
    assert client.get("/en/trends/example-trend.md").status_code == 404
    assert as_json(client, "/api/trends.json")["trends"] == []
    assert "example-trend" not in client.get("/llms.txt").content.decode()


def test_markdown_has_the_parts_of_the_page(client):
    trend = full_trend()
    text = as_markdown(client)
    page = read(client, "/en/trends/example-trend/")
    shown = [words(h) for part in page.iterfind(".//article//section") for h in part.iter("h2")]
    assert re.findall("^## (.*)$", text, re.MULTILINE) == shown
    assert text.startswith("# Title of example-trend\n\nSubtitle of example-trend\n")
    assert "- Status: growing\n- Confidence: medium\n- Since: June 2025\n" in text
    assert "### 1. Driver 0\n\nWhy 0.\n\nSources: [^1]\n" in text
    assert "**Mina Example** · analyst · Example Institute\n\n> Words 0 on example-trend.\n" in text
    assert "- **2000** Event 0 [^" in text
    assert f"Last updated {trend.updated_at.day} " in text


def test_every_footnote_of_the_markdown_is_there_once(client):
    full_trend()
    text = as_markdown(client)
    defined = re.findall(r"^\[\^(\d+)\]: \[", text, re.MULTILINE)
    cited = set(re.findall(r"\[\^(\d+)\](?!:)", text))
    assert defined == [str(number) for number in range(1, len(defined) + 1)]
    assert cited == set(defined)


def test_markdown_quotes_the_original_and_the_translation(client):
    trend = make_trend()
    mention = make_mention("One.\n\nTwo.", translation_ja="一つ。\n\n二つ。")
    TrendMention.objects.create(trend=trend, mention=mention)
    text = as_markdown(client, "/ja/trends/example-trend.md")
    assert "> One.\n>\n> Two.\n\n翻訳:\n\n> 一つ。\n>\n> 二つ。\n" in text
    assert "翻訳" not in as_markdown(client)


@pytest.mark.parametrize(
    ("lead", "text", "said"),
    [
        ("Measure.", "Explained.", "Measure. Explained."),
        ("測る。", "説明。", "測る。説明。"),
        ("「測る」！", "AIの説明。", "「測る」！AIの説明。"),
        ("測る", "説明。", "測る 説明。"),
        ("。", "説明。", "。説明。"),
        ("*測る*。", "説明_a_。", "*測る*。説明_a_。"),
    ],
)
def test_lead_is_bold_and_parted_from_its_text_as_its_language_parts_sentences(
    client, lead, text, said
):
    trend = make_trend()
    trend.implications.create(audience=make_audience(), lead_en=lead, text_en=text).sources.add(
        make_source()
    )
    markdown = as_markdown(client).partition("## Implications")[2]
    html = parse(f"<main>{MarkdownIt('commonmark').render(markdown)}</main>")
    item = html.find(".//li")
    assert words(item) == (f"{said}[^1]" if said.endswith("。") else f"{said} [^1]")
    bold = lead.rstrip("。！」")
    assert [words(strong) for strong in item.iter("strong")] == ([bold] if bold else [])


def test_markdown_says_what_is_not_translated(client):
    make_trend(subtitle_ja=None)
    assert "Subtitle of example-trend" in as_markdown(client, "/ja/trends/example-trend.md")
    assert "英語" in as_markdown(client, "/ja/trends/example-trend.md").partition("## ")[0]


def test_signs_in_a_text_do_not_become_markdown(client):
    trend = make_trend(title_en="1. *Not* a [list](https://example.org) <b># yet</b>")
    trend.shift_en = "Under\n=====\n\n- a list\n\nOver\n----"
    trend.save()
    Driver.objects.create(trend=trend, heading_en="A_b_c", body_en="# High\n\nText.")
    text = as_markdown(client)
    html = parse(f"<main>{MarkdownIt('commonmark').render(text)}</main>")
    assert words(html.find("h1")) == "1. *Not* a [list](https://example.org) <b># yet</b>"
    assert [words(h) for h in html.iter("h3")] == ["Under", "1. A_b_c"]
    assert [words(h) for h in html.iter("h4")] == ["Over", "High"]


def test_collection_has_every_language(client):
    make_trend(tags=["cost"], assessments=1)
    make_trend("half", title_ja=None)
    found = as_json(client, "/api/trends.json?sort=title")
    assert (found["version"], found["type"], found["count"], found["pages"]) == (1, "trends", 2, 1)
    whole, half = found["trends"]
    assert whole["title"] == {"en": "Title of example-trend", "ja": "example-trendの題"}
    assert whole["links"]["ja"]["json"] == "http://testserver/ja/trends/example-trend.json"
    assert (whole["tags"], whole["reviewed"]) == (["cost"], "2000-05-01")
    assert half["languages"] == list(half["links"]) == ["en"]
    for forms in whole["links"].values():
        for address in forms.values():
            assert client.get(address).status_code == 200


def test_collection_says_what_is_new_and_what_moved(client):
    trend = make_trend(status="growing")
    for days, status in ((5, "emerging"), (2, "growing")):
        Assessment.objects.create(
            trend=trend,
            date=date(str(days_from_now(-days))),
            status=status,
            confidence="medium",
        )
    make_trend("old", assessments=2)
    found = {row["slug"]: row for row in as_json(client, "/api/trends.json")["trends"]}
    assert (found["example-trend"]["new"], found["example-trend"]["moved"]) == (True, True)
    assert (found["old"]["new"], found["old"]["moved"]) == (False, False)


def test_collection_is_filtered_as_the_index_is(client):
    make_trend("a", status="growing", tags=["cost"])
    make_trend("b", status="declining", tags=["cost"])
    make_trend("c", status="growing")
    found = as_json(client, "/api/trends.json?status=growing&tag=cost&colour=blue")
    assert [trend["slug"] for trend in found["trends"]] == ["a"]
    assert found["ignored"] == []


def test_filter_that_cannot_be_is_told_in_the_same_words_to_everyone(client):
    make_trend()
    japanese = {"headers": {"accept-language": "ja"}}
    address = "/api/trends.json?status=blue"
    found = as_json(client, address)
    assert found["ignored"] == ["“blue” is not an option."]
    assert found["count"] == 1
    assert json.loads(client.get(address, **japanese).content) == found


def test_pages_of_the_collection_lead_to_each_other(client):
    with indexed_once():
        for n in range(TRENDS_A_PAGE + 1):
            make_trend(f"trend-{n:03}")
    first = as_json(client, "/api/trends.json?sort=title&status=growing")
    assert first["previous"] is None
    assert first["next"] == ("http://testserver/api/trends.json?status=growing&sort=title&page=2")
    second = as_json(client, first["next"])
    assert [trend["slug"] for trend in second["trends"]] == [f"trend-{TRENDS_A_PAGE:03}"]
    assert second["next"] is None
    assert as_json(client, second["previous"])["trends"] == first["trends"]


@pytest.mark.parametrize("page", ["0", "2", "-1", "abc", "", "1e9", "%00"])
def test_page_of_the_collection_that_is_none_is_not_found(client, page):
    make_trend()
    found = as_json(client, f"/api/trends.json?page={page}", status=404)
    assert found == {"version": 1, "error": "There is no such page."}


def test_llms_txt_names_the_trends_of_each_language(client):
    make_trend()
    make_trend("half", title_ja=None, shift_ja=None)
    response = client.get("/llms.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("# Trendsite\n\n> ")
    in_english, in_japanese = text.partition("## Trends (English)\n")[2].split(
        "## Trends (日本語)\n"
    )
    assert "http://testserver/en/trends/half.md" in in_english
    assert "half" not in in_japanese
    link = (
        "- [example-trendの題](http://testserver/ja/trends/example-trend.md): example-trendの副題"
    )
    assert link in in_japanese
    found = re.findall(r"\]\((.*?)\)", text)
    for address in found:
        assert client.get(address).status_code == 200
    for language in languages():
        for rest in ("feed.atom", "forecasts/", "changes/"):
            assert f"http://testserver/{language}/{rest}" in found


def test_llms_txt_has_the_form_that_its_readers_expect(client):
    """A title, what it is in a quotation, prose without headings, then lists under headings."""
    make_trend(title_en="A [title] # with _signs_", subtitle_en="One: *two*")
    make_trend("old", retired=today())
    title, summary, prose, *lists = client.get("/llms.txt").content.decode().split("\n\n")
    assert title == "# Trendsite"
    assert summary.startswith("> ")
    assert not re.match("[#>-]", prose)
    for heading, links_below in zip(lists[::2], lists[1::2], strict=True):
        assert re.fullmatch("## .+", heading)
        for line in links_below.strip().split("\n"):
            assert re.fullmatch(r"- \[.+\]\(http://testserver/[!-~]+\)(: .+)?", line), line


def test_llms_txt_of_an_empty_site_lists_no_trends(client):
    assert "## Trends" not in client.get("/llms.txt").content.decode()


@pytest.mark.parametrize("language", languages())
def test_browser_may_offer_the_search_as_one_of_its_own(client, language):
    head = read(client, f"/{language}/").find("head")
    [link] = [link for link in head.iter("link") if link.get("rel") == "search"]
    assert link.get("type") == "application/opensearchdescription+xml"
    response = client.get(link.get("href"))
    assert response["Content-Type"] == link.get("type")
    description = ElementTree.fromstring(response.content)
    name = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert description.tag == f"{name}OpenSearchDescription"
    assert description.findtext(f"{name}ShortName") == link.get("title")
    assert description.findtext(f"{name}Language") == language
    template = description.find(f"{name}Url").get("template")
    assert template == f"http://testserver/{language}/search/?q={{searchTerms}}"
    assert client.get(template.replace("{searchTerms}", "trend")).status_code == 200
    assert description.findtext(f"{name}Image") == "http://testserver/static/svg/icon.svg"
    # As OpenSearch 1.1 has it: no more than so many characters, and where it stands itself.
    assert len(description.findtext(f"{name}ShortName")) <= 16
    assert len(description.findtext(f"{name}Description")) <= 1024
    urls = {url.get("rel", "results"): url for url in description.iter(f"{name}Url")}
    assert urls["results"].get("type") == "text/html"
    assert urls["self"].get("template") == f"http://testserver{link.get('href')}"
    assert urls["self"].get("type") == link.get("type")


@pytest.mark.parametrize("address", [*ADDRESSES, "/llms.txt", "/en/opensearch.xml"])
def test_scripts_of_other_sites_may_read(client, address):
    make_trend()
    response = client.get(address)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_has_not_changed_is_not_sent_again(client, address):
    trend = make_trend(tags=["strategy"])
    etag = client.get(address)["ETag"]
    again = client.get(address, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Access-Control-Allow-Origin"] == "*"
    trend.title_en = "Another title"
    trend.save()
    assert client.get(address, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize("form", ["json", "md"])
def test_other_forms_lead_to_the_page(client, form):
    make_trend()
    make_trend("half", shift_ja=None)
    for slug, language, page in (
        ("example-trend", "ja", "ja/trends/example-trend/"),
        ("half", "en", "en/trends/half/"),
        # As the page does where it is not offered in its language.
        ("half", "ja", "en/trends/half/"),
    ):
        response = client.get(f"/{language}/trends/{slug}.{form}")
        assert response["Link"] == f'<http://testserver/{page}>; rel="canonical"'
        in_html = read(client, f"/{language}/trends/{slug}/")
        assert alternates(in_html)["canonical"] == f"http://testserver/{page}"


def test_page_leads_to_its_other_forms(client):
    make_trend()
    page = read(client, "/ja/trends/example-trend/")
    forms = {
        link.get("type"): link.get("href")
        for link in page.iterfind("head/link")
        if link.get("rel") == "alternate" and link.get("type")
    }
    assert forms["application/json"] == "/ja/trends/example-trend.json"
    assert forms["text/markdown"] == "/ja/trends/example-trend.md"
    assert links(page)["/ja/trends/example-trend.json"] == "JSON"
    assert links(page)["/ja/trends/example-trend.md"] == "Markdown"


@pytest.mark.parametrize("size", [1, 20])
def test_forms_of_a_trend_take_the_same_queries(client, django_assert_num_queries, size):
    make_trend(
        tags=["strategy"],
        drivers=size,
        implications=size,
        timeline=size,
        mentions=size,
        assessments=size,
        reading=size,
    ).related.add(make_trend("other"))
    for address in ADDRESSES[:2]:
        with django_assert_num_queries(TREND_QUERIES):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("size", [1, 30])
def test_lists_take_the_same_queries(client, django_assert_num_queries, size):
    make_expert()
    for n in range(size):
        make_trend(f"trend-{n}", tags=["strategy", "cost"], assessments=1)
    with django_assert_num_queries(COLLECTION_QUERIES):
        assert len(as_json(client, "/api/trends.json")["trends"]) == size
    with django_assert_num_queries(LLMS_QUERIES):
        assert client.get("/llms.txt").content.decode().count(".md)") == size * len(languages())
