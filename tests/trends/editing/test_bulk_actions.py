"""What the list does to selected trends: shown first, then done to those that do not refuse."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.editing import make_editor, make_staff
from tests.support.loading import snapshot
from tests.support.make import make_tag, make_trend
from trends.editing.bulk_actions import Publish, Retag, Submit
from trends.editing.publishing.publication import begin, discard, publish
from trends.models import Preparation, Trend
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Origin, Provenance

pytestmark = pytest.mark.django_db

BY_HAND = Provenance(Origin.ADMIN)
LIST = "/admin/trends/trend/"
PAST_WARNINGS = {"reason": "As agreed"}


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


def show(client, action, *trends, **data):
    """The page on which an action says what it will do, having written nothing."""
    before = snapshot()
    selected = {"action": action, "_selected_action": [trend.pk for trend in trends]}
    response = client.post(LIST, {**selected, **data})
    assert response.status_code == 200
    assert snapshot() == before
    return response


def foreseen(response) -> tuple[dict[str, str], dict[str, str]]:
    """What a page says will happen, and what is refused, by slug."""
    context = response.context
    return (
        {item.trend.slug: item.effect for item in context["accepted"]},
        {item.trend.slug: item.refused for item in context["refused"]},
    )


def act(client, action, *trends, **data):
    """Agree to what an action will do; return the messages."""
    selected = {"action": action, "_selected_action": [trend.pk for trend in trends]}
    response = client.post(LIST, {**selected, "_do": "on", **data}, follow=True)
    return [str(message) for message in response.context["messages"]]


def test_drafts_and_scheduled_trends_are_published_today(client):
    today = timezone.localdate()
    draft = make_trend("draft", published=None)
    scheduled = make_trend("scheduled", published=today + datetime.timedelta(days=5))
    accepted, refused = foreseen(show(client, "publish_selected", draft, scheduled))
    assert accepted == dict.fromkeys(["draft", "scheduled"], "Readers see it from today on.")
    assert refused == {}
    done = act(client, "publish_selected", draft, scheduled, **PAST_WARNINGS)
    assert done == ["Publish: done with 2 trends."]
    assert set(Trend.objects.values_list("published", "version")) == {(today, 1)}
    assert client.get(draft.get_absolute_url()).status_code == 200
    entry = LogEntry.objects.filter(object_id=draft.pk).get()
    assert entry.get_change_message() == "Changed Published."


def test_what_is_published_stays_as_it_is(client):
    trend, draft = make_trend("one"), make_trend("two", published=None)
    message = "This trend is already published."
    assert foreseen(show(client, "publish_selected", trend, draft))[1] == {"one": message}
    assert act(client, "publish_selected", trend, draft, **PAST_WARNINGS) == [
        "Publish: done with 1 trend.",
        f"Title of one: {message}",
    ]
    before, trend = trend, Trend.objects.get(pk=trend.pk)
    assert (trend.published, trend.version) == (before.published, 0)


def test_a_working_version_is_brought_to_readers(client):
    trend = make_trend()
    working = begin(trend, None)
    Trend.everything.filter(pk=working.pk).update(subtitle_en="Better")
    accepted, _refused = foreseen(show(client, "publish_selected", trend))
    assert accepted == {"example-trend": "Readers see what its working version holds."}
    act(client, "publish_selected", trend, **PAST_WARNINGS)
    assert Trend.everything.get().subtitle_en == "Better"


def test_warnings_are_shown_and_need_a_reason_which_the_version_keeps(client):
    trend = make_trend(published=None, drivers=1, shift_en="In 2025, 17%.", shift_ja="変化。")
    page = show(client, "publish_selected", trend)
    assert page.context["accepted"][0].warnings
    page = show(client, "publish_selected", trend, _do="on")
    assert page.context["form"].errors == {
        "reason": ["There are warnings: enter why it is published anyway."]
    }
    act(client, "publish_selected", trend, **PAST_WARNINGS)
    assert Revision.objects.of(Trend, [trend.pk]).first().note == "As agreed"


def test_published_trends_are_retired_today(client):
    trend = make_trend()
    accepted, _refused = foreseen(show(client, "retire_selected", trend))
    assert accepted == {
        "example-trend": "Keeps its page, which says from today on that it is retired."
    }
    assert act(client, "retire_selected", trend) == ["Retire: done with 1 trend."]
    trend.refresh_from_db()
    assert (trend.retired, trend.version) == (timezone.localdate(), 1)


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ({"published": None}, "Only a published trend can be retired."),
        ({"published": 5}, "This is before its publication date."),
        ({"published": -5, "retired": -2}, "This trend is already retired."),
    ],
    ids=["draft", "scheduled", "retired"],
)
def test_what_cannot_be_retired_says_why(client, days, message):
    today = timezone.localdate()
    values = {name: days and today + datetime.timedelta(days=days) for name, days in days.items()}
    trend = make_trend(**values)
    assert foreseen(show(client, "retire_selected", trend)) == ({}, {"example-trend": message})
    assert act(client, "retire_selected", trend) == [f"Title of example-trend: {message}"]
    before, trend = trend, Trend.objects.get(pk=trend.pk)
    assert (trend.retired, trend.version) == (before.retired, 0)


def test_who_may_only_look_has_no_such_actions(client):
    client.force_login(make_staff("view_trend"))
    trend = make_trend(published=None)
    for action in ("submit", "publish", "retag", "retire"):
        data = {"action": f"{action}_selected", "_selected_action": [trend.pk], "_do": "on"}
        client.post(LIST, {**data, **PAST_WARNINGS})
    trend.refresh_from_db()
    assert (trend.published, trend.version) == (None, 0)
    assert not Preparation.objects.exists()


def test_drafts_and_working_versions_are_submitted_for_review(client):
    draft, published = make_trend("draft", published=None), make_trend("published")
    other = make_trend("other")
    working = begin(other, None)
    accepted, refused = foreseen(show(client, "submit_selected", draft, published, other))
    assert accepted == dict.fromkeys(["draft", "other"], "Goes into review: English, 日本語.")
    assert refused == {"published": "It is public as it is: nothing is waiting for review."}
    act(client, "submit_selected", draft, published, other, note="Please look")
    waiting = {row.trend_id: row for row in Preparation.objects.filter(in_review=["en", "ja"])}
    assert set(waiting) == {draft.pk, working.pk}
    assert {row.note for row in waiting.values()} == {"Please look"}
    assert foreseen(show(client, "submit_selected", draft))[1] == {
        "draft": "It is already in review."
    }


def test_tags_are_added_after_the_others_and_removed(client):
    one = make_trend("one", tags=["strategy", "cost"])
    two = make_trend("two", tags=["policy"])
    three = make_trend("three", tags=["policy", "cost"])
    chosen = {"add": [make_tag("policy").pk], "remove": [make_tag("strategy").pk]}
    first = show(client, "retag_selected", one, two, three)
    assert first.context["outcomes"] is None
    accepted, refused = foreseen(
        show(client, "retag_selected", one, two, three, _show="on", **chosen)
    )
    assert accepted == {"one": "Added: policy. Removed: strategy."}
    assert set(refused) == {"two", "three"}
    act(client, "retag_selected", one, two, three, **chosen)
    tags = {trend.slug: [str(t.tag) for t in trend.tagged.all()] for trend in Trend.objects.all()}
    assert tags == {"one": ["cost", "policy"], "two": ["policy"], "three": ["policy", "cost"]}
    assert [r.action for r in Revision.objects.of(Trend, [one.pk])] == ["changed", "found"]
    assert not Revision.objects.of(Trend, [two.pk]).exists()


def test_tags_have_to_be_chosen_and_not_twice(client):
    trend, tag = make_trend(), make_tag("policy")
    page = show(client, "retag_selected", trend, _show="on")
    assert page.context["form"].errors == {"add": ["Choose a tag to add or to remove."]}
    page = show(client, "retag_selected", trend, _do="on", add=[tag.pk], remove=[tag.pk])
    assert page.context["form"].errors == {"remove": ["A tag cannot be added and removed."]}


def test_a_writer_changes_tags_of_drafts_alone(client):
    client.force_login(make_staff("view_trend", "change_trend"))
    draft, published = make_trend("draft", published=None), make_trend("published")
    chosen = {"add": [make_tag("policy").pk], "_show": "on"}
    accepted, refused = foreseen(show(client, "retag_selected", draft, published, **chosen))
    assert accepted == {"draft": "Added: policy."}
    assert refused == {"published": "You may not change what readers see."}
    act(client, "retag_selected", draft, published, add=chosen["add"])
    assert published.tagged.count() == 0
    assert draft.tagged.count() == 1


def test_what_changed_after_it_was_shown_is_refused_then(client):
    trend = make_trend()
    show(client, "retire_selected", trend)
    Trend.objects.update(retired=timezone.localdate())
    assert act(client, "retire_selected", trend) == [
        "Title of example-trend: This trend is already retired."
    ]


def test_what_is_published_while_others_are_worked_on_is_judged_as_it_is_then():
    draft, published = make_trend("draft", published=None), make_trend("published")
    working = begin(published, None)
    read_before = list(Trend.objects.select_related("working_version").order_by("slug"))
    publish(draft, BY_HAND)
    discard(working)
    for action, values, message in (
        (Submit, {"note": ""}, "It is public as it is: nothing is waiting for review."),
        (Publish, {"reason": ""}, "This trend is already published."),
        (Retag, {"add": [make_tag("cost")], "remove": []}, "You may not change what readers see."),
    ):
        before = snapshot()
        done = action(BY_HAND, values, may_publish=False).done(read_before, log=print)
        assert [outcome.refused for outcome in done] == [message, message]
        assert snapshot() == before
    assert not Preparation.objects.filter(trend=draft).exists()


@pytest.mark.parametrize(
    ("action", "values", "field"),
    [
        ("submit_selected", {"note": "x" * 1001}, "note"),
        ("publish_selected", {"reason": "x" * 201}, "reason"),
    ],
)
def test_a_note_that_is_too_long_is_told_on_the_page_with_its_button(client, action, values, field):
    trend = make_trend(published=None)
    page = show(client, action, trend, _do="on", **values)
    assert list(page.context["form"].errors) == [field]
    assert [item.trend for item in page.context["accepted"]] == [trend]
    text = page.content.decode()
    assert values[field] in text
    assert 'name="_do"' in text


def test_what_was_agreed_to_is_not_tried_again(client):
    trends = [make_trend(slug, published=None) for slug in ("one", "two")]
    with CaptureQueriesContext(connection) as queries:
        assert act(client, "publish_selected", *trends, **PAST_WARNINGS) == [
            "Publish: done with 2 trends."
        ]
    assert not [query for query in queries if query["sql"].startswith("ROLLBACK")]


def test_selected_trends_that_are_gone_are_told(client):
    trends = [make_trend("one"), make_trend("two"), make_trend("three")]
    Trend.objects.filter(slug="one").delete()
    page = show(client, "retire_selected", *trends)
    assert [str(message) for message in page.context["messages"]] == [
        "1 selected trend is not in this list any more: somebody changed or deleted it."
    ]
    assert [item.trend.slug for item in page.context["accepted"]] == ["three", "two"]
    Trend.objects.all().delete()
    assert act(client, "retire_selected", *trends[1:]) == [
        "2 selected trends are not in this list any more: somebody changed or deleted them."
    ]


@pytest.mark.parametrize("value", ["x", "9" * 20])
def test_a_tag_that_is_none_is_refused_beside_its_field(client, value):
    page = show(client, "retag_selected", make_trend(), _do="on", add=value, remove=value)
    assert list(page.context["form"].errors) == ["add", "remove"]


def test_no_more_are_taken_at_once_than_are_shown_in_some_seconds(client, monkeypatch):
    monkeypatch.setattr("trends.editing.bulk_admin._MOST", 1)
    trends = [make_trend("one"), make_trend("two")]
    assert act(client, "retire_selected", *trends) == [
        "Select at most 1 trends at once; these are 2."
    ]
    assert not Trend.objects.filter(retired__isnull=False).exists()


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("publish_selected", {}),
        ("submit_selected", {}),
        ("retire_selected", {}),
        ("retag_selected", {"_show": "on"}),
    ],
)
def test_what_will_happen_takes_the_same_queries_for_any_number_of_trends(client, action, data):
    """The texts of twenty are fetched at once: of six drafts, six trends and what waits of them."""
    if action == "retag_selected":
        data["add"] = [make_tag("policy").pk]
    link = "See [the first](/en/trends/first/)."
    make_trend("first")
    counts = []
    for numbers in (range(1), range(1, 7)):
        trends = [make_trend(f"draft-{n}", published=None, shift_en=link) for n in numbers]
        trends += [make_trend(f"trend-{n}", drivers=1, shift_en=link) for n in numbers]
        for trend in trends[len(numbers) :]:
            begin(trend, None)
        selected = {"action": action, "_selected_action": [trend.pk for trend in trends]}
        client.post(LIST, {**selected, **data})  # what is learned once
        with CaptureQueriesContext(connection) as queries:
            response = client.post(LIST, {**selected, **data})
        assert len(response.context["outcomes"]) == len(trends)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 60


def test_a_working_version_that_collides_is_foreseen(client):
    trend = make_trend()
    working = begin(trend, None)
    Trend.everything.filter(pk=working.pk).update(subtitle_en="Better")
    Trend.everything.filter(pk=trend.pk).update(subtitle_en="Otherwise")
    refused = foreseen(show(client, "publish_selected", trend))[1]
    assert refused == {
        "example-trend": (
            "The published trend was changed at the same places meanwhile: choose what holds."
        )
    }
    assert act(client, "publish_selected", trend, **PAST_WARNINGS) == [
        f"Title of example-trend: {refused['example-trend']}"
    ]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no locks of rows")
def test_a_working_version_is_locked_before_its_trend():
    trend = make_trend()
    begin(trend, None)
    with CaptureQueriesContext(connection) as queries:
        Publish(BY_HAND, PAST_WARNINGS, may_publish=True).done([trend], log=print)
    locks = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert f'"trends_trend"."working_of_id" = {trend.pk}' in locks[0]
    assert f'"trends_trend"."id" = {trend.pk}' in locks[1]
