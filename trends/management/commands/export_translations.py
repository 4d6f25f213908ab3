"""`manage.py export_translations`: write XLIFF or PO files, which import_translations reads."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from trends.editing.translating.exchange.po import write_po
from trends.editing.translating.exchange.translation_files import exported
from trends.editing.translating.exchange.xliff import write_xliff
from trends.models import Trend
from trendsite.shared.files import replacing
from trendsite.shared.translated import languages

_WRITERS = {"xliff": write_xliff, "po": write_po}


class Command(BaseCommand):
    help = (
        "Write the texts of trends that need work in a language, as XLIFF 2.0 or PO: of all "
        "trends, drafts included, or of those named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("language", choices=languages(), help="Into which language.")
        parser.add_argument("slugs", nargs="*", metavar="slug", help="A trend; all unless given.")
        parser.add_argument("--format", choices=sorted(_WRITERS), default="xliff")
        parser.add_argument(
            "--all", action="store_true", help="Also texts that are translated and up to date."
        )
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="Instead of the standard output."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        trends = Trend.objects.order_by("slug")
        if slugs := options["slugs"]:
            trends = trends.filter(slug__in=slugs)
            found = set(trends.values_list("slug", flat=True))
            if missing := [slug for slug in slugs if slug not in found]:
                raise CommandError(f"There is no trend “{missing[0]}”.")
        file = exported(
            trends.values_list("pk", flat=True), options["language"], shows_all=options["all"]
        )
        content = _WRITERS[options["format"]](file)
        if options["output"] is None:
            sys.stdout.buffer.write(content)
            return
        try:
            with replacing(options["output"]) as new:
                new.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror or error}") from error
