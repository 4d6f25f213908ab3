"""The forms of trends that programs read: asked for, checked and parsed."""

import json
from typing import Any

import atoma
import feedparser
from django.test import Client

from quotes.models import Mention
from tests.support.make import date, make_source, make_trend
from tests.support.validity import check_atom, check_json_feed
from trends.models import Assessment, Falsifier, TimelineEntry, Trend


def as_json(
    client: Client, address: str = "/en/trends/example-trend.json", status: int = 200
) -> dict[str, Any]:
    """Return the JSON at an address, which answers with the status given."""
    response = client.get(address)
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    return json.loads(response.content)


def as_markdown(client: Client, address: str = "/en/trends/example-trend.md") -> str:
    """Return the Markdown at an address."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    return response.content.decode()


def atom(client: Client, address: str = "/en/feed.atom") -> feedparser.FeedParserDict:
    """Return an Atom feed that is valid by its schema and to two parsers."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = check_atom(response.content, f"http://testserver{address}")
    strict = atoma.parse_atom_bytes(response.content)
    assert len(strict.entries) == len(found.entries)
    return found


def json_feed(client: Client, address: str = "/en/feed.json") -> dict[str, Any]:
    """Return a JSON Feed that is valid by its schema and to a parser."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/feed+json; charset=utf-8"
    check_json_feed(response.content, f"http://testserver{address}")
    atoma.parse_json_feed_bytes(response.content)
    return json.loads(response.content)


def make_full_trend() -> Trend:
    """A trend with each of the parts of its page."""
    return make_trend(
        tags=["strategy"],
        drivers=2,
        implications=2,
        timeline=2,
        mentions=1,
        assessments=1,
        reading=1,
    )


def make_record_trend() -> tuple[Trend, Mention]:
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
