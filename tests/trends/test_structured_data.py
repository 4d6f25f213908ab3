"""What a page tells search engines: schema.org data equal to what readers see."""

import datetime
import json

import pytest

from tests.make import date, make_expert, make_mention, make_source, make_trend, make_video
from tests.reading import by_class, links, read, words
from trends.models import Trend, TrendMention
from trends.overview import TRENDS_A_PAGE

pytestmark = pytest.mark.django_db

PAGE = "/en/trends/example-trend/"


def data(page) -> dict[str, list[dict]]:
    """The things that a page describes, by type."""
    [script] = page.iter("script")
    assert script.get("type") == "application/ld+json"
    found = json.loads(script.text)
    assert found["@context"] == "https://schema.org"
    things: dict[str, list[dict]] = {}
    for thing in found["@graph"]:
        things.setdefault(thing["@type"], []).append(thing)
    return things


def blank_values(thing) -> list[str]:
    """The keys that say nothing."""
    if isinstance(thing, list):
        return [key for value in thing for key in blank_values(value)]
    if not isinstance(thing, dict):
        return []
    return [key for key, value in thing.items() if not value] + [
        key for value in thing.values() for key in blank_values(value)
    ]


def test_trend_is_an_article(client):
    trend = make_trend(tags=["strategy", "cost"], drivers=2, published=datetime.date(2026, 3, 4))
    Trend.objects.update(updated_at="2026-03-05T06:07:08Z")
    page = read(client, PAGE)
    [article] = data(page)["Article"]
    assert article["headline"] == words(page.find(".//h1")) == trend.title_en
    assert article["description"] == words(by_class(page, "trend-subtitle")[0])
    assert article["url"] == article["@id"] == "http://testserver/en/trends/example-trend/"
    assert article["inLanguage"] == "en"
    assert article["datePublished"] == "2026-03-04"
    assert article["dateModified"] == "2026-03-05T06:07:08+00:00"
    assert article["keywords"] == ["strategy", "cost"]
    assert article["author"] == {
        "@type": "Organization",
        "name": "Trendsite",
        "url": "http://testserver/en/",
    }
    notes = [source.get("href") for source in by_class(page, "source")]
    assert [work["url"] for work in article["citation"]] == notes
    assert article["citation"][0] == {
        "@type": "CreativeWork",
        "name": "Title of example-trend-driver-0",
        "url": "https://example.org/example-trend-driver-0",
        "publisher": {"@type": "Organization", "name": "Example Press"},
        "inLanguage": "en",
    }


def test_words_are_quotations_of_a_person_in_a_video(client):
    trend = make_trend()
    video = make_video(date=date("2025-12-18"))
    mention = make_mention("It works.", video=video, start=754)
    TrendMention.objects.create(trend=trend, mention=mention, voice=True)
    page = read(client, "/ja/trends/example-trend/")
    [article] = data(page)["Article"]
    [quotation] = article["hasPart"]
    assert quotation == {
        "@type": "Quotation",
        "text": "It works.",
        "inLanguage": "en",
        "creator": {
            "@type": "Person",
            "@id": "http://testserver/ja/experts/mina-example/",
            "url": "http://testserver/ja/experts/mina-example/",
            "name": "ミナ・エグザンプル",
            "jobTitle": "アナリスト",
            "affiliation": {"@type": "Organization", "name": "エグザンプル研究所"},
        },
        "workTranslation": {"@type": "Quotation", "text": "訳：It works.", "inLanguage": "ja"},
        "isBasedOn": {
            "@type": "VideoObject",
            "name": "A talk",
            "url": "https://www.youtube.com/watch?v=abcdefghijk&t=754s",
            "thumbnailUrl": quotation["isBasedOn"]["thumbnailUrl"],
            "uploadDate": "2025-12-18",
        },
    }
    assert quotation["isBasedOn"]["url"] in links(page)
    thumbnail = quotation["isBasedOn"]["thumbnailUrl"].removeprefix("http://testserver")
    assert thumbnail in [image.get("src") for image in page.iter("img")]


def test_words_without_a_video_are_based_on_their_source(client):
    trend = make_trend()
    source = make_source(date=date("2024-Q3"))
    mention = make_mention("It works.", source=source)
    TrendMention.objects.create(trend=trend, mention=mention)
    [quotation] = data(read(client, PAGE))["Article"][0]["hasPart"]
    assert quotation["isBasedOn"]["url"] == source.url
    # ISO 8601 has no quarters.
    assert "datePublished" not in quotation["isBasedOn"]
    assert "workTranslation" not in quotation


def test_page_says_where_it_stands(client):
    make_trend()
    for address, name in (
        (PAGE, "Title of example-trend"),
        ("/en/experts/mina-example/", "Mina Example"),
    ):
        make_expert()
        [breadcrumb] = data(read(client, address))["BreadcrumbList"]
        assert [
            (step["position"], step["name"], step["item"]) for step in breadcrumb["itemListElement"]
        ] == [(1, "Trends", "http://testserver/en/"), (2, name, f"http://testserver{address}")]


def test_expert_is_a_person_whose_words_are_there(client):
    trend = make_trend()
    expert = make_expert("a-b", name_en="A B", url="https://example.org/ab")
    TrendMention.objects.create(trend=trend, mention=make_mention("So it is.", expert=expert))
    found = data(read(client, "/en/experts/a-b/"))
    assert found["Person"] == [
        {
            "@type": "Person",
            "@id": "http://testserver/en/experts/a-b/",
            "url": "http://testserver/en/experts/a-b/",
            "name": "A B",
            "sameAs": "https://example.org/ab",
        }
    ]
    [quotation] = found["Quotation"]
    assert (quotation["text"], quotation["creator"]["name"]) == ("So it is.", "A B")


def test_index_is_a_collection_of_the_trends_on_the_page(client):
    for n in range(TRENDS_A_PAGE + 1):
        make_trend(f"trend-{n:02}")
    page = read(client, "/en/?page=2")
    [collection] = data(page)["CollectionPage"]
    assert collection["name"] == words(page.find(".//h1"))
    assert collection["mainEntity"]["numberOfItems"] == TRENDS_A_PAGE + 1
    [item] = collection["mainEntity"]["itemListElement"]
    assert item["position"] == TRENDS_A_PAGE + 1
    [(address, title)] = [
        link for row in by_class(page, "trend-row") for link in links(row.find("h2")).items()
    ]
    assert (item["url"], item["name"]) == (f"http://testserver{address}", title)


def test_empty_index_is_an_empty_collection(client):
    [collection] = data(read(client, "/ja/"))["CollectionPage"]
    assert collection["mainEntity"] == {"@type": "ItemList"}
    assert collection["inLanguage"] == "ja"


@pytest.mark.parametrize("address", [PAGE, "/ja/trends/example-trend/", "/en/", "/en/experts/x/"])
def test_nothing_is_said_that_is_blank(client, address):
    make_trend(subtitle_en=None, subtitle_ja=None)
    make_expert("x", name_en="X")
    assert blank_values(list(data(read(client, address)).values())) == []


def test_text_that_looks_like_markup_stays_data(client):
    nasty = "</script><script>alert(1)</script><!-- & \u2028 \"'"
    trend = make_trend(title_en=nasty)
    TrendMention.objects.create(trend=trend, mention=make_mention(nasty))
    html = client.get(PAGE).content.decode()
    assert "<script>alert" not in html
    [article] = data(read(client, PAGE))["Article"]
    assert article["headline"] == nasty
    assert article["hasPart"][0]["text"] == nasty


def test_title_in_another_language_is_said_to_be(client):
    make_trend(title_ja=None)
    [article] = data(read(client, "/ja/trends/example-trend/"))["Article"]
    assert (article["headline"], article["inLanguage"]) == ("Title of example-trend", "en")
