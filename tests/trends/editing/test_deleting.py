"""The page that asks before something is deleted."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.editing import make_editor
from tests.support.make import make_expert, make_mention, make_tag, make_trend
from tests.support.reading import main, read, words
from trends.models import Falsifier

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


def page_of(client, row) -> str:
    address = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/delete/"
    return words(main(read(client, address)))


def test_page_says_what_goes_and_what_stays(client):
    trend = make_trend(
        tags=["one"], drivers=3, implications=1, timeline=2, mentions=2, assessments=1
    )
    Falsifier.objects.create(trend=trend, text_en="Prices rise.")
    text = page_of(client, trend)
    gone = re.search("Deleted with it: (.*?)\\.", text)
    assert set(gone[1].split(", ")) == {
        "3 key drivers",
        "1 implication",
        "2 timeline entries",
        "1 assessment",
        "1 sign that would change our mind",
    }
    assert "These stay: 1 tag, 2 mentions." in text
    assert "It can be restored from the bin for 90 days" in text
    assert "Retire it instead" in text
    for internal in ("Search document", "relationship", "object ("):
        assert internal not in text
    client.post(f"/admin/trends/trend/{trend.pk}/delete/", {"post": "yes"})
    assert not type(trend).objects.exists()


def test_page_counts_in_japanese(client):
    client.cookies["django_language"] = "ja"
    text = page_of(client, make_trend(drivers=3, timeline=2))
    assert "背景にある要因3件" in text
    assert "タイムラインの項目2件" in text


def test_working_version_is_thrown_away_first(client):
    trend = make_trend()
    client.post(f"/admin/trends/trend/{trend.pk}/working-version/")
    assert "Working version of “Title of example-trend”" in page_of(client, trend)
    client.post(f"/admin/trends/trend/{trend.pk}/delete/", {"post": "yes"})
    assert type(trend).objects.exists()


def test_page_of_a_trend_that_is_used_offers_retirement_and_says_what_to_do(client):
    trend = make_trend()
    other = make_trend("other")
    other.successors.add(trend)
    text = page_of(client, trend)
    assert "Retire it instead" in text
    assert "open each of these, remove it from the field or part in brackets, and save" in text
    assert "Trend: Title of other (successors)" in text
    data = {"action": "delete_selected", "_selected_action": [trend.pk]}
    html = client.post("/admin/trends/trend/", data).content.decode()
    assert "Retire it instead" in html
    assert "open each of these" in html
    other.successors.clear()
    assert "open each of these" not in page_of(client, trend)


def test_draft_is_deleted_without_a_warning(client):
    assert "Retire it instead" not in page_of(client, make_trend(published=None))


@pytest.mark.parametrize("make", [make_expert, make_tag, make_mention])
def test_page_of_any_row_is_in_words(client, make):
    text = page_of(client, make())
    assert "Delete the" in text
    assert "Deleted with it" not in text
    assert "from the bin" in text


def test_selection_is_deleted_with_the_same_words(client):
    trends = [make_trend(f"trend-{n}", drivers=2) for n in range(2)]
    data = {"action": "delete_selected", "_selected_action": [trend.pk for trend in trends]}
    html = client.post("/admin/trends/trend/", data).content.decode()
    assert "Deleted with it: 4 key drivers." in html
    assert "Search document" not in html
    client.post("/admin/trends/trend/", {**data, "post": "yes"})
    assert not type(trends[0]).objects.exists()


def test_page_takes_the_same_queries_whatever_goes(client):
    counts = []
    for rows in (1, 6):
        trend = make_trend(f"trend-{rows}", drivers=rows, timeline=rows, mentions=rows)
        with CaptureQueriesContext(connection) as captured:
            page_of(client, trend)
        counts.append(len(captured))
    assert counts[0] == counts[1]
