"""What all forms for programs have in common: headers, links, queries."""

import pytest

from tests.support.days import tomorrow
from tests.support.formats import as_json, as_markdown
from tests.support.make import (
    make_expert,
    make_trend,
)
from tests.support.reading import alternates, links, read
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db
# 1 the trend, 2-9 what hangs on it, 10 who cites what, 11 the sources, 12 the other trends to
# which it links: as for the page.
TREND_QUERIES = 12
# 1 how many, 2-3 the trends of the page, 4 their tags, 5 successors.
COLLECTION_QUERIES = 5
# Trends and retired trends, a language at a time.
LLMS_QUERIES = 2 * len(languages())
ADDRESSES = ["/en/trends/example-trend.json", "/en/trends/example-trend.md", "/api/trends.json"]


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


@pytest.mark.parametrize("size", [1, 8])
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


@pytest.mark.parametrize("size", [1, 8])
def test_lists_take_the_same_queries(client, django_assert_num_queries, size):
    make_expert()
    for n in range(size):
        make_trend(f"trend-{n}", tags=["strategy", "cost"], assessments=1)
    with django_assert_num_queries(COLLECTION_QUERIES):
        assert len(as_json(client, "/api/trends.json")["trends"]) == size
    with django_assert_num_queries(LLMS_QUERIES):
        assert client.get("/llms.txt").content.decode().count(".md)") == size * len(languages())
