"""Two editors who change one row: the later one is told, and loses nothing."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.forms import MultiWidget
from django.test.utils import CaptureQueriesContext

from tests.support.editing import add_row, errors, filled, form_data, make_editor, send, trend_url
from tests.support.make import (
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)

pytestmark = pytest.mark.django_db

# Of each kind that editors change: how to make one, and a text of it.
KINDS = {
    "trend": (make_trend, "subtitle_en"),
    "audience": (make_audience, "label_en"),
    "tag": (make_tag, "label_en"),
    "source": (make_source, "title"),
    "expert": (make_expert, "role_en"),
    "video": (make_video, "channel"),
    "mention": (make_mention, "occasion_en"),
}


@pytest.fixture(params=KINDS)
def row(request):
    return KINDS[request.param][0]()


@pytest.fixture
def name(row):
    return KINDS[row._meta.model_name][1]


@pytest.fixture
def url(client, row):
    client.force_login(make_editor())
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def test_each_field_of_a_form_has_one_input(client, url):
    """The merge of two forms knows no other fields."""
    page = client.get(url).context
    rows = (inline.formset.empty_form for inline in page["inline_admin_formsets"])
    fields = [field for form in (page["adminform"].form, *rows) for field in form.fields.values()]
    assert fields
    assert not [f.label for f in fields if f.disabled or isinstance(f.widget, MultiWidget)]


def test_second_editor_does_not_overwrite_the_first(client, row, name, url):
    for saves, query in enumerate(["", "?_popup=1"]):
        opened_by_both = form_data(client, url + query)
        first, second = f"From the first{query}", f"From the second{query}"
        assert send(client, url, opened_by_both, **{name: first}).status_code == 302
        response = send(client, url + query, opened_by_both, **{name: second})
        kind = row._meta.verbose_name
        assert f"editor saved this {kind} while you were editing it" in errors(response)[""][0]
        (clash,) = response.context["held"].clashes
        assert clash.anchor == f"id_{name}"
        sides = [
            "".join(piece.text for piece in side.pieces) for side in (clash.theirs, clash.mine)
        ]
        assert sides == [first, second]
        row.refresh_from_db()
        assert (getattr(row, name), row.version) == (first, 2 * saves + 1)
        # What stands in the form is what the editor chose.
        assert send(client, url + query, filled(response)).status_code in (200, 302)
        row.refresh_from_db()
        assert (getattr(row, name), row.version) == (second, 2 * saves + 2)


def test_each_save_is_judged_by_the_version_that_its_form_began_with(client, row, name, url):
    opened = form_data(client, url)
    # A save that changes nothing counts for nothing.
    assert send(client, url, opened).status_code == 302
    row.refresh_from_db()
    assert row.version == 0
    assert not LogEntry.objects.exists()
    # A form without its version is refused.
    without = {key: opened[key] for key in opened.keys() - {"version_seen", "began_with"}}
    assert "" in errors(send(client, url, without, **{name: "Mine"}))
    # Changes of two that do not collide are both saved.
    other = {"occasion_en": "occasion_ja", "title": "publisher", "channel": "title"}.get(
        name, name.replace("_en", "_ja")
    )
    assert send(client, url, opened, **{name: "From the first"}).status_code == 302
    response = client.post(url, {**opened, other: "二人目から"}, follow=True)
    row.refresh_from_db()
    assert (getattr(row, name), getattr(row, other)) == ("From the first", "二人目から")
    shown = [str(message) for message in response.context["messages"]]
    assert any("Both changes are saved" in text for text in shown)
    # One after the other is no conflict.
    response = send(client, url, form_data(client, url), **{name: "Later"})
    assert response.status_code == 302, errors(response)
    row.refresh_from_db()
    assert (getattr(row, name), row.version) == ("Later", 3)


def test_tag_of_a_mention_is_a_change_of_it(client):
    client.force_login(make_editor())
    mention = make_mention()
    mention.tagged.create(tag=make_tag("one"))
    url = f"/admin/quotes/mention/{mention.pk}/change/"
    first, second = form_data(client, url), form_data(client, url)
    assert send(client, url, first, **{"tagged-0-tag": make_tag("two").pk}).status_code == 302
    assert "" in errors(send(client, url, second, **{"tagged-0-tag": make_tag("three").pk}))
    assert [tag.slug for tag in mention.tags.all()] == ["two"]


def test_former_slugs_do_not_keep_two_from_being_merged(client):
    client.force_login(make_editor())
    tag = make_tag("opensource")
    url = f"/admin/trendsite/tag/{tag.pk}/change/"
    assert send(client, url, filled(client.get(url)), slug="open-source").status_code == 302
    data = filled(client.get(url))
    assert send(client, url, data, label_en="Open source").status_code == 302
    assert send(client, url, data, label_ja="オープンソース").status_code == 302
    tag.refresh_from_db()
    assert (tag.label_en, tag.label_ja) == ("Open source", "オープンソース")
    assert tag.former_names() == ["opensource"]


@pytest.fixture
def trend(client):
    client.force_login(make_editor())
    return make_trend(tags=["one"], drivers=3, timeline=2)


def merged(client, trend, first: dict, second: dict):
    """What comes of two who opened the form at once, each with changes of their own."""
    url = trend_url(trend)
    data = form_data(client, url)
    assert send(client, url, {**data, **first}).status_code == 302
    return send(client, url, {**data, **second})


def test_rows_of_two_are_merged_one_by_one(client, trend):
    two, three = make_tag("two"), make_tag("three")
    data = form_data(client, trend_url(trend))
    first, second = dict(data), dict(data)
    first |= {"drivers-0-body_en": "New body", "drivers-1-DELETE": "on"}
    second |= {"drivers-0-heading_en": "New heading", "timeline-1-DELETE": "on"}
    add_row(first, "tagged", tag=two.pk)
    add_row(second, "tagged", tag=three.pk)
    add_row(second, "tagged", tag=two.pk)
    add_row(second, "drivers", heading_en="Added")
    response = merged(client, trend, first, second)
    assert response.status_code == 302, errors(response)
    headings = [(row.heading_en, row.body_en) for row in trend.drivers.all()]
    assert headings == [("New heading", "New body"), ("Driver 2", headings[1][1]), ("Added", None)]
    assert {tag.slug for tag in trend.tags.all()} == {"one", "two", "three"}
    assert trend.timeline.count() == 1


def test_row_that_one_removed_and_the_other_changed_is_shown_first(client, trend):
    response = merged(
        client, trend, {"drivers-1-DELETE": "on"}, {"drivers-1-heading_en": "Still right"}
    )
    (clash,) = response.context["held"].clashes
    assert (clash.label, clash.anchor) == ("key driver “Still right”", "drivers-2")
    assert trend.drivers.count() == 2
    assert send(client, trend_url(trend), filled(response)).status_code == 302
    assert [row.heading_en for row in trend.drivers.all()] == [
        "Driver 0",
        "Still right",
        "Driver 2",
    ]


def test_row_that_one_changed_and_the_other_removed_stays_until_it_is_decided(client, trend):
    response = merged(
        client, trend, {"drivers-1-heading_en": "Still right"}, {"drivers-1-DELETE": "on"}
    )
    (clash,) = response.context["held"].clashes
    assert clash.anchor == "drivers-1"
    assert send(client, trend_url(trend), filled(response)).status_code == 302
    assert [row.heading_en for row in trend.drivers.all()] == [
        "Driver 0",
        "Still right",
        "Driver 2",
    ]


def test_order_of_one_and_texts_of_the_other_are_merged(client, trend):
    order = {"drivers-0-order": "3", "drivers-1-order": "1", "drivers-2-order": "2"}
    response = merged(client, trend, order, {"drivers-0-heading_en": "Last"})
    assert response.status_code == 302
    assert [row.heading_en for row in trend.drivers.all()] == ["Driver 1", "Driver 2", "Last"]


def test_two_orders_are_a_choice(client, trend):
    first = {"drivers-0-order": "3", "drivers-1-order": "1", "drivers-2-order": "2"}
    second = {"drivers-0-order": "2", "drivers-1-order": "3", "drivers-2-order": "1"}
    response = merged(client, trend, first, second)
    (clash,) = response.context["held"].clashes
    assert clash.theirs.pieces[0].text == "Driver 1, Driver 2, Driver 0"
    assert clash.mine.pieces[0].text == "Driver 2, Driver 0, Driver 1"


@pytest.mark.parametrize("forged", ["", "{}", "[1]", "[{}, {}]", '[{"title_en": 3}, {"x": 1}]'])
def test_forged_beginning_of_a_form_overwrites_nothing(client, trend, forged):
    url = trend_url(trend)
    data = form_data(client, url)
    assert send(client, url, data, subtitle_en="First").status_code == 302
    response = send(client, url, data, subtitle_en="Second", began_with=forged)
    assert "" in errors(response)
    trend.refresh_from_db()
    assert trend.subtitle_en == "First"


def test_merge_takes_the_same_queries_whatever_hangs_on_the_trend(client):
    client.force_login(make_editor())
    counts = []
    for rows in (1, 8):
        trend = make_trend(f"trend-{rows}", drivers=rows, timeline=rows, implications=rows)
        url = trend_url(trend)
        data = form_data(client, url)
        send(client, url, data, subtitle_en="First")
        with CaptureQueriesContext(connection) as captured:
            assert send(client, url, data, subtitle_ja="二人目").status_code == 302
        counts.append(len(captured))
    assert counts[0] == counts[1]
