"""A replica that does not answer, with a file of SQLite in its place."""

import sqlite3

import pytest
from django.db import connections

from trendsite.kept.replica import ALIAS, Replica
from trendsite.kept.triggers import CHANGES


@pytest.fixture
def file(tmp_path, monkeypatch, django_db_blocker):
    """Where the replica is, which is not there yet."""
    path = tmp_path / "replica" / "site.sqlite3"
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {}}
    settings = {**connections["default"].settings_dict, **engine}
    monkeypatch.setitem(connections.settings, ALIAS, settings)
    with django_db_blocker.unblock():
        yield path
        connections[ALIAS].close()
    del connections[ALIAS]


def test_a_replica_that_failed_is_let_alone_for_some_seconds(file):
    failed = Replica()
    assert not failed.answers()
    file.parent.mkdir()
    with sqlite3.connect(file) as replica:
        replica.execute(f"CREATE TABLE {CHANGES} (table_name, number, is_pending)")
    assert Replica().answers()
    assert not failed.answers()
