"""When the store asks the database whether anything changed."""

import pytest
from django.db import DatabaseError

from tests.support.make import make_trend
from tests.support.readers import Reader
from trends.models import Trend
from trends.queries.kept_lists.renewal import renew_lists
from trendsite.kept import triggers


class Told:
    """A change listener that has heard of `heard` changes; None if it is not connected."""

    heard: int | None = 0

    def changes_heard(self) -> int | None:
        return self.heard


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The questions for the total, each one a letter."""
    found: list[str] = []
    total = triggers.total

    def count(connection):
        found.append("?")
        return total(connection)

    monkeypatch.setattr(triggers, "total", count)
    return found


@pytest.fixture
def reader() -> Reader:
    made = Reader()
    made.front.store.listener = Told()
    return made


@pytest.mark.django_db
def test_nobody_is_asked_while_nothing_is_heard(reader, asked):
    make_trend()
    renew_lists()
    reader.get("/en/")
    asked.clear()
    assert {reader.get("/en/").status for _ in range(5)} == {200}
    assert asked == []


@pytest.mark.django_db(transaction=True)  # PostgreSQL notes a table once a transaction
def test_change_that_is_heard_is_in_the_next_answer(reader, asked):
    make_trend(title_en="Before")
    renew_lists()
    reader.get("/en/")
    Trend.objects.update(title_en="After")
    assert "Before" in reader.get("/en/").text
    reader.front.store.listener.heard = 1
    assert "After" in reader.get("/en/").text
    asked.clear()
    reader.get("/en/")
    assert asked == []


@pytest.mark.django_db(transaction=True)
def test_each_request_asks_while_nobody_listens(reader, asked):
    make_trend(title_en="Before")
    reader.get("/en/")
    reader.front.store.listener.heard = None
    Trend.objects.update(title_en="After")
    assert "After" in reader.get("/en/").text
    asked.clear()
    for _ in range(3):
        reader.get("/en/")
    assert asked == ["?"] * 3


@pytest.mark.django_db
def test_one_thread_asks_a_database_that_is_gone_for_all(reader, monkeypatch):
    make_trend()
    store = reader.front.store
    reader.get("/en/")
    store.listener.heard = None
    asked, others = [], []

    def total(connection):
        asked.append("?")
        if len(asked) == 2:  # it is known to be gone, and a thread waits for its answer
            others.append(reader.get("/en/").status)
        raise DatabaseError("gone")

    monkeypatch.setattr(triggers, "total", total)
    monkeypatch.setattr(store, "PAUSE", 0.0)
    assert [reader.get("/en/").status for _ in range(2)] == [200, 200]
    assert (len(asked), others) == (2, [200])
