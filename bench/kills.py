"""Kill processes that write, at random moments, and check what they leave.

    python -m bench.kills [--kills 100] [--seed 1] [--only save load …] [--database postgres://…]

For each kill the site is reset, and a process that does one operation gets `SIGKILL` at a random
moment. Then these conditions are checked:

- each changed text is the one before or the one after; after a restore, all of them together
- the search index is equal to a rebuilt one, and the database passes its own integrity check
- after `draw_cards` and `sweep_media`, every picture and card of a row exists and is complete, and
  there is no other file

The database is SQLite in a temporary folder. With `--database`, the name of a PostgreSQL database,
two more databases are created on its server and dropped at the end. Exits with 1 if a condition is
not met.
"""

import argparse
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.forms import errors, form_data
from bench.sites import site_environment

Operation = Callable[[Path, Callable[[], None]], None]
"""Does a thing, with files of a folder; calls a function when it begins to send or to write."""
State = dict[str, str]
"""What was written, by what it is about."""

_SLUGS = ["first-trend", "second-trend", "third-trend"]
# Kills are up to this factor of an operation's duration, so that some operations end before.
_BEYOND = 1.1


@dataclass
class Outcome:
    """The results of the kills of one operation."""

    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    swept: int = 0
    faults: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill writers at random moments.")
    parser.add_argument("--kills", type=int, default=100, help="of all operations together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", metavar="OPERATION")
    parser.add_argument("--database", help="of a PostgreSQL server, instead of SQLite")
    parser.add_argument(
        "--migrated", type=Path, metavar="FILE", help="an SQLite database to begin with, for tests"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        environment(Path(folder), options.database)
        import django
        from django.conf import settings

        # So that pages can be rendered without `collectstatic`.
        settings.STORAGES["staticfiles"] = {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
        django.setup()
        site = _Site(Path(folder))
        if options.migrated:
            shutil.copy(options.migrated, site.file)
        try:
            faults = _run(site, options.kills, random.Random(options.seed), options.only)
        finally:
            site.close()
    sys.exit(bool(faults))


def environment(folder: Path, database: str | None) -> None:
    """Set environment variables for a database and a media folder of the benchmark."""
    url = urlsplit(database)._replace(path="/trendsite_kills").geturl() if database else None
    os.environ |= {
        **site_environment(folder, url),
        "SITE_URL": "http://testserver",
        "LOG_LEVEL": "ERROR",
    }


def _run(site: "_Site", kills: int, chance: random.Random, only: list[str] | None) -> list[str]:
    operations = {name: do for name, do in OPERATIONS.items() if not only or name in only}
    site.make()
    faults: list[str] = []
    print(f"{'operation':12} {'kills':>5} {'old':>4} {'new':>4} {'parts':>5} {'swept':>6} {'s':>6}")
    for number, (name, operation) in enumerate(operations.items()):
        share = kills // len(operations) + (number < kills % len(operations))
        outcome = _kill(site, name, operation, share, chance)
        counts = outcome.counts
        print(
            f"{name:12} {share:5} {counts['old']:4} {counts['new']:4} {counts['parts']:5}"
            f" {outcome.swept:6} {outcome.seconds:6.2f}",
            flush=True,
        )
        for fault in outcome.faults:
            print(f"  {fault}", flush=True)
        faults += outcome.faults
    print(f"{kills} kills, {len(faults)} faults")
    return faults


def _kill(
    site: "_Site", name: str, operation: Operation, kills: int, chance: random.Random
) -> Outcome:
    """Run an operation once to its end, then `kills` times until it is killed."""
    outcome = Outcome()
    site.reset()
    before = site.state()
    # Once in this process, so that children need not import the modules again.
    operation(site.folder, lambda: None)
    site.reset()
    outcome.seconds = site.do(operation, None)
    after = site.state()
    if before == after or site.faults():
        raise SystemExit(f"{name} does not work, unkilled: {site.faults()}")
    for _number in range(kills):
        site.reset()
        moment = chance.uniform(0, _BEYOND * outcome.seconds)
        site.do(operation, moment)
        found = site.state()
        label = f"{name}, killed after {moment:.3f} s"
        outcome.faults += [
            f"{label}: {about} is neither old nor new"
            for about, text in found.items()
            if text not in (before[about], after[about])
        ]
        if found in (before, after):
            outcome.counts["old" if found == before else "new"] += 1
        else:
            outcome.counts["parts"] += 1
            outcome.faults.append(f"{label}: some is old, some is new")
        problems, swept = site.faults(), site.heal()
        outcome.swept += swept
        outcome.faults += [f"{label}: {problem}" for problem in problems + site.file_faults()]
    return outcome


class _Site:
    """A small site, which is reset before each kill."""

    def __init__(self, folder: Path) -> None:
        from django.conf import settings

        self.folder = folder
        self.media = Path(settings.MEDIA_ROOT)
        self._database = settings.DATABASES["default"]

    # The database and the files

    def make(self) -> None:
        """Make the site and a copy of it."""
        from django.core.management import call_command

        if self._is_postgresql:
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}")
        call_command("migrate", verbosity=0)
        _fill(self.folder)
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
        from django.db import connection

        return connection.vendor == "postgresql"

    @property
    def file(self) -> str:
        return str(self._database["NAME"])

    def _disconnect(self) -> None:
        from django.db import connections

        connections.close_all()

    def _execute(self, *statements: str) -> None:
        from django.db import connection

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
        from django.db import connection

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

    # Checks

    def state(self) -> State:
        """Return all texts as files, and the number of rows of each table of content."""
        from django.core.management import call_command

        from trends.models import Trend
        from trends.search.models import SearchDocument
        from trendsite.backups.tables import backed_up_models

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
        from django.db import connection

        faults = []
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA integrity_check")
                if (answer := cursor.fetchone()[0]) != "ok":
                    faults.append(f"integrity_check: {answer}")
        connection.check_constraints()
        saved = _index()
        from django.core.management import call_command

        call_command("rebuild_search", verbosity=0)
        if _index() != saved:
            faults.append("the search index is not that of a rebuild")
        return faults

    def heal(self) -> int:
        """Run the commands for the time after a crash; return the number of files deleted."""
        from django.core.management import call_command

        call_command("draw_cards", verbosity=0)
        out = io.StringIO()
        call_command("sweep_media", minutes=0, stdout=out)
        return len(out.getvalue().splitlines()) - 1

    def file_faults(self) -> list[str]:
        """Return what is wrong with the files. Call it after `heal()`."""
        from PIL import Image

        from trends.formats.orphan_files import named_files

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
    from trends.search.models import SearchDocument

    return set(
        SearchDocument.objects.values_list(
            "trend", "kind", "object_id", "anchor", "language", "weight", "text", "terms"
        )
    )


# The site


def _picture(shade: int) -> bytes:
    """Return a picture of 1280 × 720 pixels that is slow to encode."""
    from PIL import Image

    file = io.BytesIO()
    noise = Image.effect_noise((320, 180), 60 + shade).resize((1280, 720))
    Image.merge("RGB", [noise, noise.rotate(180), noise.rotate(90).resize(noise.size)]).save(
        file, "PNG"
    )
    return file.getvalue()


def _document(slug: str, title: str) -> str:
    return f"""\
trend: {slug}
published: 2025-01-02
status: growing
confidence: medium
since: 2025
title: {{en: {title}, ja: 題{title}}}
shift: {{en: What shifts in {title}., ja: {title}の変化。}}
drivers:
  - heading: {{en: A driver of {title}, ja: 要因{title}}}
    body: {{en: Why {title}., ja: 理由{title}。}}
timeline:
  - date: 2025-03
    text: {{en: An event of {title}, ja: 出来事{title}}}
"""


def _fill(folder: Path) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from quotes.models import Video
    from trends.editing.publishing.publication import begin
    from trends.models import Driver, Trend

    User.objects.create_superuser("editor")
    for slug in _SLUGS:
        (folder / f"{slug}.yaml").write_text(_document(slug, f"old {slug}"))
    call_command("loaddata", *(folder / f"{slug}.yaml" for slug in _SLUGS), verbosity=0)
    trend = Trend.objects.get(slug="first-trend")
    Video.objects.create(platform="youtube", video_id="abcdefghijk", title="A talk")
    # Rows and files that the operations need.
    for slug in _SLUGS:
        (folder / f"{slug}.yaml").write_text(_document(slug, f"new {slug}"))
    translations = folder / "translations.po"
    call_command("export_translations", "ja", "--all", "--format=po", output=translations)
    translations.write_text(translations.read_text().replace("出来事", "新しい出来事"))
    working = begin(trend, None)
    Driver.objects.filter(trend=working).update(heading_en="A driver of the working version")
    (folder / "picture.png").write_bytes(_picture(1))
    call_command("backup", folder / "backup", verbosity=0)
    # A backup with other texts, made in a transaction that is rolled back.
    from django.db import transaction

    class Undone(Exception):  # noqa: N818
        pass

    try:
        with transaction.atomic():
            for slug in _SLUGS:
                Trend.objects.filter(slug=slug).update(title_en=f"Of the backup: {slug}")
            call_command("rebuild_search", verbosity=0)
            call_command("backup", folder / "backup", verbosity=0)
            raise Undone
    except Undone:
        pass


# The operations


def _send(address: str, changes: dict[str, Any], begin: Callable[[], None]) -> None:
    """Open a form, change some of its fields, and save it."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.get(username="editor"))
    data = form_data(client.get(address).content.decode())
    begin()
    answer = client.post(address, {**data, **changes})
    if answer.status_code != 302:
        told = errors(answer.content.decode())
        raise SystemExit(f"{address} answers {answer.status_code}: {told}")


def _save(folder: Path, begin: Callable[[], None]) -> None:
    from trends.models import Trend

    trend = Trend.objects.get(slug="first-trend")
    changes = {
        "title_en": "new title",
        "shift_ja": "新しい変化。",
        "drivers-0-body_en": "Why anew.",
        "timeline-0-text_en": "An event told anew.",
    }
    _send(f"/admin/trends/trend/{trend.pk}/change/", changes, begin)


def _load(folder: Path, begin: Callable[[], None]) -> None:
    from django.core.management import call_command

    begin()
    call_command("loaddata", *(folder / f"{slug}.yaml" for slug in _SLUGS), verbosity=0)


def _import(folder: Path, begin: Callable[[], None]) -> None:
    from django.core.management import call_command

    begin()
    call_command("import_translations", folder / "translations.po", stdout=io.StringIO())


def _restore_backup(folder: Path, begin: Callable[[], None]) -> None:
    from django.core.management import call_command

    begin()
    call_command("restore", folder / "backup", replace=True, verbosity=0)


def _publish(folder: Path, begin: Callable[[], None]) -> None:
    from trends.editing.publishing.publication import publish
    from trends.models import Trend
    from trendsite.shared.writes import Origin, Provenance

    begin()
    publish(Trend.everything.get(working_of__isnull=False), Provenance(Origin.ADMIN))


def _upload(folder: Path, begin: Callable[[], None]) -> None:
    from quotes.models import Video

    video = Video.objects.get()
    with (folder / "picture.png").open("rb") as picture:
        changes = {"thumbnail": picture, "title": "A talk with a picture"}
        _send(f"/admin/quotes/video/{video.pk}/change/", changes, begin)


OPERATIONS: dict[str, Operation] = {
    "save": _save,
    "load": _load,
    "import": _import,
    "restore": _restore_backup,
    "publication": _publish,
    "picture": _upload,
}


if __name__ == "__main__":
    main()
