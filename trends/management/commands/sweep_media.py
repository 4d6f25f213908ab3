import datetime
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from trends.formats.orphan_files import AGE, orphans, sweep
from trendsite.shared.arguments import count


class Command(BaseCommand):
    help = (
        "Delete the pictures and cards in the storage that no row names, as a save that was "
        "killed leaves behind. Editors may work meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Name the files and delete none."
        )
        parser.add_argument(
            "--most", type=count, default=10_000, help="Delete at most so many (10000)."
        )
        parser.add_argument(
            "--minutes",
            type=count,
            default=int(AGE.total_seconds() // 60),
            help="Leave files younger than this alone, which a save may be writing (60).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        age = datetime.timedelta(minutes=options["minutes"])
        if options["dry_run"]:
            found = list(islice(orphans(age), options["most"]))
        else:
            found = sweep(options["most"], age)
        if options["verbosity"]:
            for name in found:
                self.stdout.write(name)
            verb = "can be deleted" if options["dry_run"] else "deleted"
            self.stdout.write(f"Files {verb}: {len(found)}")
