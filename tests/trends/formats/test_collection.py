"""The trends of a site as JSON, a page at a time."""

import json

import pytest

from tests.support.days import days_from_now
from tests.support.formats import as_json
from tests.support.make import (
    date,
    make_trend,
)
from trends.formats.collection import TRENDS_A_PAGE
from trends.models import Assessment
from trends.search.index import indexed_once

pytestmark = pytest.mark.django_db


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
