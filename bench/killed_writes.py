"""The writes that `bench.kills` kills, and the small site that they change."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from bench.forms import errors, form_data
from quotes.models import Video
from trends.editing.publishing.publication import begin as begin_working_version
from trends.editing.publishing.publication import publish
from trends.fixture_format import loading
from trends.models import Driver, PendingImport, Trend
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Origin, Provenance

Operation = Callable[[Path, Callable[[], None]], None]
"""Does a thing, with files of a folder; calls a function when it begins to send or to write."""

_SLUGS = ["first-trend", "second-trend", "third-trend"]


def _picture(shade: int) -> bytes:
    """Return a picture of 1280 × 720 pixels that is slow to encode."""
    file = io.BytesIO()
    noise = Image.effect_noise((320, 180), 60 + shade).resize((1280, 720))
    Image.merge("RGB", [noise, noise.rotate(180), noise.rotate(90).resize(noise.size)]).save(
        file, "PNG"
    )
    return file.getvalue()


def _document(slug: str, title: str, picture: str) -> str:
    return f"""\
trend: {slug}
published: 2025-01-02
status: growing
confidence: medium
since: 2025
title: {{en: {title}, ja: 題{title}}}
shift: {{en: What shifts in {title}., ja: {title}の変化。}}
drivers:
  - heading: {{en: A driver of {title}, ja: 要因{title}}}
    body: {{en: Why {title}., ja: 理由{title}。}}
timeline:
  - date: 2025-03
    text: {{en: An event of {title}, ja: 出来事{title}}}
mentions:
  - expert: mina-example
    original: Words in {slug}.
    language: en
    video: {{platform: youtube, id: "{slug:_<11.11}", title: A talk, thumbnail: {picture}}}
"""


_VOCABULARY = "experts: {mina-example: {name: {en: Mina Example}}}\n"


def _write_files(folder: Path, title: str) -> list[Path]:
    """Write the files of all trends, with a picture each, and return them."""
    files = [folder / f"{slug}.yaml" for slug in _SLUGS]
    for slug, file in zip(_SLUGS, files, strict=True):
        file.write_text(_document(slug, f"{title} {slug}", f"{title}.png"))
    return files


def fill(folder: Path) -> None:
    editor = User.objects.create_superuser("editor")
    for shade, name in enumerate(("first", "old", "new", "picture")):
        (folder / f"{name}.png").write_bytes(_picture(shade))
    (folder / "experts.yaml").write_text(_VOCABULARY)
    call_command("loaddata", folder / "experts.yaml", *_write_files(folder, "first"), verbosity=0)
    call_command("loaddata", *_write_files(folder, "old"), verbosity=0)
    trend = Trend.objects.get(slug="first-trend")
    Video.objects.create(platform="youtube", video_id="abcdefghijk", title="A talk")
    # Rows and files that the operations need.
    files = _write_files(folder, "new")
    with zipfile.ZipFile(folder / "files.zip", "w") as archive:
        for file in (*files, folder / "new.png"):
            archive.write(file, file.name)
    PendingImport.objects.keep(editor.pk, "files.zip", (folder / "files.zip").read_bytes())
    translations = folder / "translations.po"
    call_command("export_translations", "ja", "--all", "--format=po", output=translations)
    translations.write_text(translations.read_text().replace("出来事", "新しい出来事"))
    working = begin_working_version(trend, None)
    Driver.objects.filter(trend=working).update(heading_en="A driver of the working version")
    call_command("backup", folder / "backup", verbosity=0)

    # A backup with other texts, made in a transaction that is rolled back.
    class Undone(Exception):  # noqa: N818
        pass

    try:
        with transaction.atomic():
            for slug in _SLUGS:
                Trend.objects.filter(slug=slug).update(title_en=f"Of the backup: {slug}")
            call_command("rebuild_search", verbosity=0)
            call_command("backup", folder / "backup", verbosity=0)
            raise Undone
    except Undone:
        pass


# The operations


def _send(address: str, changes: dict[str, Any], begin: Callable[[], None]) -> None:
    """Open a form, change some of its fields, and save it."""
    client = _logged_in()
    data = form_data(client.get(address).content.decode())
    begin()
    _expect_redirect(client.post(address, {**data, **changes}), address)


# Any: what the test client returns.
def _logged_in() -> Any:
    client = Client()
    client.force_login(User.objects.get(username="editor"))
    return client


def _expect_redirect(answer: Any, address: str) -> None:
    if answer.status_code != 302:
        shown = errors(answer.content.decode())
        raise SystemExit(f"{address} answers {answer.status_code}: {shown}")


def _save(folder: Path, begin: Callable[[], None]) -> None:
    trend = Trend.objects.get(slug="first-trend")
    changes = {
        "title_en": "new title",
        "shift_ja": "新しい変化。",
        "drivers-0-body_en": "Why anew.",
        "timeline-0-text_en": "An event in new words.",
    }
    _send(f"/admin/trends/trend/{trend.pk}/change/", changes, begin)


def _load(folder: Path, begin: Callable[[], None]) -> None:
    begin()
    call_command("loaddata", *(folder / f"{slug}.yaml" for slug in _SLUGS), verbosity=0)


def _load_in_parts(folder: Path, begin: Callable[[], None]) -> None:
    """Load a trend a transaction, as if each was so long that it takes a second."""
    sizes = loading._FIRST_TRENDS, loading._MOST_TRENDS
    loading._FIRST_TRENDS = loading._MOST_TRENDS = 1
    try:
        _load(folder, begin)
    finally:
        loading._FIRST_TRENDS, loading._MOST_TRENDS = sizes


def _import(folder: Path, begin: Callable[[], None]) -> None:
    """Agree to the import of a zip with pictures."""
    client = _logged_in()
    address = reverse("admin:trends_trend_import_check", args=[PendingImport.objects.get().pk])
    begin()
    _expect_redirect(client.post(address), address)


def _restore_version(folder: Path, begin: Callable[[], None]) -> None:
    """Restore a version of a trend that had another picture."""
    trend = Trend.objects.get(slug="second-trend")
    client = _logged_in()
    address = reverse("admin:trends_trend_restore", args=[trend.pk])
    version = Revision.objects.of(Trend, [trend.pk]).order_by("pk")[0]
    begin()
    _expect_redirect(client.post(address, {"version": version.pk}), address)


def _translate(folder: Path, begin: Callable[[], None]) -> None:
    begin()
    call_command("import_translations", folder / "translations.po", stdout=io.StringIO())


def _restore_backup(folder: Path, begin: Callable[[], None]) -> None:
    begin()
    call_command("restore", folder / "backup", replace=True, verbosity=0)


def _publish(folder: Path, begin: Callable[[], None]) -> None:
    begin()
    publish(Trend.everything.get(working_of__isnull=False), Provenance(Origin.ADMIN))


def _upload(folder: Path, begin: Callable[[], None]) -> None:
    video = Video.objects.get(video_id="abcdefghijk")
    with (folder / "picture.png").open("rb") as picture:
        changes = {"thumbnail": picture, "title": "A talk with a picture"}
        _send(f"/admin/quotes/video/{video.pk}/change/", changes, begin)


OPERATIONS: dict[str, Operation] = {
    "save": _save,
    "load": _load,
    "parts": _load_in_parts,
    "import": _import,
    "translations": _translate,
    "backup": _restore_backup,
    "version": _restore_version,
    "publication": _publish,
    "picture": _upload,
}
