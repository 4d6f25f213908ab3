"""Django's loaddata as one write of all files, with notices on what is given up."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.commands import loaddata
from django.db import IntegrityError, OperationalError, ProgrammingError, models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trends.fixture_format.serializer import one_run
from trendsite.shared.revisions.overwriting import (
    last_version,
    note_in_files,
    overwritten_since,
    refusal,
)
from trendsite.shared.snapshots import snapshot
from trendsite.shared.writes import Origin, Provenance, Write, writing

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
            help="Load also over what was changed on the site since the last load or export.",
        )

    def handle(self, *fixture_labels: Any, **options: Any) -> None:
        self._check_only: bool = options["check"]
        self._may_overwrite: bool = options["overwrite"]
        if not self._check_only:
            super().handle(*fixture_labels, **options)
            return
        # On PostgreSQL a snapshot refuses writes; on SQLite it takes no lock.
        with snapshot():
            super().handle(*fixture_labels, **{**options, "verbosity": 0})
        if options["verbosity"] >= 1:
            count = self.fixture_count
            said = ngettext(
                "%(count)d file can be loaded.", "%(count)d files can be loaded.", count
            )
            self.stdout.write(said % {"count": count})

    def loaddata(self, fixture_labels: Any) -> None:
        if self._check_only:
            self._load(fixture_labels, None)
            return
        last = last_version()
        with writing(Provenance(Origin.FILE, note=_named(fixture_labels))) as write:
            rows = self._load(fixture_labels, write)
        # Django has opened a transaction around this method, which an error undoes.
        if not self._may_overwrite and (found := overwritten_since(last)):
            raise CommandError(refusal(found))
        for model, pks in rows.items():
            note_in_files(model, pks)

    def _load(
        self, fixture_labels: Any, write: Write | None
    ) -> Mapping[type[models.Model], set[int]]:
        """Load the files, tell what is to be told, and return the rows that they describe."""
        with one_run(write) as run:
            try:
                super().loaddata(fixture_labels)
            except (IntegrityError, OperationalError, ProgrammingError) as error:
                raise CommandError(" ".join(str(error).split())) from error
            finally:
                for warning in run.warnings:
                    self.stderr.write(warning)
        if self.verbosity >= 1:
            for notice in run.notices:
                self.stderr.write(notice)
        return run.rows

    def save_obj(self, obj: Any) -> bool:
        """Save an object; without writing anything, only check it."""
        if not self._check_only:
            return bool(super().save_obj(obj))
        obj.save()
        if obj.deferred_fields:
            self.objs_with_deferred_fields.append(obj)
        return False

    def parse_name(self, fixture_name: str) -> tuple[str, str | None, str | None]:
        """Split the name of a fixture; refuse formats other than YAML."""
        name, form, compression = super().parse_name(fixture_name)
        if form not in (None, "yaml", "yml"):
            raise CommandError(
                _("%(name)s: “%(form)s” is not read; write YAML, as docs/fixture-format.md says")
                % {"name": fixture_name, "form": form}
            )
        return name, form, compression
