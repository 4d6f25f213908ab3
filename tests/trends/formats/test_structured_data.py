"""What a page tells search engines: schema.org data equal to what readers see."""

import datetime
import json

import pytest

from tests.support.make import (
    date,
    give_picture,
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.reading import (
    links,
    numbered_sources,
    read,
    trend_rows,
    words,
)
from tests.support.texts import AWKWARD
from tests.support.validity import check_structured_data
from trends.models import Assessment, Driver, TimelineEntry, Trend, TrendMention
from trends.pages.index import TRENDS_A_PAGE
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

PAGE = "/en/trends/example-trend/"
PAGES = [
    "",
    "?page=2",
    "a-z/",
    "experts/",
    "tags/",
    "audiences/",
    "trends/trend-00/",
    "tags/strategy/",
    "audiences/enterprises/",
    "experts/mina-example/",
    "sources/report/",
    "videos/youtube/abcdefghijk/",
    "forecasts/",
    "forecasts/?outcome=missed",
    "changes/",
    "changes/?trend=trend-00&from=2024",
]


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


def collection(page) -> dict:
    """The collection that a page is, which shows the name that it has for readers."""
    [found] = data(page)["CollectionPage"]
    assert plain(found["name"]) == words(page.find(".//h1"))
    assert found["url"] == found["@id"]
    return found


def entries(found: dict) -> list[tuple[str, str]]:
    """The addresses and names of the list that a collection holds."""
    items = found["mainEntity"].get("itemListElement", [])
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    return [(item["url"].removeprefix("http://testserver"), plain(item["name"])) for item in items]


def plain(text) -> str:
    return text["@value"] if isinstance(text, dict) else text


def forecast(trend, when: str, outcome: str = "pending", **texts):
    return TimelineEntry.objects.create(
        trend=trend, kind="forecast", date=date(when), outcome=outcome, **texts
    )


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
    assert article["description"] == trend.subtitle_en
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
    notes = [note.find("a").get("href") for note in numbered_sources(page)]
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
        "@id": f"http://testserver/ja/trends/example-trend/#{mention.anchor}",
        "url": f"http://testserver/ja/trends/example-trend/#{mention.anchor}",
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
            "uploadDate": "2025-12-18",
        },
    }
    assert quotation["isBasedOn"]["url"] in links(page)


def test_video_with_a_picture_is_told_with_it(client):
    video = give_picture(make_video())
    mention = make_mention("It works.", video=video)
    TrendMention.objects.create(trend=make_trend(), mention=mention)
    page = read(client, "/en/trends/example-trend/")
    [article] = data(page)["Article"]
    thumbnail = article["hasPart"][0]["isBasedOn"]["thumbnailUrl"]
    assert thumbnail == f"http://testserver{video.picture.fallback}"
    assert video.picture.fallback in [image.get("src") for image in page.iter("img")]


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
    make_expert()
    make_tag("strategy")
    make_audience("enterprises")
    make_source("report")
    make_video()
    for address, name in (
        (PAGE, "Title of example-trend"),
        ("/en/experts/mina-example/", "Mina Example"),
        ("/en/tags/strategy/", "strategy"),
        ("/en/audiences/enterprises/", "What it means for Enterprises"),
        ("/en/sources/report/", "Title of report"),
        ("/en/videos/youtube/abcdefghijk/", "A talk"),
        ("/en/a-z/", "All trends from A to Z"),
        ("/en/forecasts/", "Forecasts"),
        ("/en/changes/", "Updates"),
    ):
        [breadcrumb] = data(read(client, address))["BreadcrumbList"]
        assert [
            (step["position"], step["name"], step["item"]["@id"])
            for step in breadcrumb["itemListElement"]
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
        link for row in trend_rows(page) for link in links(row.find("h2")).items()
    ]
    assert (item["url"], item["name"]) == (f"http://testserver{address}", title)


def test_empty_index_is_an_empty_collection(client):
    [collection] = data(read(client, "/ja/"))["CollectionPage"]
    assert collection["mainEntity"] == {"@type": "ItemList"}
    assert collection["inLanguage"] == "ja"


@pytest.mark.parametrize(
    "address",
    [
        PAGE,
        "/ja/trends/example-trend/",
        "/en/",
        "/en/experts/x/",
        "/en/sources/x/",
        "/en/videos/youtube/abcdefghijk/",
        "/ja/tags/strategy/",
        "/ja/audiences/enterprises/",
        "/ja/a-z/",
        "/ja/forecasts/",
        "/ja/changes/",
    ],
)
def test_nothing_is_said_that_is_blank(client, address):
    make_trend(subtitle_en=None, subtitle_ja=None)
    make_expert("x", name_en="X")
    make_source("x", title="", publisher="", language="")
    make_video(title="", channel="")
    make_tag("strategy")
    make_audience("enterprises")
    assert blank_values(list(data(read(client, address)).values())) == []


def test_text_that_looks_like_markup_stays_data(client):
    nasty = "</script><script>alert(1)</script><!-- & \u2028 \"'"
    trend = make_trend(title_en=nasty)
    TrendMention.objects.create(trend=trend, mention=make_mention(nasty))
    html = client.get(PAGE).content.decode()
    assert "<script>alert" not in html
    [article] = data(read(client, PAGE))["Article"]
    # A separator of lines is one space in a title, and the end of a line in a quotation.
    assert article["headline"] == " ".join(nasty.split())
    assert article["hasPart"][0]["text"].split() == nasty.split()


def test_title_in_another_language_is_said_to_be(client):
    make_trend(title_ja=None)
    [article] = data(read(client, "/ja/trends/example-trend/"))["Article"]
    assert (article["headline"], article["inLanguage"]) == ("Title of example-trend", "en")


def test_fallback_carries_its_language(client):
    make_trend(title_ja=None, subtitle_ja=None, tags=["strategy"])
    make_tag("cost", label_en="cost")
    article = data(read(client, "/ja/trends/example-trend/"))
    assert article["Article"][0]["description"] == "Subtitle of example-trend"
    assert article["Article"][0]["keywords"] == [{"@value": "タグstrategy", "@language": "ja"}]
    [_, step] = article["BreadcrumbList"][0]["itemListElement"]
    assert step["name"] == {"@value": "Title of example-trend", "@language": "en"}
    [item] = collection(read(client, "/ja/tags/strategy/"))["mainEntity"]["itemListElement"]
    assert item["name"] == {"@value": "Title of example-trend", "@language": "en"}
    assert collection(read(client, "/ja/tags/cost/"))["about"] == {
        "@type": "DefinedTerm",
        "name": {"@value": "cost", "@language": "en"},
    }


def test_tag_is_a_term_with_its_trends_and_words(client):
    trend = make_trend(tags=["strategy"])
    mention = make_mention("So it is.")
    mention.tags.add(make_tag("strategy"))
    TrendMention.objects.create(trend=trend, mention=mention)
    found = collection(read(client, "/en/tags/strategy/"))
    assert found["about"] == {"@type": "DefinedTerm", "name": "strategy"}
    assert entries(found) == [("/en/trends/example-trend/", "Title of example-trend")]
    [quotation] = found["hasPart"]
    assert (quotation["text"], quotation["creator"]["name"]) == ("So it is.", "Mina Example")


def test_page_of_an_audience_is_meant_for_it(client):
    make_trend(implications=1)
    make_trend("other")
    found = collection(read(client, "/en/audiences/enterprises/"))
    assert found["audience"] == {"@type": "Audience", "audienceType": "Enterprises"}
    assert entries(found) == [("/en/trends/example-trend/", "Title of example-trend")]


def test_source_is_a_work_with_the_trends_that_cite_it(client):
    source = make_source("report", date=date("2025-03"))
    make_trend().shift_sources.add(source)
    page = read(client, "/ja/sources/report/")
    found = collection(page)
    assert found["name"] == {"@value": "Title of report", "@language": "en"}
    assert found["about"] == {
        "@type": "CreativeWork",
        "name": "Title of report",
        "url": "https://example.org/report",
        "publisher": {"@type": "Organization", "name": "Example Press"},
        "datePublished": "2025-03",
        "inLanguage": "en",
    }
    assert entries(found) == [("/ja/trends/example-trend/", "example-trendの題")]


def test_video_is_one_with_its_words_and_trends(client):
    video = make_video(date=date("2025-12-18"))
    mention = make_mention("So it is.", video=video, start=5)
    TrendMention.objects.create(trend=make_trend(), mention=mention)
    found = collection(read(client, video.get_absolute_url()))
    # It has no thumbnail of its own, and the page shows none.
    assert found["about"] == {
        "@type": "VideoObject",
        "name": "A talk",
        "url": "https://www.youtube.com/watch?v=abcdefghijk",
        "uploadDate": "2025-12-18",
    }
    assert [part["isBasedOn"]["url"] for part in found["hasPart"]] == [
        "https://www.youtube.com/watch?v=abcdefghijk&t=5s"
    ]
    assert entries(found) == [("/en/trends/example-trend/", "Title of example-trend")]


def test_forecasts_are_a_list_of_those_that_are_shown_and_no_reviews_of_claims(client):
    trend = make_trend()
    forecast(trend, "2030", text_en="It will.", text_ja="なる。")
    forecast(trend, "2020", "missed", text_en="It was to be.")
    page = read(client, "/en/forecasts/")
    place = "/en/trends/example-trend/#event-"
    assert entries(collection(page)) == [
        (f"{place}it-will", "It will."),
        (f"{place}it-was-to-be", "It was to be."),
    ]
    assert set(data(page)) == {"CollectionPage", "BreadcrumbList"}
    missed = collection(read(client, "/ja/forecasts/?outcome=missed"))["mainEntity"]
    assert missed["numberOfItems"] == 1
    assert missed["itemListElement"][0]["name"] == {"@value": "It was to be.", "@language": "en"}


def test_the_a_z_is_a_list_in_its_order(client, monkeypatch):
    monkeypatch.setattr("trends.pages.a_z.ROWS_A_PAGE", 2)
    for slug in ("c", "a", "b"):
        make_trend(slug)
    found = collection(read(client, "/en/a-z/"))
    assert entries(found) == [("/en/trends/a/", "Title of a"), ("/en/trends/b/", "Title of b")]
    [last] = collection(read(client, "/en/a-z/?page=2"))["mainEntity"]["itemListElement"]
    assert (last["position"], last["name"]) == (3, "Title of c")
    assert found["mainEntity"]["numberOfItems"] == 3


def test_changes_are_a_list_with_the_places_of_their_reasons(client):
    trend = make_trend()
    Assessment.objects.create(trend=trend, date=date("2024-05"), status="growing", confidence="low")
    forecast(trend, "2025", "confirmed", text_en="It will.")
    found = collection(read(client, "/en/changes/"))
    assert entries(found) == [
        ("/en/trends/example-trend/#event-it-will", "Title of example-trend"),
        ("/en/trends/example-trend/#assessment-2024-05", "Title of example-trend"),
    ]


@pytest.fixture
def _a_site_of_awkward_texts():
    """A trend for each awkward text, which stands wherever a text can."""
    video = make_video(title="Talk </script> 😀")
    report = make_source("report", title="\u202eR ]]>")
    texts = [*AWKWARD[::3], "<script>alert(1)</script>", "عربي \u200f و English"]
    for n, text in enumerate(texts):
        trend = make_trend(
            f"trend-{n:02}",
            tags=["strategy"],
            assessments=2,
            title_en=text[:200],
            title_ja=text[:200],
            subtitle_en=text[:300],
            **({"shift_en": text} if n % 2 else {"subtitle_ja": None}),
        )
        trend.shift_sources.add(report)
        Driver.objects.create(trend=trend, heading_en=text[:200]).sources.add(report)
        trend.implications.create(audience=make_audience(), lead_en=text[:200])
        forecast(trend, "2020", "missed", text_en=text)
        forecast(trend, f"{2030 + n}", text_ja=text)
        mention = make_mention(f"{n} {text}", translation_ja=text, video=video, start=n)
        mention.tags.add(make_tag("strategy"))
        TrendMention.objects.create(trend=trend, mention=mention)


@pytest.mark.usefixtures("_a_site_of_awkward_texts")
def test_structured_data_of_every_page_is_json_ld_in_the_words_of_schema_org(client):
    for language in languages():
        for rest in PAGES:
            page = read(client, f"/{language}/{rest}")
            [script] = page.iter("script")
            check_structured_data(json.loads(script.text))


@pytest.mark.parametrize(
    "thing",
    [
        {"@type": "Trend", "name": "No such type"},
        {"@type": "Person", "headline": "No such property of a person"},
        {"@type": "Article", "headlines": "No such property"},
        {"@type": "Article", "author": {"@type": "DefinedTerm", "name": "No author"}},
        {"@type": "Article", "author": "A text where a thing should be"},
        {"@type": "Article", "datePublished": "tomorrow"},
        {"@type": "Article", "url": "/relative/"},
        {"@type": "Article", "citation": [{"@type": "CreativeWork", "name": " "}]},
        {"@type": "ListItem", "position": True},
    ],
    ids=json.dumps,
)
def test_what_schema_org_does_not_mean_is_found(thing):
    with pytest.raises((AssertionError, KeyError)):
        check_structured_data({"@context": "https://schema.org", "@graph": [thing]})
