"""Two who publish one working version or draft at the same moment: it is published once."""

import datetime

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from tests.support.clock import let_pass
from tests.support.connections import at_once
from tests.support.editing import make_editor
from tests.support.make import make_trend
from trends.editing.publishing.publication import begin, schedule
from trends.editing.publishing.schedule import publish_due
from trends.models import Preparation, Trend
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Action

pytestmark = pytest.mark.django_db(transaction=True)


def working_version(slug="example-trend") -> Trend:
    working = begin(make_trend(slug, drivers=1), None)
    Trend.everything.filter(pk=working.pk).update(title_en="From now on")
    return working


def button(name, trend, action):
    """Return what presses a button of the page of a working version, and the answer's status."""
    client = Client(raise_request_exception=False)
    client.force_login(make_editor(name))
    url = f"/admin/trends/trend/{trend.pk}/publishing/"
    data = {"action": action, "languages": ["en", "ja"], "reason": "As agreed", "waive": ["shift"]}
    return lambda: client.post(url, data).status_code


def assert_published_once(trend_pk):
    trend = Trend.objects.get(pk=trend_pk)
    assert trend.title_en == "From now on"
    assert trend.drivers.count() == 1
    assert not Trend.everything.filter(working_of=trend).exists()
    assert not Preparation.objects.exists()
    versions = Revision.objects.of(Trend, [trend_pk]).filter(action=Action.PUBLISHED)
    assert versions.count() == 1


def test_two_processes_publish_what_is_due_once(monkeypatch):
    in_an_hour = timezone.now() + datetime.timedelta(hours=1)
    draft = make_trend("draft", published=None, title_en="From now on", drivers=1)
    working = working_version()
    schedule(draft, in_an_hour, None)
    schedule(working, in_an_hour, None)
    let_pass(monkeypatch, minutes=61)
    assert sum(at_once(publish_due, publish_due)) == 2
    assert_published_once(working.working_of_id)
    assert_published_once(draft.pk)


def test_two_editors_publish_once_and_the_later_one_is_told():
    for n in range(2):
        working = working_version(f"trend-{n}")
        answers = at_once(
            button(f"one-{n}", working, "publish"), button(f"other-{n}", working, "publish")
        )
        assert answers == [302, 302]
        assert_published_once(working.working_of_id)


@pytest.mark.parametrize("action", ["schedule", "submit", "waive", "unschedule", "discard"])
def test_whatever_else_an_editor_does_meanwhile(action):
    working = working_version()
    answers = at_once(button("one", working, "publish"), button("other", working, action))
    assert set(answers) <= {200, 302}
    if action != "discard":
        assert_published_once(working.working_of_id)
    assert not Trend.everything.filter(working_of__isnull=False).exists()
    assert not Preparation.objects.exists()


def test_page_of_what_is_gone_says_so(client):
    client.force_login(make_editor())
    working = working_version()
    url = f"/admin/trends/trend/{working.pk}/publishing/"
    client.post(url, {"action": "publish", "languages": ["en", "ja"], "reason": "As agreed"})
    for response in (client.get(url), client.post(url, {"action": "publish"})):
        assert response["Location"] == "/admin/trends/trend/"
        shown = [str(message) for message in get_messages(response.wsgi_request)]
        assert shown[-1] == "It is no longer here: somebody published it, or threw it away."
