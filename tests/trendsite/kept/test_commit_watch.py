"""Whether a commit to a SQLite database is noticed without a query, in memory of SQLite's own."""

import os
import sqlite3
import subprocess
import sys

import pytest
from django.db import connection, connections

from tests.support.make import make_trend
from tests.support.readers import Reader
from trends.models import Trend
from trends.queries.kept_lists.renewal import renew_lists
from trendsite.kept import triggers
from trendsite.kept.commit_watch import CommitWatch
from trendsite.kept.triggers import CHANGES

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="a part of SQLite")

# Opens the database, writes and closes it, as a command does, once for each line of its input.
WRITER = f"""
import sqlite3, sys
for number, _line in enumerate(sys.stdin):
    site = sqlite3.connect(sys.argv[1])
    site.execute("UPDATE {CHANGES} SET number = ?", [number])
    site.commit()
    site.close()
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path, monkeypatch, django_db_blocker):
    """The file of a database that has nothing but the table of changes."""
    path = tmp_path / "site.sqlite3"
    make(path)
    settings = {**connection.settings_dict, "NAME": str(path)}
    monkeypatch.setitem(connections.settings, "default", settings)
    with django_db_blocker.unblock():
        yield path


def make(path, journal_mode="wal") -> None:
    with sqlite3.connect(path) as site:
        site.execute(f"PRAGMA journal_mode={journal_mode}")
        site.execute(f"CREATE TABLE {CHANGES} (table_name, number)")
        site.execute(f"INSERT INTO {CHANGES} VALUES ('a', 1)")
    site.close()


class TestCommits:
    def test_each_commit_of_another_process_is_noticed_and_nothing_else(self, path):
        watch = CommitWatch()
        seen = [watch.changes_heard()]
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            for _ in range(30):
                assert watch.changes_heard() == seen[-1]
                writer.stdin.write("write\n")
                writer.stdin.flush()
                writer.stdout.readline()
                assert watch.changes_heard() not in seen
                seen.append(watch.changes_heard())
        assert None not in seen

    def test_what_was_rolled_back_is_no_commit(self, path):
        watch = CommitWatch()
        before = watch.changes_heard()
        site = sqlite3.connect(path)
        site.execute(f"UPDATE {CHANGES} SET number = 2")
        assert watch.changes_heard() == before
        site.rollback()
        assert watch.changes_heard() == before

    def test_commits_after_the_log_was_emptied_are_noticed(self, path):
        watch = CommitWatch()
        site = sqlite3.connect(path, isolation_level=None)
        seen = []
        for number in range(5):
            site.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            site.execute(f"UPDATE {CHANGES} SET number = {number}")
            seen.append(watch.changes_heard())
        assert len(set(seen)) == 5

    def test_locks_of_sqlite_stay_where_watches_come_and_go(self, path):
        """To close a descriptor of the file would drop them: others then empty it while in use."""
        locks = 0
        for _ in range(3):
            watch = CommitWatch()
            watch.changes_heard()
            inode = os.stat(f"{path}-shm").st_ino
            with open("/proc/locks") as file:
                found = sum(f"{os.getpid()} " in line and f":{inode} " in line for line in file)
            assert found >= 1
            locks = locks or found
            assert found == locks


class TestFile:
    def test_another_file_in_its_place_is_a_change(self, path, monkeypatch):
        monkeypatch.setattr(CommitWatch, "LOOK", 0.0)
        watch = CommitWatch()
        before = watch.changes_heard()
        other = path.with_name("other.sqlite3")
        make(other)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink()
        other.rename(path)
        after = watch.changes_heard()
        assert after not in (before, None)
        with sqlite3.connect(path) as site:
            site.execute(f"UPDATE {CHANGES} SET number = 7")
        assert watch.changes_heard() not in (before, after, None)

    def test_nothing_is_known_of_a_file_that_is_not_there_until_it_is(self, path, monkeypatch):
        monkeypatch.setattr(CommitWatch, "LOOK", 0.0)
        watch = CommitWatch()
        assert watch.changes_heard() is not None
        path.rename(path.with_name("away.sqlite3"))
        connections.settings["default"]["NAME"] = f"{path.as_uri()}?mode=rw"
        assert watch.changes_heard() is None
        path.with_name("away.sqlite3").rename(path)
        assert watch.changes_heard() is not None

    def test_nothing_is_known_where_changes_are_not_logged(self, path):
        path.unlink()
        make(path, journal_mode="delete")
        connections.settings["default"]["OPTIONS"] = {}
        assert CommitWatch().changes_heard() is None


@pytest.mark.django_db(transaction=True)
class TestReaders:
    @pytest.fixture
    def asked(self, monkeypatch) -> list[str]:
        found: list[str] = []
        total = triggers.total
        monkeypatch.setattr(triggers, "total", lambda of: found.append("?") or total(of))
        return found

    def test_reader_of_a_kept_page_asks_nothing_and_gets_each_edit(self, asked):
        make_trend(title_en="Before")
        renew_lists()
        reader = Reader(listener=CommitWatch())
        reader.get("/en/")
        asked.clear()
        assert {reader.get("/en/").status for _ in range(5)} == {200}
        assert asked == []
        for number in range(3):
            Trend.objects.update(title_en=f"After {number}")
            assert f"After {number}" in reader.get("/en/").text

    def test_a_torn_header_is_asked_about(self, asked, monkeypatch):
        """A process that is killed while it writes the header leaves its copies different."""
        make_trend()
        watch = CommitWatch()
        reader = Reader(listener=watch)
        reader.get("/en/")
        asked.clear()
        torn = bytearray(watch._header[:])
        torn[48] ^= 1
        monkeypatch.setattr(watch, "_header", bytes(torn))
        reader.get("/en/")
        assert asked == ["?"]
