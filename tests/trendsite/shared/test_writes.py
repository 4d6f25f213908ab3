"""The function for all writes: what it records, and what follows a write."""

import logging
from contextlib import contextmanager

import pytest

from quotes.models import Expert
from tests.support.editing import form_data, make_editor, send, trend_url
from tests.support.make import make_expert, make_trend
from trends.models import Trend
from trendsite.shared import writes as shared_writes
from trendsite.shared.writes import Action, Origin, Provenance, delete, writing, written

pytestmark = pytest.mark.django_db

FILE = Provenance(Origin.FILE, note="experts.yaml")


@pytest.fixture
def writes():
    """The writes that passed, in their order."""
    heard = []

    def hear(write, **kwargs):
        heard.append(write)

    written.connect(hear)
    yield heard
    written.disconnect(hear)


def changes(write):
    return [(str(change.action), str(change.row), change.pk) for change in write.changes]


def test_form_is_one_write_with_who_and_from_where(client, writes):
    editor = make_editor()
    client.force_login(editor)
    trend = make_trend(drivers=2)
    send(
        client,
        trend_url(trend),
        form_data(client, trend_url(trend)),
        title_en="Renamed",
        **{"drivers-0-body_en": "Other", "drivers-1-DELETE": "on"},
    )
    (write,) = writes
    assert changes(write) == [("changed", "Renamed", trend.pk)]
    assert write.provenance == Provenance(Origin.ADMIN, editor)


def test_form_that_changes_nothing_is_no_write(client, writes):
    client.force_login(make_editor())
    trend = make_trend(drivers=2)
    send(client, trend_url(trend), form_data(client, trend_url(trend)))
    assert writes == []


@pytest.mark.parametrize("by", ["page", "list"])
def test_deleting_is_a_write(client, writes, by):
    client.force_login(make_editor())
    expert = make_expert()
    if by == "page":
        client.post(f"/admin/quotes/expert/{expert.pk}/delete/", {"post": "yes"})
    else:
        action = {"action": "delete_selected", "_selected_action": [expert.pk], "post": "yes"}
        client.post("/admin/quotes/expert/", action)
    (write,) = writes
    assert changes(write) == [("deleted", "Mina Example", expert.pk)]


def test_several_rows_are_one_write_and_one_transaction(writes):
    experts = [make_expert("a", name_en="A"), make_expert("b", name_en="B")]
    delete(experts, FILE)
    (write,) = writes
    assert [(action, row) for action, row, _pk in changes(write)] == [
        ("deleted", "A"),
        ("deleted", "B"),
    ]


def test_a_listener_that_fails_undoes_the_write():
    def refuse(write, **kwargs):
        raise RuntimeError("no room for the revision")

    expert = make_expert()
    written.connect(refuse)
    try:
        with pytest.raises(RuntimeError, match="no room"):
            delete([expert], FILE)
    finally:
        written.disconnect(refuse)
    assert Expert.objects.filter(slug=expert.slug).exists()


def test_what_was_written_is_logged_once_it_is_certain(caplog, django_capture_on_commit_callbacks):
    caplog.set_level(logging.INFO, logger="trendsite.shared.writes")
    with django_capture_on_commit_callbacks(execute=True):
        with writing(Provenance(Origin.ADMIN, make_editor())) as write:
            trend = make_trend()
            write.record(Action.ADDED, trend)
        assert caplog.messages == []
    assert caplog.messages == [f"trends.trend added {trend.pk} (admin, editor)"]


def test_a_write_that_records_nothing_is_told_to_nobody(writes):
    with writing(FILE):
        make_trend()
    assert writes == []
    assert Trend.objects.exists()


def test_writes_within_a_write_are_surrounded_with_it_once(monkeypatch):
    seen = []

    @contextmanager
    def surrounding():
        seen.append("begins")
        yield
        seen.append("ends")

    monkeypatch.setattr(shared_writes, "_surroundings", [surrounding])
    with writing(FILE):
        with writing(FILE):
            seen.append("within")
        with pytest.raises(ValueError, match="refused"), writing(FILE):
            raise ValueError("refused")
    with writing(FILE):
        pass
    assert seen == ["begins", "within", "ends", "begins", "ends"]
