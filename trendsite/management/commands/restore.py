"""`manage.py restore FILE`: replace the content of the site by that of a backup."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from trendsite.backups.archive import BackupError
from trendsite.backups.restoring import restore
from trendsite.shared.arguments import named_path


class Command(BaseCommand):
    help = (
        "Put the rows and media of a backup in the place of those of the site. A file that is "
        "damaged or does not fit is refused before anything is touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=named_path)
        parser.add_argument(
            "--replace", action="store_true", help="Delete what the site holds, accounts included."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore(options["file"], replace=options["replace"])
        except (BackupError, DatabaseError, OSError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        if options["verbosity"]:
            self.stdout.write(f"Restored {restored['rows']} rows and {restored['files']} files.")
