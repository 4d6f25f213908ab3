"""The site of `bench.kills`: it is reset before each kill, and checked afterwards."""

import datetime
import io
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import TextField
from django.db.models.functions import Cast
from PIL import Image

from bench.killed_writes import Operation, fill
from trends.fixture_format import undoing
from trends.formats.orphan_files import named_files
from trends.models import Trend
from trends.search.models import SearchDocument, TrendWords
from trendsite.backups.tables import backed_up_models

State = dict[str, str]
"""The export of each trend by slug, and counts of rows and of versions, as texts."""


class KilledSite:
    """A small site, which is reset before each kill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.media = Path(settings.MEDIA_ROOT)
        self._database = settings.DATABASES["default"]

    # The database and the files

    def make(self) -> None:
        """Make the site and a copy of it."""
        if self._is_postgresql:
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}")
        call_command("migrate", verbosity=0)
        fill(self.folder)
        self._disconnect()
        if self._is_postgresql:
            self._execute("DROP DATABASE IF EXISTS {}_copy", "ALTER DATABASE {} RENAME TO {}_copy")
        else:
            shutil.copy(self.file, f"{self.file}.copy")
        shutil.copytree(self.media, self.folder / "media.copy")

    def reset(self) -> None:
        """Restore the copy."""
        self._disconnect()
        if self._is_postgresql:
            self._execute(
                "DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {} TEMPLATE {}_copy"
            )
        else:
            for ending in ("", "-wal", "-shm"):
                Path(f"{self.file}{ending}").unlink(missing_ok=True)
            shutil.copy(f"{self.file}.copy", self.file)
        shutil.rmtree(self.media, ignore_errors=True)
        shutil.copytree(self.folder / "media.copy", self.media)

    def close(self) -> None:
        """Drop the databases on the server."""
        self._disconnect()
        if self._is_postgresql:
            self._execute(
                "DROP DATABASE IF EXISTS {} WITH (FORCE)", "DROP DATABASE IF EXISTS {}_copy"
            )

    @property
    def _is_postgresql(self) -> bool:
        return connection.vendor == "postgresql"

    @property
    def file(self) -> str:
        return str(self._database["NAME"])

    def _disconnect(self) -> None:
        connections.close_all()

    def _execute(self, *statements: str) -> None:
        with connection._nodb_cursor() as cursor:
            for statement in statements:
                cursor.execute(statement.replace("{}", "trendsite_kills"))

    # Operations

    def do(self, operation: Operation, moment: float | None) -> float:
        """Run an operation in a process, kill it after `moment` seconds; return its duration."""
        self._disconnect()
        begun, begins = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._be_killed(operation, begins)
        os.close(begins)
        os.read(begun, 1)
        os.close(begun)
        start = time.perf_counter()
        if moment is not None:
            while time.perf_counter() - start < moment and not _is_over(pid):
                time.sleep(0.0005)
            os.kill(pid, signal.SIGKILL)
        _pid, status = os.waitpid(pid, 0)
        seconds = time.perf_counter() - start
        if moment is None and status:
            raise SystemExit("the operation failed; see above")
        self._wait_for_server()
        return seconds

    def _be_killed(self, operation: Operation, begins: int) -> None:
        status = 1
        try:
            operation(self.folder, lambda: _tell(begins))
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _wait_for_server(self) -> None:
        """Wait until the server has closed the connection of the killed process."""
        if not self._is_postgresql:
            return
        others = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        for _try in range(3000):
            with connection.cursor() as cursor:
                cursor.execute(others)
                if cursor.fetchone() is None:
                    return
            time.sleep(0.01)
        raise SystemExit("a session of the killed process is still there after 30 s")

    def undo(self) -> int:
        """Undo a load of several transactions that was killed; return the number of loads."""
        # Else it waits until it is sure that the load is not running any more.
        undoing.ALIVE = datetime.timedelta(0)
        return sum("interrupted" in line for line in undoing.undo_interrupted())

    # Checks

    def state(self) -> State:
        """Return all texts as files, and the number of rows of each table of content."""
        found: State = {}
        for trend in Trend.everything.order_by("pk"):
            if trend.working_of_id is None:
                out = io.StringIO()
                call_command("export_trends", trend.slug, stdout=out, stderr=io.StringIO())
                found[trend.slug] = out.getvalue()
        left_out = {"trends.trend", SearchDocument._meta.label_lower}
        counts = {
            model._meta.label_lower: model._base_manager.count()
            for model in backed_up_models()
            if model._meta.label_lower not in left_out and model._meta.app_label != "accounts"
        }
        versions = counts.pop("trendsite.revision")
        # A text without its version, or the reverse, would be half a write.
        found["rows"] = repr(counts)
        found["versions"] = str(versions)
        return found

    def faults(self) -> list[str]:
        """Return what is wrong with the database."""
        faults = []
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA integrity_check")
                if (answer := cursor.fetchone()[0]) != "ok":
                    faults.append(f"integrity_check: {answer}")
        connection.check_constraints()
        saved = _index()
        call_command("rebuild_search", verbosity=0)
        if _index() != saved:
            faults.append("the search index is not that of a rebuild")
        return faults

    def heal(self) -> int:
        """Run the commands for the time after a crash; return the number of files deleted."""
        call_command("draw_cards", verbosity=0)
        out = io.StringIO()
        call_command("sweep_media", minutes=0, stdout=out)
        return len(out.getvalue().splitlines()) - 1

    def file_faults(self) -> list[str]:
        """Return what is wrong with the files. Call it after `heal()`."""
        stored = {
            str(path.relative_to(self.media)) for path in self.media.rglob("*") if path.is_file()
        }
        named = named_files()
        faults = [f"{name} is named and not there" for name in sorted(named - stored)]
        faults += [f"{name} is left after the sweep" for name in sorted(stored - named)]
        for name in sorted(named & stored):
            try:
                with Image.open(self.media / name) as image:
                    image.load()
            except (OSError, SyntaxError, ValueError) as error:
                faults.append(f"{name} is not whole: {error}")
        return faults


def _tell(pipe: int) -> None:
    os.write(pipe, b".")


def _is_over(pid: int) -> bool:
    """Return whether a child has ended, without reaping it."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _index() -> set[tuple[Any, ...]]:
    """Return the rows of the search index, with their words as the database stores them."""
    terms, titles, words = (Cast(name, TextField()) for name in ("terms", "title_words", "words"))
    return {
        *SearchDocument.objects.values_list(
            "trend", "kind", "object_id", "anchor", "language", "weight", "text", terms
        ),
        *(
            (pk, *map(_sorted_words, kinds))
            for pk, *kinds in TrendWords.objects.values_list("trend", titles, words)
        ),
    }


def _sorted_words(words: str) -> str:
    return " ".join(sorted(words.split()))
