"""A load of many files is many short transactions, and yet all or nothing."""

import io
import os
import re
import signal
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.utils import timezone

from quotes.models import Expert, Mention, Source
from tests.support.loading import (
    VOCABULARY,
    WHOLE,
    changed,
    export_to,
    load,
    load_texts,
    write,
)
from trends.fixture_format import loading
from trends.fixture_format.trend_writer import TrendWriter
from trends.fixture_format.undoing import ALIVE, undo, undo_interrupted
from trends.models import LoadStep, Trend, UnlistedChange
from trendsite.shared.revisions.models import Revision, digest_of
from trendsite.shared.writes import Action, Origin, Provenance, writing

pytestmark = [pytest.mark.django_db(transaction=True)]

PAUSE = loading._PAUSE


def numbered(name: str, *, title: str = "Whole", related: str = "") -> str:
    """A trend that shares its sources and its mentions with the others."""
    text = changed(
        WHOLE, ("trend: whole", f"trend: {name}"), ("title: {en: Whole", f"title: {{en: {title}")
    )
    return text + (f"    related: [{related}]\n" if related else "")


@pytest.fixture(autouse=True)
def _a_trend_at_a_time(monkeypatch):
    monkeypatch.setattr(loading, "_FIRST_TRENDS", 1)
    monkeypatch.setattr(loading, "_MOST_TRENDS", 1)
    monkeypatch.setattr(loading, "_PAUSE", 0)


def failing_after(monkeypatch, trends: int, error: BaseException) -> None:
    """Let the next load fail when it has written so many trends."""

    def told(self, done, total):
        if done >= trends and self._what == "Writing":
            monkeypatch.setattr("trendsite.shared.progress.Progress.tell", lambda *args: None)
            raise error

    monkeypatch.setattr("trendsite.shared.progress.Progress.tell", told)


def content(folder) -> dict[str, object]:
    """All that a load writes, apart from primary keys of parts and numbers of changes."""
    for path in folder.glob("export/*"):
        path.unlink()
    return {
        "files": export_to(folder / "export"),
        "versions": list(
            Revision.objects.order_by("pk").values_list("object_id", "action", "origin", "digest")
        ),
        "trends": list(Trend.objects.order_by("pk").values_list("pk", "slug", "updated_at")),
        "evidence": [
            set(model.objects.values_list("key", flat=True)) for model in (Mention, Source)
        ],
    }


def test_trends_that_link_to_later_ones_have_one_version_with_the_links(tmp_path):
    load_texts(
        tmp_path,
        vocabulary=VOCABULARY,
        a=numbered("a", related="c"),
        b=numbered("b", related="a"),
        c=numbered("c"),
    )
    links = Trend.related.through.objects.values_list("from_trend__slug", "to_trend__slug")
    assert set(links) == {("a", "c"), ("b", "a")}
    exported = export_to(tmp_path / "export")
    for trend in Trend.objects.all():
        [version] = Revision.objects.of(Trend, [trend.pk])
        assert ("related:" in version.text) == (trend.slug != "c")
        assert version.text.encode() == exported[f"{trend.slug}.yaml"]
        assert version.digest == digest_of(version.text)
    assert not LoadStep.objects.exists()


def test_load_that_fails_halfway_leaves_rows_and_versions_as_they_were(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=numbered("a"), b=numbered("b"))
    before = content(tmp_path)
    paths = write(
        tmp_path,
        vocabulary=changed(VOCABULARY, ("Mina Example", "Mina Renamed"))
        + "      new: {name: {en: N}}\n",
        a=numbered("a", title="Changed"),
        b=numbered("b", title="Changed too"),
        c=numbered("c", related="a"),
        d=numbered("d"),
    )
    failing_after(monkeypatch, 3, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        load(*paths)
    assert content(tmp_path) == before
    assert not LoadStep.objects.exists()


def test_row_that_the_database_refuses_is_told_with_file_and_line(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=numbered("a"))
    find_row = TrendWriter._write_trend_row

    def find_row_too_late(writer):
        """Write a row with a slug that another row has, as one that was added meanwhile."""
        if writer._document.trend.slug == "c":
            writer._document.trend.slug = "a"
            writer._document.trend.save()
        return find_row(writer)

    monkeypatch.setattr(TrendWriter, "_write_trend_row", find_row_too_late)
    paths = write(tmp_path, a=numbered("a"), b=numbered("b"), c=numbered("c"))
    with pytest.raises(CommandError) as refused:
        load(*paths)
    heading, line = str(refused.value).splitlines()
    assert heading == "Nothing was loaded."
    assert re.search(r"c\.yaml:1: the database refuses a row of it: .*slug", line)
    assert list(Trend.objects.values_list("slug", flat=True)) == ["a"]


def test_load_that_fails_leaves_lists_kept(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=numbered("a"))
    paths = write(tmp_path, a=numbered("a", title="Changed"), b=numbered("b"))
    failing_after(monkeypatch, 1, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        load(*paths)
    assert Trend.objects.get().title_en == "Whole"
    assert not UnlistedChange.objects.exists()


def test_interrupted_load_is_undone_by_the_next_which_says_so(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=numbered("a"))
    before = content(tmp_path)
    paths = write(tmp_path, a=numbered("a", title="Changed"), b=numbered("b"), c=numbered("c"))
    monkeypatch.setattr(loading, "undo", lambda load: [])  # as if it had been killed
    failing_after(monkeypatch, 2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        load(*paths)
    assert Trend.objects.filter(slug="b").exists()
    with pytest.raises(CommandError, match="is running, or was interrupted; try again at"):
        load(paths[0])
    LoadStep.objects.update(stored_at=timezone.now() - ALIVE)
    [path] = write(tmp_path, vocabulary=VOCABULARY)
    told = io.StringIO()
    call_command("loaddata", path, stderr=told, verbosity=0)
    assert told.getvalue() == "The load of a.yaml, b.yaml, c.yaml was interrupted; it is undone.\n"
    assert content(tmp_path) == before


def test_what_an_editor_changed_since_stays(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=numbered("a"))
    paths = write(tmp_path, a=numbered("a", title="Changed"), b=numbered("b"), c=numbered("c"))
    monkeypatch.setattr(loading, "undo", lambda load: [])
    failing_after(monkeypatch, 2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        load(*paths)
    trend = Trend.objects.get(slug="a")
    with writing(Provenance(Origin.ADMIN)) as by_editor:
        trend.subtitle_en = "Of an editor."
        trend.save()
        by_editor.record(Action.CHANGED, trend)
    assert undo(LoadStep.objects.first().load) == [
        "“Changed” was changed since, and stays as it is."
    ]
    assert set(Trend.objects.values_list("slug", "title_en")) == {("a", "Changed")}


def test_load_that_fails_says_what_an_editor_changed_since(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=numbered("a"))
    paths = write(tmp_path, a=numbered("a", title="Changed"), b=numbered("b"), c=numbered("c"))

    def told(self, done, total):
        if done == 2 and self._what == "Writing":
            with writing(Provenance(Origin.ADMIN)) as by_editor:
                trend = Trend.objects.get(slug="a")
                trend.subtitle_en = "Of an editor."
                trend.save()
                by_editor.record(Action.CHANGED, trend)
            raise OperationalError("The disk is full.")

    monkeypatch.setattr("trendsite.shared.progress.Progress.tell", told)
    said = io.StringIO()
    with pytest.raises(CommandError, match="The disk is full"):
        call_command("loaddata", *paths, stderr=said, verbosity=0)
    assert said.getvalue() == "“Changed” was changed since, and stays as it is.\n"
    assert set(Trend.objects.values_list("slug", "title_en")) == {("a", "Changed")}


class DeadlockError(Exception):
    sqlstate = "40P01"


def fail_at_commit(monkeypatch, *failures):
    """Let the commits of a load fail in turn, and then succeed; return the failures to come."""
    commit, to_come = connection._commit, list(failures)

    def commit_after_failures():
        if to_come and LoadStep.objects.exists():
            raise to_come.pop(0)
        return commit()

    monkeypatch.setattr(connection, "_commit", commit_after_failures)
    return to_come


@pytest.mark.parametrize("is_deadlock", [True, False])
def test_transaction_that_ends_in_a_deadlock_or_a_collision_is_tried_again(
    tmp_path, monkeypatch, is_deadlock
):
    """PostgreSQL checks foreign keys when a transaction is committed, and locks what they name."""
    failure = IntegrityError("violates foreign key constraint")
    if is_deadlock:
        failure = OperationalError("deadlock detected")
        failure.__cause__ = DeadlockError()
    load_texts(tmp_path, vocabulary=VOCABULARY)
    paths = write(tmp_path, a=numbered("a"), b=numbered("b"))
    to_come = fail_at_commit(monkeypatch, failure)
    load(*paths)
    assert not to_come
    assert set(Trend.objects.values_list("slug", flat=True)) == {"a", "b"}


def test_load_that_each_commit_refuses_says_so_in_a_line(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY)
    paths = write(tmp_path, a=numbered("a"), b=numbered("b"))
    failure = IntegrityError("violates foreign key constraint\nDETAIL:  Key (tag_id)=(7)")
    fail_at_commit(monkeypatch, *[failure] * 4)
    with pytest.raises(CommandError) as refused:
        load(*paths)
    assert str(refused.value) == (
        "Nothing was loaded: somebody saved or deleted meanwhile what the files refer to. Load "
        "them again. (violates foreign key constraint DETAIL: Key (tag_id)=(7))"
    )
    assert not Trend.objects.exists()


def test_links_that_an_editor_made_during_a_load_stay(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY, other=numbered("other"))
    paths = write(tmp_path, a=numbered("a", related="b"), b=numbered("b"))

    def told(self, done, total):
        if done == 1 and self._what == "Writing":
            with writing(Provenance(Origin.ADMIN)) as by_editor:
                trend = Trend.objects.get(slug="a")
                trend.related.set([Trend.objects.get(slug="other")])
                by_editor.record(Action.CHANGED, trend)

    monkeypatch.setattr("trendsite.shared.progress.Progress.tell", told)
    said = io.StringIO()
    call_command("loaddata", *paths, stdout=io.StringIO(), stderr=said)
    assert said.getvalue() == "“Whole” was changed since, and stays as it is.\n"
    assert [trend.slug for trend in Trend.objects.get(slug="a").related.all()] == ["other"]
    last = Revision.objects.of(Trend, [Trend.objects.get(slug="a").pk]).first()
    assert (last.origin, "related: [other]" in last.text) == (Origin.ADMIN, True)


def test_what_an_editor_saves_during_a_load_is_not_overwritten_and_undoes_it(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=numbered("a"), b=numbered("b"))
    paths = write(tmp_path, a=numbered("a", title="Changed"), b=numbered("b", title="Changed"))

    def told(self, done, total):
        if done == 1 and self._what == "Writing":
            trend = Trend.objects.get(slug="b")
            with writing(Provenance(Origin.ADMIN)) as by_editor:
                trend.subtitle_en = "Of an editor."
                trend.save()
                by_editor.record(Action.CHANGED, trend)

    monkeypatch.setattr("trendsite.shared.progress.Progress.tell", told)
    with pytest.raises(CommandError, match="Of an editor") as refused:
        load(*paths)
    assert str(refused.value).startswith("Nothing was loaded.")
    titles = Trend.objects.order_by("slug").values_list("title_en", "subtitle_en")
    assert list(titles) == [("Whole", "All parts"), ("Whole", "Of an editor.")]


def test_others_save_while_a_load_runs(tmp_path, monkeypatch):
    """Between the transactions of a load, a save waits no longer than the database lets it."""
    monkeypatch.setattr(loading, "_PAUSE", PAUSE)
    load_texts(tmp_path, vocabulary=VOCABULARY)
    paths = write(tmp_path, **{f"t{number}": numbered(f"t{number}") for number in range(20)})
    failed: list[BaseException] = []

    def load_them():
        try:
            load(*paths)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    loader = threading.Thread(target=load_them)
    loader.start()
    saved_during = 0
    while loader.is_alive():
        with transaction.atomic():
            expert = Expert.objects.select_for_update(no_key=True).get(slug="ken-example")
            expert.role_en = f"Saved {saved_during}"
            expert.save()
        saved_during += LoadStep.objects.exists()
        time.sleep(0.01)
    loader.join()
    assert failed == []
    assert saved_during
    assert Trend.objects.count() == len(paths)


def killed(paths, statement: int) -> bool:
    """Load in a process that kills itself, which nothing can catch, before a statement."""
    connections.close_all()
    process = os.fork()
    if process == 0:
        count = 0

        def run(execute, *args):
            nonlocal count
            count += 1
            if count == statement:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*args)

        try:
            with connection.execute_wrapper(run):
                load(*paths)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


def test_load_that_is_killed_at_any_moment_is_undone_or_whole(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=numbered("a"), b=numbered("b"))
    old = content(tmp_path)
    paths = write(
        tmp_path,
        a=numbered("a", title="Changed", related="d"),
        b=changed(numbered("b"), ("Because of one.", "Because of another.")),
        c=numbered("c"),
        d=numbered("d", related="a"),
    )
    statement, were_halfway = 70, 0
    while killed(paths, statement):
        were_halfway += LoadStep.objects.exists()
        LoadStep.objects.update(stored_at=timezone.now() - ALIVE)
        list(undo_interrupted())
        assert content(tmp_path) == old, f"killed before statement {statement}"
        statement += 90
    assert were_halfway > 1
    assert {trend.slug for trend in Trend.objects.all()} == {"a", "b", "c", "d"}
    assert not LoadStep.objects.exists()


def test_undoing_that_is_killed_goes_on(tmp_path, monkeypatch):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=numbered("a"))
    old = content(tmp_path)
    paths = write(tmp_path, a=numbered("a", title="Changed"), b=numbered("b"), c=numbered("c"))
    monkeypatch.setattr(loading, "undo", lambda load: [])
    failing_after(monkeypatch, 2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        load(*paths)
    [load_id] = set(LoadStep.objects.values_list("load", flat=True))

    def stop(execute, sql, *args):
        if sql.startswith("DELETE") and "loadstep" in sql:
            raise KeyboardInterrupt
        return execute(sql, *args)

    with pytest.raises(KeyboardInterrupt), connection.execute_wrapper(stop):
        undo(load_id)
    assert undo(load_id) == []
    assert content(tmp_path) == old
