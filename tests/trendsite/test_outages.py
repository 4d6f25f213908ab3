"""A database or a disk that fails: what readers and editors see, and that it heals."""

import errno
import json
import os
import runpy
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import Mock

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError, Error, OperationalError, connection, connections
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext
from PIL import Image

from quotes.models import Expert
from tests.support.editing import ADD_TREND, errors, filled, form_data, make_editor, send, trend_url
from tests.support.make import make_expert, make_trend
from tests.support.readers import Reader
from tests.support.reading import headings, parse, read
from trends.models import Trend
from trendsite.accounts.models import EditorSession
from trendsite.accounts.sessions import SessionStore
from trendsite.shared.outages import Outage, outage_of
from trendsite.shared.translated import languages

GONE = psycopg.OperationalError("connection refused")


@contextmanager
def gone():
    """Let every query of the block fail as where the server of the database is gone."""

    def fail(*args):
        raise OperationalError("connection refused") from GONE

    with connection.execute_wrapper(fail):
        yield


@contextmanager
def read_only():
    """Let the database itself refuse every write of the block."""
    refuse, take = {
        "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
        "postgresql": ("SET LOCAL transaction_read_only = on", "SELECT 1"),
    }[connection.vendor]

    def write(execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            context["cursor"].cursor.execute(refuse)
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(write):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(take)


@pytest.fixture(autouse=True)
def _errors_are_answered(client):
    client.raise_request_exception = False


# What counts as an outage


def sqlite_error(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (sqlite_error("SQLITE_BUSY"), Outage.BUSY),
        (sqlite_error("SQLITE_READONLY_DBMOVED"), Outage.READ_ONLY),
        (sqlite_error("SQLITE_FULL"), Outage.FULL),
        (sqlite_error("SQLITE_CANTOPEN"), Outage.GONE),
        (sqlite_error("SQLITE_IOERR_SHORT_READ"), Outage.GONE),
        (sqlite_error("SQLITE_ERROR"), None),  # as of a table that is missing
        (GONE, Outage.GONE),
        (psycopg.errors.AdminShutdown(), Outage.GONE),
        (psycopg.errors.DiskFull(), Outage.FULL),
        (psycopg.errors.LockNotAvailable(), Outage.BUSY),
        (psycopg.errors.ReadOnlySqlTransaction(), Outage.READ_ONLY),
        (psycopg.errors.UndefinedTable(), None),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.DataError("no such time zone"), None),
        (OSError(errno.ENOSPC, "No space left on device"), Outage.FULL),
        (OSError(errno.EROFS, "Read-only file system"), Outage.FILES),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory"), Outage.FILES),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (ValueError("a mistake"), None),
    ],
    ids=repr,
)
def test_fault_is_told_from_a_mistake(error, outage):
    assert outage_of(error) is outage
    outer = DatabaseError("of Django")
    outer.__cause__ = error
    assert outage_of(outer) is outage


# Readers


@pytest.mark.django_db
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("rest", ["", "trends/example-trend/", "search/?q=x", "forecasts/"])
def test_reader_is_asked_in_their_language_to_come_back(client, language, rest):
    with gone():
        response = client.get(f"/{language}/{rest}")
    page = parse(response.content.decode())
    assert response.status_code == 503
    assert int(response["Retry-After"]) <= 5
    assert response["Cache-Control"] == "no-store"
    assert page.get("lang") == language
    with translation.override(language):
        assert headings(page)[0] == gettext("Please try again")
    assert "refused" not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/ja/trends/example-trend.json", "application/json"),
        ("/api/trends.json", "application/json"),
        ("/ja/feed.json", "application/json"),
        ("/ja/trends/example-trend.md", "text/plain; charset=utf-8"),
        ("/ja/feed.atom", "text/plain; charset=utf-8"),
        ("/sitemap-trends.xml", "text/plain; charset=utf-8"),
        ("/llms.txt", "text/plain; charset=utf-8"),
    ],
)
def test_machine_is_answered_in_the_form_it_asked_for(client, address, kind):
    with gone():
        response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (503, kind)
    assert response["Retry-After"]
    text = response.content.decode().rstrip("\n")
    if kind == "application/json":
        text = json.loads(text)["error"]
    with translation.override("ja" if address.startswith("/ja/") else "en"):
        assert text == gettext(
            "This page cannot be shown for the moment. Please try again in a few seconds."
        )


@pytest.mark.django_db(transaction=True)  # PostgreSQL notes a table once a transaction
def test_kept_page_goes_on_while_the_database_is_gone_and_heals_with_it(monkeypatch):
    trend = make_trend(title_en="Before")
    reader = Reader()
    before = reader.get("/en/")
    monkeypatch.setattr(reader.front.store, "PAUSE", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr("trendsite.kept.triggers.total", fail_as_gone)
        with gone():
            assert reader.get("/en/").body == before.body
            other = reader.get("/ja/")
    assert (other.status, other.headers["Retry-After"]) == (503, "5")
    Trend.objects.update(title_en="After")
    assert "After" in reader.get("/en/").text
    assert reader.get("/ja/").status == 200
    assert trend.slug


@pytest.mark.django_db(transaction=True)  # PostgreSQL notes a table once a transaction
def test_page_that_can_no_longer_be_rendered_is_sent_as_it_was(monkeypatch):
    make_trend(title_en="Before")
    reader = Reader()
    monkeypatch.setattr(reader.front.store, "PAUSE", 0.0)
    before = reader.get("/en/")
    Trend.objects.update(title_en="After")
    with gone():  # but for the first question, whether anything changed
        assert reader.get("/en/").body == before.body
    assert "After" in reader.get("/en/").text


@pytest.mark.django_db
def test_database_that_is_gone_is_not_asked_by_each_request(monkeypatch):
    make_trend()
    reader = Reader()
    reader.get("/en/")
    asked = []

    def total(*args):
        asked.append(args)
        fail_as_gone()

    monkeypatch.setattr("trendsite.kept.triggers.total", total)
    assert {reader.get("/en/").status for n in range(5)} == {200}
    assert len(asked) == 1


def fail_as_gone(*args):
    raise DatabaseError("gone") from GONE


# Editors


@pytest.mark.django_db
@pytest.mark.parametrize("language", languages())
def test_editor_gets_the_form_back_with_what_was_typed(client, editor, language):
    client.cookies["django_language"] = language
    expert = make_expert()
    url = f"/admin/quotes/expert/{expert.pk}/change/"
    data = form_data(client, url)
    with read_only():
        response = send(client, url, data, role_en="Typed for an hour")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    with translation.override(language):
        assert errors(response)[""] == [
            gettext("%(outage)s Nothing was saved. Please save again in a few seconds.")
            % {"outage": Outage.READ_ONLY.label}
        ]
    assert 'value="Typed for an hour"' in response.content.decode()
    assert Expert.objects.get().role_en == "analyst"
    assert send(client, url, filled(response)).status_code == 302
    assert Expert.objects.get().role_en == "Typed for an hour"


@pytest.mark.django_db
def test_editor_gets_the_form_of_a_whole_trend_back(client, editor):
    trend = make_trend(drivers=2, timeline=2)
    data = form_data(client, trend_url(trend))
    with read_only():
        response = send(client, trend_url(trend), data, **{"drivers-1-heading_en": "Typed"})
    assert response.status_code == 503
    assert send(client, trend_url(trend), filled(response)).status_code == 302
    assert [driver.heading_en for driver in trend.drivers.all()][1] == "Typed"


@pytest.mark.django_db
def test_new_row_is_not_half_saved(client, editor):
    data = form_data(client, "/admin/quotes/expert/add/")
    changes = {"name_en": "New Expert", "slug": "new-expert"}
    with read_only():
        response = send(client, "/admin/quotes/expert/add/", data, **changes)
    assert response.status_code == 503
    assert not Expert.objects.exists()
    assert send(client, "/admin/quotes/expert/add/", filled(response)).status_code == 302
    assert Expert.objects.get().slug == "new-expert"


@pytest.mark.django_db
def test_form_comes_back_to_be_sent_again_where_nothing_can_be_read(editor):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(editor)
    token = client.get(ADD_TREND).cookies["csrftoken"].value
    typed = 'A driver that took "an hour" to <write>.'
    data = {"csrfmiddlewaretoken": token, "drivers-0-body_en": typed, "status": "growing"}
    with gone():
        response = client.post(ADD_TREND, data)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    [form] = parse(response.content.decode()).iter("form")
    assert (form.get("method"), form.get("action")) == ("post", ADD_TREND)
    sent = {field.get("name"): field.get("value") for field in form.iter("input")}
    sent |= {field.get("name"): field.text for field in form.iter("textarea")}
    sent = {name: (value or "").removeprefix("\n") for name, value in sent.items() if name}
    assert sent == data


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x" * 32])
def test_nothing_comes_back_of_a_form_from_elsewhere(token):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["sessionid"] = "s" * 32
    client.cookies["csrftoken"] = "a" * 32
    text = "a text of more than twenty letters"
    with gone():
        response = client.post(ADD_TREND, {"csrfmiddlewaretoken": token, "title_en": text})
    assert response.status_code in (403, 503)
    assert text not in response.content.decode()


@pytest.mark.django_db
def test_password_does_not_come_back(client):
    make_editor()
    with gone():
        response = client.post("/admin/login/", {"username": "editor", "password": "a-long-one"})
    assert response.status_code == 503
    assert "a-long-one" not in response.content.decode()


# A row that another connection holds


@contextmanager
def held(row):
    """Let another connection hold a row for the block, for which this one waits only shortly."""
    is_sqlite = connection.vendor == "sqlite"
    other = connection.copy()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100" if is_sqlite else "SET lock_timeout = 100")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
            cursor.execute(
                f"UPDATE {row._meta.db_table} SET {row._meta.pk.column} = {row._meta.pk.column} "
                f"WHERE {row._meta.pk.column} = %s",
                [row.pk],
            )
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()
        connection.close()  # with its short patience


@pytest.mark.django_db(transaction=True)
def test_row_that_is_held_for_long_is_told_and_saved_once_it_is_free(client, editor):
    expert = make_expert()
    url = f"/admin/quotes/expert/{expert.pk}/change/"
    data = form_data(client, url)
    with held(expert):
        response = send(client, url, data, role_en="Typed for an hour")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    [line] = errors(response)[""]
    assert line.startswith(str(Outage.BUSY.label))
    assert Expert.objects.get().role_en == "analyst"
    assert send(client, url, filled(response)).status_code == 302
    assert Expert.objects.get().role_en == "Typed for an hour"


@pytest.mark.django_db(transaction=True)
def test_page_is_shown_though_its_session_cannot_be_stored(client, editor):
    expert = make_expert()
    url = f"/admin/quotes/expert/{expert.pk}/change/"
    answer = send(client, url, form_data(client, url), role_en="Typed for an hour")
    with held(EditorSession.objects.get()):
        page = client.get(answer["Location"])  # shows the message, which leaves the session
    assert page.status_code == 200
    assert "was changed successfully" in page.content.decode()
    assert client.get(url).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_session_that_holds_a_login_is_not_lost_unseen():
    session = SessionStore()
    session.create()
    session["_auth_user_id"] = "7"
    with held(EditorSession.objects.get()), pytest.raises(Error) as raised:
        session.save()
    assert outage_of(raised.value) == Outage.BUSY


@pytest.mark.django_db
def test_session_that_was_ended_elsewhere_is_not_taken_for_one_that_could_not_be_stored():
    SessionStore().create()
    session = SessionStore(EditorSession.objects.get().pk)
    session["more"] = "text"
    EditorSession.objects.all().delete()
    with pytest.raises(UpdateError):
        session.save()


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor == "sqlite", reason="tests on SQLite wait for longer")
def test_database_waits_for_a_lock_for_some_seconds():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone()[0] == "10s"


# Files that may not be written


AS_ANOTHER_USER = """
import encodings.unicode_escape, json, os, sqlite3, sys
import django
django.setup()
from django.conf import settings
settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment
from tests.support.editing import errors, form_data, send
from tests.support.make import give_picture, make_expert, make_trend, make_video
setup_test_environment()
client = Client(raise_request_exception=False)
client.force_login(User.objects.create_superuser("editor"))
make_trend()
rows = [make_expert(), make_video()]
urls = [f"/admin/quotes/{row._meta.model_name}/{row.pk}/change/" for row in rows]
# As the other threads of a server do.
other = sqlite3.connect(connection.settings_dict["NAME"])
other.execute("SELECT * FROM quotes_expert").fetchall()

def round(name):
    connection.close()
    read = Client().get("/en/trends/example-trend/").status_code
    saved = send(client, urls[0], forms[0], role_en=name).status_code
    with open(name, "rb") as picture:
        uploaded = send(client, urls[1], forms[1], thumbnail=picture).status_code
    return [read, saved, uploaded]

for line in sys.stdin:
    if os.geteuid() != 65534:
        # Once before, so that nothing is left to import that the other user may not read.
        forms = [form_data(client, url) for url in urls]
        round(line.strip())
        forms = [form_data(client, url) for url in urls]
        if os.getuid() == 0:
            os.setegid(65534)
            os.seteuid(65534)
        print("ready", flush=True)
    else:
        found = round(line.strip())
        if 302 in found:
            forms = [form_data(client, url) for url in urls]
        print(json.dumps(found), flush=True)
"""


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the files of SQLite")
def test_files_without_permission_are_told_and_written_once_there_is_one(tmp_path):
    """By a user of whom permissions are asked, which they are not of root."""
    folder = Path(tempfile.mkdtemp())
    media, database = folder / "media", folder / "site.sqlite3"
    media.mkdir()
    pictures = [folder / f"{number}.png" for number in range(4)]
    for picture in pictures:
        Image.effect_noise((1280, 720), 50).save(picture)
    with (
        sqlite3.connect(connection.settings_dict["NAME"]) as empty,
        closing(sqlite3.connect(database)) as copy,
    ):
        empty.backup(copy)
    probe = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", AS_ANOTHER_USER],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": f"sqlite:///{database}",
            "MEDIA_ROOT": str(media),
            "DJANGO_SETTINGS_MODULE": "trendsite.settings",
            "LOG_LEVEL": "ERROR",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(number: int) -> str:
        probe.stdin.write(f"{pictures[number]}\n")
        probe.stdin.flush()
        return probe.stdout.readline().strip()

    def answers(number: int, of_database: int, of_media: int) -> list[int]:
        for path in folder.glob("site.sqlite3*"):
            path.chmod(of_database)
        for path in (folder, media, *media.iterdir()):
            path.chmod(of_media)
        return json.loads(ask(number))

    try:
        assert ask(0) == "ready"
        for path in (folder, *folder.rglob("*")):
            if os.getuid() == 0:
                os.chown(path, NOBODY, NOBODY)
        assert answers(1, 0o444, 0o755) == [200, 503, 503]
        assert answers(2, 0o644, 0o555)[2] == 503
        assert answers(3, 0o644, 0o755) == [200, 302, 302]
    finally:
        probe.stdin.close()
        probe.wait()
        shutil.rmtree(folder)


NOBODY = 65534


# The log


@pytest.mark.django_db
def test_probe_that_fails_is_logged_when_it_begins_and_when_it_ends(
    client, caplog, settings, monkeypatch
):
    client.get("/readyz")
    caplog.clear()
    settings.MIN_FREE_MEGABYTES = 500
    for megabytes in (400, 399, 398, 501, 500):
        usage = Mock(free=megabytes * 1024**2)
        monkeypatch.setattr("shutil.disk_usage", lambda path, usage=usage: usage)
        client.get("/readyz")
    lines = [(record.levelname, record.getMessage().split(": ")[0]) for record in caplog.records]
    assert lines == [("WARNING", "Not ready"), ("WARNING", "Is ready again")]


# Commands


@pytest.mark.parametrize(
    ("command", "url"),
    [
        (["set_up"], "postgres://a:b@127.0.0.1:1/c"),
        (["loaddata", "fixtures/experts.yaml"], "sqlite:////proc/none.sqlite3"),
        (["export_trends"], "postgres://a:b@127.0.0.1:1/c"),
    ],
)
def test_command_says_in_a_line_what_does_not_work(command, url):
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    [line] = done.stderr.splitlines()
    assert done.returncode == 1
    assert "The database does not answer at the moment." in line
    assert line.startswith(("trendsite: ", "CommandError: "))


def closed_by(error: OSError) -> DatabaseError:
    """Return the error of a query that was left by another one."""
    outer = DatabaseError("Cannot operate on a closed database.")
    outer.__context__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            closed_by(NotADirectoryError(errno.ENOTDIR, "Not a directory", "media/cards")),
            "trendsite: The folder of pictures cannot be written to at the moment. "
            "([Errno 20] Not a directory: 'media/cards')",
        ),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "/proc/x"),
            "trendsite: [Errno 2] No such file or directory: '/proc/x'",
        ),
        (
            OperationalError("no such table: trends_trend"),
            "trendsite: no such table: trends_trend; has manage.py set_up been run?",
        ),
    ],
    ids=["no folder", "no file", "no table"],
)
def test_command_says_in_a_line_which_file_or_table_is_missing(monkeypatch, error, line):
    def fail(arguments):
        raise error

    monkeypatch.setattr("django.core.management.execute_from_command_line", fail)
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    monkeypatch.setattr("sys.argv", ["manage.py", "draw_cards"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(settings.BASE_DIR / "manage.py"), run_name="__main__")
    assert ended.value.code == line
    monkeypatch.setattr("sys.argv", ["manage.py", "draw_cards", "--traceback"])
    with pytest.raises(type(error)):
        runpy.run_path(str(settings.BASE_DIR / "manage.py"), run_name="__main__")


INTERRUPTED = """
import os, runpy, signal, sys
import django.core.management

# A shell lets what runs in the background ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)

def work(arguments):
    try:
        os.kill(os.getpid(), int(arguments[1]))
    finally:
        print("put in order")

django.core.management.execute_from_command_line = work
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_that_is_interrupted_puts_things_in_order_and_says_so_in_a_line(number):
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(int(number))],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "put in order\n"
    assert done.stderr == "trendsite: interrupted\n"
    assert done.returncode == 128 + number


@pytest.mark.django_db
def test_page_of_readers_is_not_affected_by_a_fault_of_writing(client):
    make_trend()
    read(client, "/en/")  # lists it
    with read_only():
        read(client, "/en/trends/example-trend/")
    assert connections["default"].is_usable()
