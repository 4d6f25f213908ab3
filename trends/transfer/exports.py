"""Export of trends, and of the evidence of no trend, as a zip of what `export_trends` writes."""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO

from django.core.exceptions import ValidationError
from django.db import models

from trends.fixture_format.exporter import Evidence, broken_images, export_trends, files_of
from trends.models import Trend
from trends.transfer.archives import YAML_ENDINGS
from trendsite.shared.revisions.overwriting import note_in_files


def zip_of_trends(trends: models.QuerySet[Trend]) -> IO[bytes]:
    """Return an open file with a zip of trends and their pictures, at its beginning.

    The versions of the trends are stored as exported, so that importing a changed copy overwrites
    them without asking. Raises ValidationError if a picture is missing or damaged. Queries as
    `export_trends()`.
    """
    if problems := broken_images(trends):
        raise ValidationError(problems)
    slugs = list(trends.order_by("slug").values_list("slug", flat=True))
    pks = []

    def files() -> Iterator[tuple[str, bytes]]:
        for exported in export_trends(slugs):
            pks.append(exported.trend.pk)
            yield from files_of(exported)

    file = _zip(files())
    note_in_files(Trend, pks)
    return file


def zip_of_evidence() -> IO[bytes] | None:
    """Return an open file with a zip of the evidence that belongs to no trend, or None if all does.

    Versions are stored and ValidationError is raised as by `zip_of_trends()`. Nine queries.
    """
    evidence = Evidence()
    if not evidence:
        return None
    if problems := evidence.broken_images():
        raise ValidationError(problems)
    file = _zip(evidence.files())
    evidence.note()
    return file


def _zip(files: Iterable[tuple[str, bytes]]) -> IO[bytes]:
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        names: set[str] = set()
        for name, content in files:
            if name not in names:  # two trends with the same video have one picture
                is_text = PurePosixPath(name).suffix in YAML_ENDINGS
                archive.writestr(name, content, None if is_text else zipfile.ZIP_STORED)
            names.add(name)
    file.seek(0)
    return file
