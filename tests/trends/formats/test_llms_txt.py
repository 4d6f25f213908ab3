"""The list of trends for language models."""

import re

import pytest

from tests.support.days import today
from tests.support.make import (
    make_trend,
)
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db


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
