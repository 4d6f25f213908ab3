"""Django's loaddata in short transactions, with notices on what is given up."""

import gc
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from django.core.management import CommandError, CommandParser
from django.core.management.commands import loaddata
from django.db import IntegrityError, OperationalError, ProgrammingError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trends.fixture_format.conflicts import conflicts
from trends.fixture_format.loader import Run
from trends.fixture_format.loading import Load
from trends.fixture_format.serializer import in_run
from trends.fixture_format.undoing import check_none_runs, undo_interrupted
from trendsite.shared.outages import one_line
from trendsite.shared.progress import Progress
from trendsite.shared.revisions.overwriting import (
    last_version,
    note_in_files,
    overwritten_since,
    refusal,
)
from trendsite.shared.snapshots import snapshot
from trendsite.shared.writes import Origin, Provenance, writing

_MOST_NAMES = 5


def _named(labels: Sequence[Any]) -> str:
    """Return the names of the files of a load, of many only the first."""
    names = [Path(str(label)).name for label in labels]
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return ", ".join([*names[: _MOST_NAMES - 1], f"… ({len(names)})"])


class Command(loaddata.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--check",
            action="store_true",
            help="Check the files and write nothing; exits with 1 where one cannot be loaded.",
        )
        parser.add_argument(
            "--overwrite",
            action="store_true",
            help=(
                "Load also over what was changed or deleted on the site since the last load or "
                "export."
            ),
        )

    def execute(self, *args: Any, **options: Any) -> Any:
        # The garbage collector need not look through all modules again and again.
        gc.freeze()
        try:
            return super().execute(*args, **options)
        finally:
            gc.unfreeze()

    def handle(self, *fixture_labels: Any, **options: Any) -> None:
        check_only, may_overwrite = options["check"], options["overwrite"]
        if not check_only:
            for line in undo_interrupted():
                self.stderr.write(line)
        self._reading = Run(check_only=True)
        try:
            self._read(fixture_labels, options)
        except CommandError:
            if check_only or not self._reading.holds_rows:
                raise
        if self._reading.holds_rows and not check_only:
            # What files refer to may be among the rows, so that all is written at once.
            self._may_overwrite, self._writing = may_overwrite, True
            super().handle(*fixture_labels, **options)
            return
        found = conflicts(self._reading)
        if found and not may_overwrite:
            raise CommandError(refusal(found))
        if check_only:
            said = ngettext(
                "%(count)d file can be loaded.", "%(count)d files can be loaded.", self._count
            )
            for notice in self._reading.notices:
                self.stderr.write(notice)
        else:
            self._write(_named(fixture_labels), may_overwrite, options["verbosity"])
            said = ngettext("Loaded %(count)d file.", "Loaded %(count)d files.", self._count)
        if options["verbosity"] >= 1:
            self.stdout.write(said % {"count": self._count})

    def _read(self, labels: Sequence[Any], options: dict[str, Any]) -> None:
        """Read and check the files. Raises CommandError with all their mistakes."""
        self._writing = False
        self._progress = Progress(self.stderr, _("Reading"))
        self._labels, self._labels_read = len(labels), 0
        try:
            # On PostgreSQL a snapshot refuses writes; on SQLite it takes no lock.
            with snapshot():
                super().handle(*labels, **{**options, "verbosity": 0})
        except BadZipFile as error:
            raise CommandError(_("One of the files is no zip, or is damaged.")) from error
        finally:
            self._progress.end()
            self._count = self.fixture_count
            for warning in self._reading.warnings:
                self.stderr.write(warning)

    def _write(self, note: str, may_overwrite: bool, verbosity: int) -> None:
        run, progress = self._reading, Progress(self.stderr, _("Writing"))
        load = Load(run, note, may_overwrite=may_overwrite, on_progress=progress.tell)
        try:
            load.write()
        except IntegrityError as error:
            message = _(
                "Nothing was loaded: somebody saved or deleted meanwhile what the files refer to. "
                "Load them again. (%(error)s)"
            )
            raise CommandError(message % {"error": one_line(error)}) from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(one_line(error)) from error
        finally:
            progress.end()
            for line in load.kept:
                self.stderr.write(line)
        if verbosity >= 1:
            for notice in run.notices:
                self.stderr.write(notice)

    # What Django's command calls

    def loaddata(self, fixture_labels: Any) -> None:
        if not self._writing:
            with in_run(self._reading):
                super().loaddata(fixture_labels)
            return
        last = last_version()
        check_none_runs()
        with writing(Provenance(Origin.FILE, note=_named(fixture_labels))) as write:
            run = Run(write)
            with in_run(run):
                try:
                    super().loaddata(fixture_labels)
                except (IntegrityError, OperationalError, ProgrammingError) as error:
                    raise CommandError(one_line(error)) from error
        # Django has opened a transaction around this method, which an error undoes.
        if not self._may_overwrite and (found := overwritten_since(last)):
            raise CommandError(refusal([list(overwritten.lines()) for overwritten in found]))
        for model, pks in run.rows.items():
            note_in_files(model, pks)
        if self.verbosity >= 1:
            for notice in run.notices:
                self.stderr.write(notice)

    def load_label(self, fixture_label: Any) -> None:
        super().load_label(fixture_label)
        if not self._writing:
            self._labels_read += 1
            self._progress.tell(self._labels_read, self._labels)

    def save_obj(self, obj: Any) -> bool:
        """Save an object; while files are read, only check it."""
        if self._writing:
            return bool(super().save_obj(obj))
        obj.save()
        if obj.deferred_fields:
            self.objs_with_deferred_fields.append(obj)
        return False

    @cached_property
    def _standard_input(self) -> str:
        return sys.stdin.read()

    @cached_property
    def compression_formats(self) -> dict[str | None, Any]:  # Any: as Django has it
        # What holds rows is read twice.
        formats = super().compression_formats
        return {**formats, "stdin": (lambda *args: io.StringIO(self._standard_input), None)}

    def parse_name(self, fixture_name: str) -> tuple[str, str | None, str | None]:
        """Split the name of a fixture; refuse formats other than YAML."""
        name, form, compression = super().parse_name(fixture_name)
        if form not in (None, "yaml", "yml"):
            raise CommandError(
                _("%(name)s: “%(form)s” is not read; write YAML, as docs/fixture-format.md says")
                % {"name": fixture_name, "form": form}
            )
        return name, form, compression
