"""The forms of trends that programs read: asked for, checked and parsed."""

import json
from typing import Any

import atoma
import feedparser
from django.test import Client

from tests.support.validity import check_atom, check_json_feed


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
    check_atom(response.content, f"http://testserver{address}")
    found = feedparser.parse(response.content)
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
