"""`sweep_media`: files that no row names go, and no others."""

import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from quotes.models import Video
from tests.support.make import give_picture, make_trend, make_video
from trends.formats import orphan_files
from trends.formats.card_files import draw_cards

pytestmark = pytest.mark.django_db(transaction=True)

ORPHANS = [
    "cards/0123456789abcdef0123.jpg",
    "thumbnails/left.webp",
    "thumbnails/.half.webp.0a1b2c3d",
]


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def named(media) -> set[str]:
    """The files of a picture and of a card, two hours old, beside orphans of the same age."""
    give_picture(make_video())
    draw_cards(make_trend())
    before = stored(media)
    for name in ORPHANS:
        default_storage.save(name, ContentFile(b"x"))
    (media / "elsewhere").mkdir()
    (media / "elsewhere" / "of-the-operator.txt").write_text("x")
    age(media)
    return before | {"elsewhere/of-the-operator.txt"}


def stored(media: Path) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def age(media: Path, hours: float = 2) -> None:
    then = time.time() - hours * 3600
    for path in media.rglob("*"):
        os.utime(path, (then, then))


def test_orphans_go_and_what_rows_name_stays(named, media, capsys):
    call_command("sweep_media")
    assert stored(media) == named
    assert capsys.readouterr().out == "".join(f"{name}\n" for name in sorted(ORPHANS)) + (
        "Files deleted: 3\n"
    )


def test_a_look_deletes_nothing(named, media, capsys):
    before = stored(media)
    call_command("sweep_media", dry_run=True)
    assert stored(media) == before
    assert "Files can be deleted: 3" in capsys.readouterr().out


def test_a_young_file_may_belong_to_a_save_on_its_way(named, media):
    age(media, hours=0.5)
    call_command("sweep_media", verbosity=0)
    assert stored(media) == named | set(ORPHANS)
    call_command("sweep_media", minutes=10, verbosity=0)
    assert stored(media) == named


def test_at_most_so_many_are_deleted_at_once(named, media):
    call_command("sweep_media", most=2, verbosity=0)
    assert len(stored(media) - named) == 1


def test_a_file_that_a_row_takes_meanwhile_is_there_at_the_end(named, media, monkeypatch):
    video = Video.objects.get()
    master = video.thumbnail.name
    Video.objects.update(thumbnail="", thumbnail_width=0)
    delete = default_storage.delete

    def take(name: str) -> None:
        delete(name)
        if name == master:
            Video.objects.update(thumbnail=master, thumbnail_width=video.thumbnail_width)

    monkeypatch.setattr(default_storage._wrapped, "delete", take)
    swept = orphan_files.sweep(1000)
    assert master not in swept
    assert stored(media) == named


def test_an_empty_storage_has_none(capsys):
    call_command("sweep_media")
    assert capsys.readouterr().out == "Files deleted: 0\n"
