"""Processes that write are killed: twice here, a hundred by `make kills`."""

import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="by `make kills POSTGRES=…`"),
]


def test_what_is_killed_leaves_the_old_or_the_new(tmp_path):
    migrated = tmp_path / "migrated.sqlite3"
    name = connection.settings_dict["NAME"]
    with sqlite3.connect(name) as empty, sqlite3.connect(migrated) as copy:
        empty.backup(copy)
    command = ["-W", "ignore", "-m", "bench.kills", "--kills", "2", "--migrated", migrated]
    done = subprocess.run(
        [sys.executable, *command, "--only", "save", "publication"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("2 kills, 0 faults\n")
