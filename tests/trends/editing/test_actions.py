"""Publishing and retiring from the list."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.utils import timezone

from tests.support.editing import make_editor, make_staff
from tests.support.make import make_trend
from trends.models import Trend

pytestmark = pytest.mark.django_db

LIST = "/admin/trends/trend/"


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


def act(client, action, *trends):
    data = {"action": action, "_selected_action": [trend.pk for trend in trends]}
    response = client.post(LIST, data)
    assert response.status_code == 302
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_drafts_and_scheduled_trends_are_published_today(client):
    today = timezone.localdate()
    draft = make_trend("draft", published=None)
    scheduled = make_trend("scheduled", published=today + datetime.timedelta(days=5))
    assert act(client, "publish_today", draft, scheduled) == ["2 trends were published."]
    assert set(Trend.objects.values_list("published", "version")) == {(today, 1)}
    assert client.get(draft.get_absolute_url()).status_code == 200
    entry = LogEntry.objects.filter(object_id=draft.pk).get()
    assert entry.get_change_message() == "Changed Published."


def test_what_is_published_stays_as_it_is(client):
    trend, draft = make_trend("one"), make_trend("two", published=None)
    assert act(client, "publish_today", trend, draft) == [
        "Title of one: This trend is already published.",
        "1 trend was published.",
    ]
    before, trend = trend, Trend.objects.get(pk=trend.pk)
    assert (trend.published, trend.version) == (before.published, 0)


def test_published_trends_are_retired_today(client):
    trend = make_trend()
    assert act(client, "retire_today", trend) == ["1 trend was retired."]
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
    assert act(client, "retire_today", trend) == [f"Title of example-trend: {message}"]
    before, trend = trend, Trend.objects.get(pk=trend.pk)
    assert (trend.retired, trend.version) == (before.retired, 0)


def test_who_may_only_look_has_no_such_actions(client):
    client.force_login(make_staff("view_trend"))
    trend = make_trend(published=None)
    client.post(LIST, {"action": "publish_today", "_selected_action": [trend.pk]})
    trend.refresh_from_db()
    assert trend.published is None
