"""`manage.py import_translations FILE`: read a file that export_translations wrote."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError

from trends.editing.translating.exchange.importing import by_command, import_file, propose
from trends.editing.translating.exchange.translation_files import MOST_BYTES, read_file
from trends.editing.translating.saving import RefusedTranslationsError


class Command(BaseCommand):
    help = (
        "Read translations from an XLIFF 2.0 or PO file that export_translations or the admin "
        "wrote. Nothing is saved if any text is refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="Only tell what would change.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as opened:
                file = read_file(path.name, opened.read(MOST_BYTES + 1))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or error}") from error
        except ValidationError as error:
            raise CommandError(f"{path}: {' '.join(error.messages)}") from error
        proposed = propose(file)
        refused = [
            f"{item.heading}: {problem}" for item in proposed.refused for problem in item.problems
        ]
        if refused:
            raise CommandError("\n".join(["Nothing was saved.", *refused]))
        for item in proposed.changes:
            self.stdout.write(item.heading)
        if options["check"]:
            self.stdout.write(f"{len(proposed.changes)} texts would be saved.")
            return
        try:
            count = import_file(file, by_command(path.name))
        except RefusedTranslationsError as error:
            lines = [f"{name}: {m}" for name, found in error.messages.items() for m in found]
            raise CommandError("\n".join(["Nothing was saved.", *lines])) from error
        self.stdout.write(f"{count} texts were saved.")
