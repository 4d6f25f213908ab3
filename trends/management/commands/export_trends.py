"""`manage.py export_trends [SLUG …]`: write trends as files that loaddata reads."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quotes.models import Expert
from quotes.platforms import Platform
from trends.fixture_format.exporter import (
    EVIDENCE_FILE,
    EXPERTS_FILE,
    VOCABULARY_FILE,
    Evidence,
    broken_images,
    export_experts,
    export_trends,
    export_vocabulary,
    files_of,
)
from trends.fixture_format.nodes import suggestion
from trends.models import Audience, Trend
from trendsite.shared.arguments import named_path
from trendsite.shared.files import replacing
from trendsite.shared.models import Tag
from trendsite.shared.progress import Progress
from trendsite.shared.revisions.overwriting import note_in_files


class Command(BaseCommand):
    help = (
        "Write trends as YAML fixtures, drafts included: all, or those named. On standard output "
        "several are separated by “---”, which loaddata reads. With --output and no slug, the "
        "tags, audiences and experts and the evidence that belongs to no trend are written too, so "
        "that loaddata can fill an empty database from the folder."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="slug", help="A trend; all unless given.")
        parser.add_argument(
            "--output",
            type=named_path,
            metavar="DIR",
            help="Write <slug>.yaml and the images of videos to this folder.",
        )

        parser.add_argument(
            "--prune",
            action="store_true",
            help="With --output and no slug: delete what belongs to no trend any more.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        slugs, folder = options["slugs"] or None, options["output"]
        _check_known(slugs or [])
        if folder is None:
            self._to_standard_output(slugs)
            return
        _check_images(slugs)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            progress = Progress(self.stderr, _("Writing"))
            try:
                count, written = self._to_folder(slugs, folder, progress)
            finally:
                progress.end()
            left = [] if slugs else _left_behind(folder, written)
            if options["prune"]:
                for path in left:
                    path.unlink()
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror or error}") from error
        if options["verbosity"]:
            message = ngettext(
                "Wrote %(count)d trend to %(folder)s.",
                "Wrote %(count)d trends to %(folder)s.",
                count,
            )
            self.stdout.write(message % {"count": count, "folder": folder})
            message = _("%(file)s belonged to no trend, and was deleted.")
            if not options["prune"]:
                message = _("%(file)s belongs to no trend; --prune deletes it.")
            for path in left:
                self.stdout.write(message % {"file": path})

    def _to_standard_output(self, slugs: list[str] | None) -> None:
        names: set[str] = set()
        for number, trend in enumerate(export_trends(slugs)):
            self.stdout.write("---\n" if number else "", ending="")
            self.stdout.write(trend.yaml, ending="")
            names.update(trend.thumbnails)
        if names:
            # Files name images of videos: loading one without its images would remove them.
            message = ngettext(
                "%(count)d image is named here and not written; --output DIR writes it too.",
                "%(count)d images are named here and not written; --output DIR writes them too.",
                len(names),
            )
            self.stderr.write(message % {"count": len(names)})

    def _to_folder(
        self, slugs: list[str] | None, folder: Path, progress: Progress
    ) -> tuple[int, set[str]]:
        """Write the files; return the number of trends and the names of all files."""
        written: set[str] = set()

        def write(name: str, content: bytes) -> None:
            with replacing(folder / name) as partial:
                partial.write_bytes(content)
            written.add(name)

        if slugs is None:
            for name, text in (
                (VOCABULARY_FILE, export_vocabulary()),
                (EXPERTS_FILE, export_experts()),
            ):
                if text:
                    write(name, text.encode())
            for model in (Tag, Audience, Expert):
                note_in_files(model, model.objects.values_list("pk", flat=True))
            evidence = Evidence()
            for name, content in evidence.files():
                write(name, content)
            evidence.note()
        pks: list[int] = []
        total = Trend.objects.count() if slugs is None else len(slugs)
        for trend in export_trends(slugs):
            for name, content in files_of(trend):
                write(name, content)
            pks.append(trend.trend.pk)
            progress.tell(len(pks), total)
        note_in_files(Trend, pks)
        return len(pks), written


def _left_behind(folder: Path, written: set[str]) -> list[Path]:
    """Return the files of a folder that an earlier export wrote and this one did not.

    They are trends that were renamed or deleted since, images of videos, and evidence of which
    all belongs to trends by now. Other files are not among them.
    """
    is_image = re.compile(rf"({'|'.join(Platform.values)})-[^/]+\.webp")
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name not in written
        if path.name == EVIDENCE_FILE
        or is_image.fullmatch(path.name)
        or (path.suffix == ".yaml" and _is_trend(path))
    ]


def _is_trend(path: Path) -> bool:
    """Return whether a file begins with the key of a trend, as exports do."""
    with path.open("rb") as file:
        return file.readline().startswith(b"trend:")


def _check_known(slugs: list[str]) -> None:
    known = set(Trend.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    unknown = [slug for slug in slugs if slug not in known]
    if unknown:
        every = list(Trend.objects.values_list("slug", flat=True))
        raise CommandError(
            "\n".join(
                _("there is no trend “%(slug)s”") % {"slug": slug} + suggestion(slug, every)
                for slug in unknown
            )
        )


def _check_images(slugs: list[str] | None) -> None:
    """Raise CommandError if the image of a video of the trends is missing or damaged."""
    trends = Trend.objects.all() if slugs is None else Trend.objects.filter(slug__in=slugs)
    problems = broken_images(trends)
    if slugs is None:
        problems += Evidence().broken_images()
    if problems:
        raise CommandError("\n".join([_("Nothing was exported."), *problems]))
