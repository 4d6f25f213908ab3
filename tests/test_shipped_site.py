"""The shipped site as a crawler meets it: from the map to every page, and on to the feeds."""

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from django.conf import settings

from tests.support.loading import load, snapshot
from tests.support.reading import alternates, broken_anchors, main, parse, read, words
from tests.support.validity import (
    check_atom,
    check_json_feed,
    check_site_map,
    check_structured_data,
)
from trends.search.results import search

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

SITE = "http://testserver"


def crawled(client) -> list[str]:
    """The addresses of all pages, out of the files of the map."""

    def locations(address: str) -> list[str]:
        content = client.get(address).content
        check_site_map(content)
        return [
            location.text.removeprefix(SITE)
            for location in ElementTree.fromstring(content).iterfind("{*}*/{*}loc")
        ]

    return [page for file in locations("/sitemap.xml") for page in locations(file)]


def test_pages_of_the_map_and_their_feeds_are_valid_for_programs(client):
    # Of the sources, which are alike and most of all, one in ten.
    pages = [
        page for n, page in enumerate(crawled(client)) if "/sources/" not in page or not n % 10
    ]
    feeds: dict[str, str] = {}
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        page = parse(response.content.decode())
        head = page.find("head")
        assert alternates(page)["canonical"] == f"{SITE}{address}"
        assert broken_anchors(page) == [], address
        for script in page.iter("script"):
            check_structured_data(json.loads(script.text))
        for link in head.iter("link"):
            if link.get("type") in {"application/atom+xml", "application/feed+json"}:
                feeds[link.get("href")] = link.get("type")
    # Of the site, and of each tag, audience and expert, in two forms and each language.
    kinds = {address.split("/")[2] for address in feeds}
    assert kinds == {"feed.atom", "feed.json", "trends", "tags", "audiences", "experts"}
    # All of the site; of the others, which are alike, one in three.
    for n, (address, kind) in enumerate(sorted(feeds.items())):
        if n % 3 and not re.fullmatch(r"/\w+/feed\.\w+", address):
            continue
        check = check_atom if kind == "application/atom+xml" else check_json_feed
        check(client.get(address).content, f"{SITE}{address}")


def texts(part) -> Iterator[str]:
    """Yield all texts of a JSON document, those of its parts included."""
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part.get("marked", part["text"])
        yield from (part[name] for name in ("publisher", "origin") if part.get(name))
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from texts(one)


def squashed(text: str) -> str:
    return re.sub(r"[\s*_#`|>-]", "", text)


def test_page_with_what_is_behind_its_lines_has_every_text_of_its_json(client):
    trends = [path.stem for path in (settings.BASE_DIR / "fixtures").glob("*-*.yaml")]
    for address in [f"/{language}/trends/{slug}" for language in ("en", "ja") for slug in trends]:
        shown = squashed(words(main(read(client, f"{address}/"))))
        for text in texts(client.get(f"{address}.json").json()):
            # Notes are numbers on the page, and keys in the text.
            for piece in re.split(r"\[\^[^\]]*\]|\n\n", text):
                assert squashed(piece) in shown, (address, piece)


def test_the_reference_trend_is_found():
    found = {
        query: [hit.trend.slug for hit in search(query, "en").hits]
        for query in ("訓練", "応用", "ＡＩ", "Altman", "application training")
    }
    reference = "application-over-training"
    assert [query for query, slugs in found.items() if reference not in slugs] == []
    assert found["応用"][0] == found["訓練"][0] == reference
    assert search("commodti", "en").suggestion == "commodity"


def test_fixtures_that_were_loaded_load_again_unchanged():
    before = snapshot()
    load(*settings.BASE_DIR.glob("fixtures/*.yaml"))
    assert snapshot() == before
