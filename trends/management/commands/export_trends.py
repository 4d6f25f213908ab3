"""Write trends as fixtures, the reverse of loaddata."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quotes.models import Video
from quotes.pictures import broken_master
from trends.fixture_format.exporter import (
    ExportedTrend,
    export_experts,
    export_trends,
    export_vocabulary,
)
from trends.fixture_format.nodes import suggestion
from trends.models import Trend
from trendsite.shared.files import replacing

VOCABULARY_FILE = "vocabulary.yaml"
EXPERTS_FILE = "experts.yaml"


class Command(BaseCommand):
    help = (
        "Write trends as YAML fixtures, drafts included: all, or those named. On standard output "
        "several are separated by “---”, which loaddata reads. With --output and no slug, the "
        "tags, audiences and experts are written too, so that loaddata can fill an empty database "
        "from the folder."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="slug", help="A trend; all unless given.")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="DIR",
            help="Write <slug>.yaml and the images of videos to this folder.",
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
            count = self._to_folder(slugs, folder)
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror or error}") from error
        if options["verbosity"]:
            message = ngettext(
                "Wrote %(count)d trend to %(folder)s.",
                "Wrote %(count)d trends to %(folder)s.",
                count,
            )
            self.stdout.write(message % {"count": count, "folder": folder})

    def _to_standard_output(self, slugs: list[str] | None) -> None:
        names: set[str] = set()
        for number, trend in enumerate(export_trends(slugs)):
            self.stdout.write("---\n" if number else "", ending="")
            self.stdout.write(trend.yaml, ending="")
            names.update(trend.thumbnails)
        if names:
            # Without the names, loading the file would remove the images from their videos.
            message = ngettext(
                "%(count)d image is named here and not written; --output DIR writes it too.",
                "%(count)d images are named here and not written; --output DIR writes them too.",
                len(names),
            )
            self.stderr.write(message % {"count": len(names)})

    def _to_folder(self, slugs: list[str] | None, folder: Path) -> int:
        if slugs is None:
            for name, text in (
                (VOCABULARY_FILE, export_vocabulary()),
                (EXPERTS_FILE, export_experts()),
            ):
                if text:
                    _write(folder / name, text.encode())
        count = 0
        for trend in export_trends(slugs):
            for name, stored in trend.thumbnails.items():
                with default_storage.open(stored) as image:
                    _write(folder / name, image.read())
            _write(folder / _file_name(trend), trend.yaml.encode())
            count += 1
        return count


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
    """Refuse to export trends where the image of a video is missing or damaged."""
    trends = Trend.objects.all() if slugs is None else Trend.objects.filter(slug__in=slugs)
    videos = Video.objects.filter(mentions__trends__in=trends).distinct()
    problems = [
        problem
        for video in videos.exclude(thumbnail="").iterator()
        if (problem := broken_master(video))
    ]
    if problems:
        raise CommandError("\n".join([_("Nothing was exported."), *problems]))


def _file_name(trend: ExportedTrend) -> str:
    name = f"{trend.slug}.yaml"
    # A trend may be called “experts”. No slug contains a dot.
    return f"{trend.slug}.trend.yaml" if name in {VOCABULARY_FILE, EXPERTS_FILE} else name


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as partial:
        partial.write_bytes(content)
