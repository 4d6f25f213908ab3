"""Static files after an update of the code without `manage.py set_up`."""

import json
import os
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection
from django.test import Client

from trendsite.health import warn_unless_set_up
from trendsite.management.commands.set_up import Command
from trendsite.static_files import CollectedFilesStorage, uncollected


@pytest.fixture
def site(settings, tmp_path):
    """Two collected style sheets, and their folder."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("old.css", "more.css"):
        (source / name).write_text("p { color: red }")
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "trendsite.static_files.CollectedFilesStorage"},
    }
    call_command("collectstatic", verbosity=0, interactive=False)
    return source


def test_a_file_that_is_not_collected_is_addressed_by_its_name_and_served(site):
    (site / "new.css").write_text("p { color: tan }")
    storage = CollectedFilesStorage()
    assert storage.url("old.css").startswith("/static/old.")
    assert storage.url("old.css") != "/static/old.css"
    assert storage.url("new.css") == "/static/new.css"
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        storage.url("misspelt.css")
    served = Client().get("/static/new.css")  # WhiteNoise looks for files as it is made
    assert b"".join(served.streaming_content) == b"p { color: tan }"
    assert "immutable" not in served["Cache-Control"]


@pytest.mark.parametrize("change", ["new", "edited", "lost", "never collected"])
def test_what_is_not_collected_is_named(site, settings, change, client, db, caplog):
    assert list(uncollected()) == []
    match change:
        case "new":
            (site / "new.css").write_text("")
        case "edited":
            (site / "new.css").write_text("")
            call_command("collectstatic", verbosity=0, interactive=False)
            (site / "new.css").write_text("p { color: tan }")
            (settings.STATIC_ROOT / "new.css").touch()
        case "lost":
            (site / "new.css").write_text("")
            call_command("collectstatic", verbosity=0, interactive=False)
            (settings.STATIC_ROOT / "new.css").unlink()
        case "never collected":
            (site / "new.css").write_text("")
            (settings.STATIC_ROOT / "staticfiles.json").unlink()
    assert "new.css" in list(uncollected())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"static files: not collected: " in answer.content
    warn_unless_set_up()
    [line] = [r.getMessage() for r in caplog.records if "set_up" in r.getMessage()]
    assert line.startswith("Run manage.py set_up: not collected: ")
    Command()._collect_static()
    assert list(uncollected()) == []


def test_a_file_that_is_older_than_its_copy_is_collected_too(site, settings):
    (site / "old.css").write_text("p { color: tan }")
    os.utime(site / "old.css", (0, 0))
    Command()._collect_static()
    assert (settings.STATIC_ROOT / "old.css").read_text() == "p { color: tan }"


@pytest.mark.django_db(transaction=True)
def test_a_server_that_has_started_gives_its_connection_back():
    warn_unless_set_up()
    assert connection.connection is None


PROGRAM = """
import json, sys
from django.test import Client
from trendsite.wsgi import application
answers = {path: Client().get(path).status_code for path in sys.argv[1:]}
print(json.dumps(answers))
"""


def test_pages_are_shown_before_anything_is_collected_and_the_log_says_what_to_do(tmp_path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "trendsite.settings",
        "DEBUG": "False",
        "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
        "MEDIA_ROOT": str(tmp_path),
        "ALLOWED_HOSTS": "testserver",
    }
    sqlite3.connect(tmp_path / "site.sqlite3").execute("CREATE TABLE a (b)")
    code = f"from django.conf import settings; settings.STATIC_ROOT /= {str(tmp_path)[1:]!r}"
    done = subprocess.run(
        [sys.executable, "-c", code + PROGRAM, "/admin/login/", "/en/nothing/"],
        cwd=project.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout) == {"/admin/login/": 200, "/en/nothing/": 404}, done.stderr
    assert "Run manage.py set_up: not applied: " in done.stderr
    assert "; not collected: " in done.stderr
