"""How many queries it takes to open and save a form, whatever stands in it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.editing import add_row, errors, form_data, make_editor, send, trend_url
from tests.support.make import make_source, make_tag, make_trend
from trends.models import Trend
from trends.queries.kept_lists.renewal import renew_lists
from trendsite.shared.models import Tag

# The index follows each save.
pytestmark = [pytest.mark.django_db, pytest.mark.searched]

# Seventeen of a save store a version, eleven list the trend anew, two find what it makes of
# translations, three store its words for the search, and one asks whether there is something to
# merge.
OPEN, SAVE, REFUSE = 19, 91, 32
ROW = 15


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


def trend_with(rows: int) -> Trend:
    kinds = ["drivers", "implications", "timeline", "mentions", "assessments", "reading"]
    trend = make_trend(
        f"trend-{rows}", tags=[f"tag-{n}" for n in range(rows)], **dict.fromkeys(kinds, rows)
    )
    trend.shift_sources.add(*[make_source(f"shift-{rows}-{n}") for n in range(rows)])
    trend.related.add(*[make_trend(f"related-{rows}-{n}") for n in range(rows)])
    return trend


def queries(client, method: str, url: str, data: dict | None = None, status: int = 200) -> list:
    renew_lists()  # a request would do so
    with CaptureQueriesContext(connection) as captured:
        response = getattr(client, method)(url, data)
    assert response.status_code == status, errors(response)
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("rows", [1, 5])
def test_form_of_a_trend_takes_the_same_queries_whatever_hangs_on_it(client, rows):
    url = trend_url(trend_with(rows))
    data = form_data(client, url)  # which also fills Django's cache of content types
    opened = queries(client, "get", url)
    assert len(opened) == OPEN, "\n".join(opened)
    refused = queries(client, "post", url, {**data, "since": "soon"})
    assert len(refused) <= REFUSE, "\n".join(refused)
    queries(client, "post", url, {**data, "subtitle_en": "First"}, status=302)
    data = form_data(client, url)
    saved = queries(client, "post", url, {**data, "subtitle_en": "Another"}, status=302)
    assert len(saved) <= SAVE, "\n".join(saved)


def test_each_changed_row_takes_a_few_queries_more(client):
    url = trend_url(trend_with(5))
    data = form_data(client, url)
    one = queries(client, "post", url, {**data, "implications-0-text_en": "New"}, status=302)
    data = form_data(client, url)
    changes = {f"implications-{n}-text_en": f"Newer {n}" for n in range(5)}
    five = queries(client, "post", url, {**data, **changes}, status=302)
    assert len(five) - len(one) <= 4 * ROW


def test_form_asks_the_database_no_rule_that_python_has_checked(client):
    url = trend_url(trend_with(2))
    data = form_data(client, url)
    changes = {"drivers-0-body_en": "New", "timeline-1-text_en": "New", "since": "2020"}
    saved = queries(client, "post", url, {**data, **changes}, status=302)
    assert not [sql for sql in saved if "_check" in sql]


@pytest.mark.parametrize("kind", ["trend", "expert", "source", "tag", "mention"])
def test_a_save_indexes_each_trend_once(client, kind):
    trend = make_trend(tags=["one"], drivers=2, mentions=1)
    mention = trend.mentions.get()
    row, name = {
        "trend": (trend, "subtitle_en"),
        "expert": (mention.expert, "name_en"),
        "source": (mention.source, "title"),
        "tag": (make_tag("one"), "label_en"),
        "mention": (mention, "occasion_en"),
    }[kind]
    url = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
    data = form_data(client, url)
    if kind in ("trend", "mention"):
        add_row(data, "tagged", tag=make_tag("two").pk)
        add_row(data, "tagged", tag=make_tag("three").pk)
    saved = queries(client, "post", url, {**data, name: "Another"}, status=302)
    # The first thing that the index asks of a trend.
    asked = [sql for sql in saved if 'FROM "trends_searchdocument" WHERE' in sql and "text" in sql]
    assert len(asked) == 1, "\n".join(saved)


def test_autocomplete_does_not_ask_what_is_complete(client):
    make_trend()
    url = "/admin/autocomplete/?app_label=trends&model_name=trend&field_name=related&term=title"
    found = queries(client, "get", url)
    assert "Title of example-trend" in client.get(url).content.decode()
    assert not [sql for sql in found if "complete_ja" in sql or "EXISTS" in sql]


def test_unchanged_row_counts_when_rows_are_compared(client):
    trend = make_trend(mentions=1)
    data = form_data(client, trend_url(trend))
    add_row(data, "trend_mentions", mention=trend.mentions.get().pk)
    response = send(client, trend_url(trend), data)
    assert errors(response)["trend_mentions"] == ["Please correct the duplicate data for mention."]


def test_two_tags_of_one_key_are_an_error_beside_the_field(client):
    make_tag("strategy")
    response = send(client, "/admin/trendsite/tag/add/", {"slug": "strategy", "label_en": "S"})
    assert list(errors(response)) == ["slug"]
    assert Tag.objects.count() == 1
