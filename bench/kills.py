"""Kill processes that write, at random moments, and check what they leave.

    python -m bench.kills [--kills 100] [--seed 1] [--only save load …] [--database postgres://…]

For each kill the site is reset, and a process that does one operation gets `SIGKILL` at a random
moment. A load that was killed is undone, as by the next `loaddata`. Then these conditions are
checked:

- each changed text is the one before or the one after; after a restore, all of them together
- the search index is equal to a rebuilt one, and the database passes its own integrity check
- after `draw_cards` and `sweep_media`, every picture and card of a row exists and is complete, and
  there is no other file

The database is SQLite in a temporary folder. With `--database`, the name of a PostgreSQL database,
two more databases are created on its server and dropped at the end. Exits with 1 if a condition is
not met.
"""

import argparse
import datetime
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import zipfile
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
"""The export of each trend by slug, and counts of rows and of versions, as texts."""

_SLUGS = ["first-trend", "second-trend", "third-trend"]
# Kills are up to this factor of an operation's duration, so that some operations end before.
_BEYOND = 1.1


@dataclass
class Outcome:
    """The results of the kills of one operation."""

    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    undone: int = 0
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
    columns = ("kills", "old", "new", "parts", "undone", "swept", "s")
    print(f"{'operation':12} {' '.join(f'{column:>6}' for column in columns)}")
    for number, (name, operation) in enumerate(operations.items()):
        share = kills // len(operations) + (number < kills % len(operations))
        outcome = _kill(site, name, operation, share, chance)
        counts = outcome.counts
        print(
            f"{name:12} {share:6} {counts['old']:6} {counts['new']:6} {counts['parts']:6}"
            f" {outcome.undone:6} {outcome.swept:6} {outcome.seconds:6.2f}",
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
        outcome.undone += site.undo()
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

    def undo(self) -> int:
        """Undo a load of several transactions that was killed; return the number of loads."""
        from trends.fixture_format import undoing

        # Else it waits until it is sure that the load is not running any more.
        undoing.ALIVE = datetime.timedelta(0)
        return sum("interrupted" in line for line in undoing.undo_interrupted())

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
    """Return the rows of the search index, with their words as the database stores them."""
    from django.db.models import TextField
    from django.db.models.functions import Cast

    from trends.search.models import SearchDocument, TrendWords

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


def _document(slug: str, title: str, picture: str) -> str:
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
mentions:
  - expert: mina-example
    original: Words in {slug}.
    language: en
    video: {{platform: youtube, id: "{slug:_<11.11}", title: A talk, thumbnail: {picture}}}
"""


_VOCABULARY = "experts: {mina-example: {name: {en: Mina Example}}}\n"


def _write_files(folder: Path, title: str) -> list[Path]:
    """Write the files of all trends, with a picture each, and return them."""
    files = [folder / f"{slug}.yaml" for slug in _SLUGS]
    for slug, file in zip(_SLUGS, files, strict=True):
        file.write_text(_document(slug, f"{title} {slug}", f"{title}.png"))
    return files


def _fill(folder: Path) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from quotes.models import Video
    from trends.editing.publishing.publication import begin
    from trends.models import Driver, PendingImport, Trend

    editor = User.objects.create_superuser("editor")
    for shade, name in enumerate(("first", "old", "new", "picture")):
        (folder / f"{name}.png").write_bytes(_picture(shade))
    (folder / "experts.yaml").write_text(_VOCABULARY)
    call_command("loaddata", folder / "experts.yaml", *_write_files(folder, "first"), verbosity=0)
    call_command("loaddata", *_write_files(folder, "old"), verbosity=0)
    trend = Trend.objects.get(slug="first-trend")
    Video.objects.create(platform="youtube", video_id="abcdefghijk", title="A talk")
    # Rows and files that the operations need.
    files = _write_files(folder, "new")
    with zipfile.ZipFile(folder / "files.zip", "w") as archive:
        for file in (*files, folder / "new.png"):
            archive.write(file, file.name)
    PendingImport.objects.keep(editor.pk, "files.zip", (folder / "files.zip").read_bytes())
    translations = folder / "translations.po"
    call_command("export_translations", "ja", "--all", "--format=po", output=translations)
    translations.write_text(translations.read_text().replace("出来事", "新しい出来事"))
    working = begin(trend, None)
    Driver.objects.filter(trend=working).update(heading_en="A driver of the working version")
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
    client = _logged_in()
    data = form_data(client.get(address).content.decode())
    begin()
    _expect_redirect(client.post(address, {**data, **changes}), address)


# Any: what the test client returns.
def _logged_in() -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.get(username="editor"))
    return client


def _expect_redirect(answer: Any, address: str) -> None:
    if answer.status_code != 302:
        shown = errors(answer.content.decode())
        raise SystemExit(f"{address} answers {answer.status_code}: {shown}")


def _save(folder: Path, begin: Callable[[], None]) -> None:
    from trends.models import Trend

    trend = Trend.objects.get(slug="first-trend")
    changes = {
        "title_en": "new title",
        "shift_ja": "新しい変化。",
        "drivers-0-body_en": "Why anew.",
        "timeline-0-text_en": "An event in new words.",
    }
    _send(f"/admin/trends/trend/{trend.pk}/change/", changes, begin)


def _load(folder: Path, begin: Callable[[], None]) -> None:
    from django.core.management import call_command

    begin()
    call_command("loaddata", *(folder / f"{slug}.yaml" for slug in _SLUGS), verbosity=0)


def _load_in_parts(folder: Path, begin: Callable[[], None]) -> None:
    """Load a trend a transaction, as if each was so long that it takes a second."""
    from trends.fixture_format import loading

    sizes = loading._FIRST_TRENDS, loading._MOST_TRENDS
    loading._FIRST_TRENDS = loading._MOST_TRENDS = 1
    try:
        _load(folder, begin)
    finally:
        loading._FIRST_TRENDS, loading._MOST_TRENDS = sizes


def _import(folder: Path, begin: Callable[[], None]) -> None:
    """Agree to the import of a zip with pictures."""
    from django.urls import reverse

    from trends.models import PendingImport

    client = _logged_in()
    address = reverse("admin:trends_trend_import_check", args=[PendingImport.objects.get().pk])
    begin()
    _expect_redirect(client.post(address), address)


def _restore_version(folder: Path, begin: Callable[[], None]) -> None:
    """Restore a version of a trend that had another picture."""
    from django.urls import reverse

    from trends.models import Trend
    from trendsite.shared.revisions.models import Revision

    trend = Trend.objects.get(slug="second-trend")
    client = _logged_in()
    address = reverse("admin:trends_trend_restore", args=[trend.pk])
    version = Revision.objects.of(Trend, [trend.pk]).order_by("pk")[0]
    begin()
    _expect_redirect(client.post(address, {"version": version.pk}), address)


def _translate(folder: Path, begin: Callable[[], None]) -> None:
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

    video = Video.objects.get(video_id="abcdefghijk")
    with (folder / "picture.png").open("rb") as picture:
        changes = {"thumbnail": picture, "title": "A talk with a picture"}
        _send(f"/admin/quotes/video/{video.pk}/change/", changes, begin)


OPERATIONS: dict[str, Operation] = {
    "save": _save,
    "load": _load,
    "parts": _load_in_parts,
    "import": _import,
    "translations": _translate,
    "backup": _restore_backup,
    "version": _restore_version,
    "publication": _publish,
    "picture": _upload,
}


if __name__ == "__main__":
    main()
