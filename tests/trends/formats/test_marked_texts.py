"""Texts that mark sources, as programs read them."""

import json

import pytest
from markdown_it import MarkdownIt

from tests.support.formats import as_json, as_markdown
from tests.support.marked import make_marked
from trends.models import Driver
from trends.search.models import SearchDocument
from trends.search.results import search

pytestmark = pytest.mark.django_db


def test_json_has_the_words_and_beside_them_the_words_with_marks(client):
    make_marked()
    found = as_json(client)
    [driver] = found["drivers"]
    assert driver["body"] == {
        "text": "Chips got **faster**.\n\nMuch.",
        "marked": "Chips got **faster**[^one].\n\nMuch[^two][^one].",
        "language": "en",
    }
    [point] = found["implications"][0]["points"]
    assert point["text"]["marked"] == "It falls 9-fold[^two]."
    assert found["assessments"][0]["rationale"]["text"] == "One survey and a report."
    assert found["shift"]["text"] == "Prices fell."


def test_json_resolves_a_mark_by_the_key_of_its_source(client):
    make_marked()
    found = as_json(client)
    assert {source["key"]: source["number"] for source in found["sources"]} == {"two": 1, "one": 2}
    assert found["drivers"][0]["sources"] == [2, 1]
    assert found["assessments"][0]["sources"] == [2, 1]


def test_json_of_a_text_without_marks_is_as_before(client):
    trend = make_marked(shift="Prices fell.")
    assert as_json(client)["shift"] == {"text": "Prices fell.", "language": "en"}
    assert trend.shift_sources.count() == 1


def test_markdown_has_real_footnotes(client):
    make_marked()
    text = as_markdown(client)
    assert "Chips got **faster**[^2].\n\nMuch[^1][^2].\n" in text
    assert "- **Wait.** It falls 9-fold[^1].\n" in text
    assert "— One survey[^2] and a report. [^1]\n" in text
    assert "[^1]: [Title of two](https://example.org/two) · Example Press\n[^2]: " in text
    assert "[^one]" not in text


def test_markdown_of_a_mark_in_code_is_untouched(client):
    trend = make_marked()
    Driver.objects.filter(trend=trend).update(body_en="The class `[^one]` and a claim[^one].")
    assert "The class `[^one]` and a claim[^2].\n" in as_markdown(client)


@pytest.mark.parametrize("form", ["atom", "json"])
@pytest.mark.parametrize("address", ["/en/feed", "/en/trends/example-trend/feed"])
def test_feeds_have_the_words_alone(client, address, form):
    make_marked()
    text = client.get(f"{address}.{form}").content.decode()
    assert "Prices fell." in text
    assert "[^" not in text
    assert "mark" not in text


def test_structured_data_and_descriptions_have_the_words_alone(client):
    make_marked()
    page = client.get("/en/trends/example-trend/").content.decode()
    head, _body, data = (
        page.partition("<body")[0],
        None,
        page.partition("ld+json")[2].partition("</script>")[0],
    )
    assert "[^" not in head + data
    assert len(json.loads(data.partition(">")[2])["@graph"][0]["citation"]) == 2


@pytest.mark.searched
def test_search_knows_neither_marks_nor_the_keys_in_them():
    make_marked()
    texts = SearchDocument.objects.values_list("text", flat=True)
    assert "Chips\nChips got faster.\n\nMuch." in texts
    assert "One survey and a report." in texts
    assert not any("[^" in text for text in texts)
    [hit] = search("fell", "en").hits
    assert "".join(part.text for part in hit.passages[0].parts) == "Prices fell."


def test_the_html_of_the_markdown_has_every_mark(client):
    make_marked()
    html = MarkdownIt("commonmark").render(as_markdown(client))
    assert html.count("[^2]") >= 4
