"""The databases of the tests: each kind is made once a run, and copied where it is wanted.

To run the migrations or to load the shipped site takes seconds, a copy takes none.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from trends.queries.kept_lists.renewal import renew_lists

# Where the migrated database of SQLite is kept for the next runs: to make it takes longer than
# most of the tests that are run alone. Tests of processes have copies of it, on PostgreSQL too.
_KEPT = settings.BASE_DIR / "var" / "tests"


class Databases:
    """Makes the databases of a run, and gives each of its processes copies.

    The processes share a folder: in it are a lock, since one makes a database while the others
    wait for it, a file for each process, and one for each kind of database that is made.
    """

    def __init__(self, folder: Path, process: str) -> None:
        self._folder = folder
        self._process = process
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(folder / "test.sqlite3")

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Drop the databases, after the block of the last process, from which copies are made."""
        own = self._folder / f"{self._process}.process"
        with self._alone():
            own.touch()
        yield
        with self._alone():
            own.unlink()
            if not any(self._folder.glob("*.process")):
                for made in self._folder.glob("*.made"):
                    _drop(made.read_text())
                    made.unlink()

    @contextmanager
    def migrated(self) -> Iterator[None]:
        """Connect to a database with all tables, and with no rows but those of the migrations."""
        with self._copy(self._migrated):
            self._rows = _rows()
            yield

    def clear(self) -> None:
        """Leave the rows of the migrations alone in the database that a test has written to.

        To have Django make its permissions and groups again would take forty times as long.
        """
        try:
            _flush()
        except CommandError:  # a deadlock with a request that a browser sent as its test ended
            _flush()
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in self._rows.items():
                places = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
        renew_lists()  # triggers noted each row that was flushed

    @contextmanager
    def shipped(self) -> Iterator[None]:
        """Connect to a database with the shipped fixtures. No share cards are drawn for them."""
        with self._copy(self._shipped):
            yield

    def copy_migrated_file(self, to: Path) -> None:
        """Make an SQLite database with all tables, for a process of a test's own."""
        with self._alone():
            shutil.copyfile(kept_file(), to)

    @contextmanager
    def empty(self) -> Iterator[None]:
        """Connect to a database without tables, for tests of migrations."""
        original = connection.creation._get_test_db_name()
        with self._connected(_name(original, f"empty_{self._process}")):
            if connection.vendor != "sqlite":
                _execute_elsewhere("CREATE DATABASE", connection.settings_dict["NAME"])
            yield

    @contextmanager
    def _copy(self, original: Callable[[], str]) -> Iterator[None]:
        before = connection.settings_dict["NAME"]
        with self._alone():
            name = _copy(original(), self._process)
        _connect(before)
        with self._connected(name):
            yield

    @contextmanager
    def _connected(self, name: str) -> Iterator[None]:
        before = connection.settings_dict["NAME"]
        _connect(name)
        try:
            yield
        finally:
            _drop(name)
            _connect(before)

    def _migrated(self) -> str:
        def make() -> str:
            if connection.vendor != "sqlite":
                return connection.creation.create_test_db(0, autoclobber=True, serialize=False)
            name = connection.settings_dict["TEST"]["NAME"]
            shutil.copyfile(kept_file(), name)
            return name

        return self._made("migrated", make)

    def _shipped(self) -> str:
        from trends.formats.card_files import without_cards

        def make() -> str:
            name = _copy(self._migrated(), "shipped")
            _connect(name)
            with without_cards():
                call_command("loaddata", *settings.BASE_DIR.glob("fixtures/*.yaml"), verbosity=0)
            return name

        return self._made("shipped", make)

    def _made(self, kind: str, make: Callable[[], str]) -> str:
        """Return the name of a database; make it if no process of the run has yet."""
        made = self._folder / f"{kind}.made"
        if not made.exists():
            made.write_text(make())
        return made.read_text()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "databases.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def kept_file() -> Path:
    """Return the kept database of the code of today; make it where there is none.

    Of the processes that ask at once, one makes it, which takes ten seconds; the others wait.
    """
    kept = _KEPT / f"{_digest_of_the_code()}.sqlite3"
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("w") as lock, tempfile.TemporaryDirectory() as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = Path(folder) / "made.sqlite3"
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity=0"],
                cwd=settings.BASE_DIR,
                env={**os.environ, "DATABASE_URL": f"sqlite:///{made}"},
                check=True,
            )
            _keep(made, kept)
    return kept


def _flush() -> None:
    call_command(
        "flush",
        verbosity=0,
        interactive=False,
        reset_sequences=False,
        inhibit_post_migrate=True,
    )


def _digest_of_the_code() -> str:
    """Return a digest of all that the migrations are, import or run on."""
    files = [settings.BASE_DIR / "requirements.txt"]
    for package in ("quotes", "trends", "trendsite"):
        files += sorted((settings.BASE_DIR / package).rglob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(settings.BASE_DIR)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _keep(database: Path, kept: Path) -> None:
    """Keep a copy of a database in place of those of other code."""
    for earlier in _KEPT.glob("*.sqlite3"):
        earlier.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=_KEPT, delete=False) as file:
        file.write(database.read_bytes())
    Path(file.name).replace(kept)


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of the tables that have any, but for what triggers note of the others."""
    from trendsite.kept.triggers import CHANGES

    rows = {}
    with connection.cursor() as cursor:
        for table in set(connection.introspection.django_table_names()) - {CHANGES}:
            cursor.execute(f"SELECT * FROM {table}")
            if found := cursor.fetchall():
                rows[table] = found
    return rows


def _connect(name: str) -> None:
    # Of threads that connect later, too: they have the same settings.
    connection.close()
    connection.settings_dict["NAME"] = name
    # The keys of content types differ between databases.
    ContentType.objects.clear_cache()


def _name(original: str, suffix: str) -> str:
    """Return the name of a database that is made beside another one."""
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = original
    name = connection.creation.get_test_db_clone_settings(suffix)["NAME"]
    connection.settings_dict["NAME"] = before
    return str(name)


def _copy(original: str, suffix: str) -> str:
    """Copy a database, to which nobody may be connected; return the name of the copy."""
    _connect(original)
    connection.creation.clone_test_db(suffix, verbosity=0)
    return _name(original, suffix)


def _drop(name: str) -> None:
    """Drop a database, though the thread of a server may be connected to it."""
    connection.close()
    if connection.vendor == "sqlite":
        Path(name).unlink(missing_ok=True)
    else:
        _execute_elsewhere("DROP DATABASE IF EXISTS", name, "WITH (FORCE)")


def _execute_elsewhere(*parts: str) -> None:
    command, name, *options = parts
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(" ".join([command, connection.ops.quote_name(name), *options]))
