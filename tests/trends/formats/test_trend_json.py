"""A trend as JSON."""

import datetime

import pytest

from tests.support.formats import as_json, make_full_trend, make_record_trend
from tests.support.make import (
    date,
    make_mention,
    make_trend,
)
from tests.support.reading import numbered_sources, read, words
from trends.models import TimelineEntry, TrendMention

pytestmark = pytest.mark.django_db


def english(text: str) -> dict[str, str]:
    return {"text": text, "language": "en"}


def test_json_says_what_the_page_says(client):
    trend = make_full_trend()
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
        "earlier_outcomes": [],
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


def test_json_says_what_the_record_rests_on(client):
    _trend, mention = make_record_trend()
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


def test_json_numbers_sources_as_the_page_does(client):
    make_full_trend()
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
