"""`manage.py backup FILE`: back up the site into a file, or verify such a file."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from trendsite.backups.archive import BackupError, checked_archive
from trendsite.backups.making import make_backup
from trendsite.shared.arguments import named_path


class Command(BaseCommand):
    help = (
        "Write all rows and all media into a file, as of one moment, while editors work; from "
        "any database. `restore` reads it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=named_path)
        parser.add_argument(
            "--verify", action="store_true", help="Write nothing; check that the file is whole."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            if not options["verify"]:
                for name in make_backup(path):
                    self.stderr.write(f"{name} is named by a row, and not there")
            with checked_archive(path) as archive:
                members = archive.contents["members"]
        except (BackupError, DatabaseError, OSError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        if options["verbosity"]:
            size = sum(member["size"] for member in members.values()) / 1_000_000
            self.stdout.write(f"{path} is whole: {len(members)} members, {size:.1f} MB")
