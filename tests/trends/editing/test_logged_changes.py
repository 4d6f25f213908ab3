"""Each change in the admin is stored together with its entry in Django's log, or not at all."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError

from tests.support.editing import form_data, trend_url
from tests.support.loading import snapshot
from tests.support.make import date, make_tag, make_trend
from trends.models import TimelineEntry
from trendsite.shared.revisions.models import Revision

pytestmark = pytest.mark.django_db

TRENDS = "/admin/trends/trend/"


def form(client):
    url = trend_url(make_trend())
    return url, form_data(client, url) | {"title_en": "Another title"}


def restored_version(client):
    url, data = form(client)
    client.post(url, data)
    first = Revision.objects.earliest("pk")
    return f"{TRENDS}{first.object_id}/history/restore/", {"version": first.pk, "path": ""}


def publication(client):
    draft = make_trend(published=None)
    return f"{TRENDS}{draft.pk}/publishing/", {
        "action": "publish",
        "languages": ["en", "ja"],
        "reason": "As agreed",
    }


def bulk_action(client):
    selected = {"action": "retire_selected", "_selected_action": [make_trend().pk]}
    return TRENDS, {**selected, "_do": "on"}


def outcome(client):
    TimelineEntry.objects.create(
        trend=make_trend(), kind="forecast", outcome="pending", text_en="So.", date=date("2021")
    )
    url = f"{TRENDS}forecasts-due/"
    formset = client.get(url).context["formset"]
    fields = [field for part in (formset.management_form, *formset.forms) for field in part]
    sent = {field.html_name: str(field.value() or "") for field in fields}
    return url, sent | {"form-0-outcome": "missed", "form-0-note_en": "No."}


def merged_rows(client):
    kept, gone = make_tag("kept"), make_tag("gone")
    return f"/admin/trendsite/tag/{kept.pk}/merge/{gone.pk}/", {}


@pytest.mark.parametrize(
    "change", [form, restored_version, publication, bulk_action, outcome, merged_rows]
)
def test_nothing_is_changed_where_the_entry_cannot_be_stored(client, editor, monkeypatch, change):
    url, data = change(client)
    before, entries = snapshot(), LogEntry.objects.count()
    with monkeypatch.context() as patch:

        def fail(*args, **kwargs):
            raise DatabaseError("no space left on the device")

        patch.setattr(LogEntry, "save", fail)
        with pytest.raises(DatabaseError):
            client.post(url, data)
    assert snapshot() == before
    assert client.post(url, data).status_code == 302
    assert snapshot() != before
    assert LogEntry.objects.count() == entries + 1
