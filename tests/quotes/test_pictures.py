"""Thumbnails in the storage: they come with a row and go with the last one."""

import errno
import io
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.forms import modelform_factory
from PIL import Image

from quotes.models import Video
from quotes.pictures import FOLDER, Picture
from tests.support.make import make_expert, make_mention, make_video
from trendsite.shared.files import WholeFileStorage
from trendsite.shared.images import uploads

# Files go when a transaction is over, so that there must be one.
pytestmark = pytest.mark.django_db(transaction=True)

VideoForm = modelform_factory(Video, fields=["platform", "video_id", "thumbnail"])


@pytest.fixture(autouse=True)
def storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


class RolledBackError(Exception):
    """What undoes a transaction."""


def image(colour: str, size=(400, 300)) -> uploads.CleanImage:
    return uploads.clean_image(io.BytesIO(file(colour, size)))


def file(colour: str, size=(400, 300)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def give(video: Video, clean: uploads.CleanImage) -> Video:
    Video._meta.get_field("thumbnail").assign(video, clean)
    video.save()
    return video


def stored(settings) -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def files_of(picture: Picture) -> set[str]:
    names = uploads.file_names(picture.digest, picture.master_width)
    return {picture.master, *(FOLDER + name for name in names)}


def test_an_image_is_stored_with_its_row(settings):
    video = give(make_video(), image("red"))
    video.refresh_from_db()
    assert video.thumbnail_width == 400
    assert stored(settings) == files_of(video.picture)
    assert {Path(name).suffix for name in stored(settings)} == {".webp", ".avif", ".jpg"}
    for source in video.picture.sources:
        for candidate in source["srcset"].split(", "):
            address, _width = candidate.split(" ")
            assert default_storage.exists(address.removeprefix(settings.MEDIA_URL))
    assert default_storage.exists(video.picture.fallback.removeprefix(settings.MEDIA_URL))


def test_an_image_is_stored_once(settings, monkeypatch):
    video = give(make_video(), image("red"))
    before = {name: default_storage.get_modified_time(name) for name in stored(settings)}
    monkeypatch.setattr(default_storage, "save", None)
    give(video, image("red"))
    give(make_video("bcdefghijkl"), image("red"))
    assert {name: default_storage.get_modified_time(name) for name in stored(settings)} == before


def test_files_are_drawn_when_the_transaction_is_over(settings, monkeypatch):
    derivatives, drawn_inside = uploads.derivatives, []

    def watched(*args):
        drawn_inside.append(connection.in_atomic_block)
        return derivatives(*args)

    monkeypatch.setattr(uploads, "derivatives", watched)
    with transaction.atomic():
        video = give(make_video(), image("red"))
        assert stored(settings) == {video.picture.master}
    assert drawn_inside == [False]
    assert stored(settings) == files_of(video.picture)


def test_a_failed_save_leaves_no_file(settings):
    make_video()
    video = Video(platform="youtube", video_id="abcdefghijk")
    with pytest.raises(IntegrityError):
        give(video, image("red"))
    assert stored(settings) == set()


@contextmanager
def full_disk(monkeypatch, files: int):
    """Let the storage take so many files, and no more."""
    save, saved = WholeFileStorage._save, []

    def limited(*args):
        saved.append(args)
        if len(saved) > files:
            raise OSError(errno.ENOSPC, "No space left on device")
        return save(*args)

    with monkeypatch.context() as patch:
        patch.setattr(WholeFileStorage, "_save", limited)
        yield


def test_a_row_is_not_saved_without_its_master(settings, monkeypatch):
    video = make_video()
    with full_disk(monkeypatch, files=0), pytest.raises(OSError, match="No space"):
        give(video, image("red"))
    assert not Video.objects.get().thumbnail
    assert stored(settings) == set()


def test_a_saved_row_has_its_master_and_the_rest_is_made_later(settings, monkeypatch):
    with full_disk(monkeypatch, files=2):
        video = give(make_video(), image("red"))
    assert video.picture.master in stored(settings)
    assert stored(settings) < files_of(video.picture)
    call_command("draw_cards", verbosity=0)
    assert stored(settings) == files_of(video.picture)


def test_a_picture_that_another_row_had_stays_after_a_failed_save(settings):
    video = give(make_video(), image("red"))
    with pytest.raises(IntegrityError):
        give(Video(platform="youtube", video_id=video.video_id), image("red"))
    assert stored(settings) == files_of(video.picture)


CUTS = [
    pytest.param(lambda content: b"", id="empty"),
    pytest.param(lambda content: content[:1], id="one byte"),
    pytest.param(lambda content: content[: len(content) // 2], id="half"),
    pytest.param(lambda content: content[:-1], id="without the last byte"),
    pytest.param(None, id="missing"),
]


@pytest.mark.parametrize("cut", CUTS)
def test_files_that_are_cut_off_are_made_again_with_the_next_save(settings, cut):
    video = give(make_video(), image("red", (1280, 720)))
    before = damage(settings, cut)
    give(video, image("red", (1280, 720)))
    assert contents(settings) == before


@pytest.mark.parametrize("cut", CUTS)
def test_derivatives_that_are_cut_off_are_made_again_by_a_command(settings, capsys, cut):
    video = give(make_video(), image("red", (1280, 720)))
    before = damage(settings, cut, besides=video.picture.master)
    call_command("draw_cards")
    assert contents(settings) == before
    output = capsys.readouterr()
    assert output.out == "Cards drawn: 0\nSizes of thumbnails drawn: 9\n"
    assert output.err == ""


@pytest.mark.parametrize("cut", CUTS)
def test_picture_without_its_master_is_named_by_the_command(settings, capsys, cut):
    give(make_video(), image("red"))
    damage(settings, cut)
    call_command("draw_cards")
    problem = "missing" if cut is None else "damaged"
    name = Video.objects.get().thumbnail.name
    assert (
        capsys.readouterr().err == f"“A talk”: its picture {name} is {problem}; upload it again\n"
    )


def test_master_with_other_pixels_is_replaced(settings):
    video = give(make_video(), image("red"))
    before = contents(settings)
    path = Path(settings.MEDIA_ROOT) / video.thumbnail.name
    path.write_bytes(image("blue").master)
    give(video, image("red"))
    assert contents(settings) == before


def contents(settings) -> dict[str, bytes]:
    return {name: (Path(settings.MEDIA_ROOT) / name).read_bytes() for name in stored(settings)}


def damage(settings, cut, besides: str = "") -> dict[str, bytes]:
    """Cut off or remove all files but one; return what they held."""
    before = contents(settings)
    for name, content in before.items():
        path = Path(settings.MEDIA_ROOT) / name
        if name == besides:
            continue
        path.unlink()
        if cut is not None:
            path.write_bytes(cut(content))
    return before


def test_an_unsaved_image_is_not_stored(settings):
    Video._meta.get_field("thumbnail").assign(make_video(), image("red"))
    assert stored(settings) == set()


def test_a_replaced_image_takes_its_files_along(settings):
    video = give(make_video(), image("red"))
    give(video, image("blue"))
    assert stored(settings) == files_of(video.picture)


def test_a_removed_image_takes_its_files_along(settings):
    video = give(make_video(), image("red"))
    video.thumbnail, video.thumbnail_width = "", 0
    video.save()
    assert stored(settings) == set()
    assert video.picture is None


@pytest.mark.parametrize("queryset", [False, True], ids=["row", "queryset"])
def test_a_deleted_video_takes_its_files_along(settings, queryset):
    video = give(make_video(), image("red"))
    if queryset:
        Video.objects.all().delete()
    else:
        video.delete()
    assert stored(settings) == set()


def test_saving_something_else_leaves_the_files(settings):
    video = give(make_video(), image("red"))
    before = stored(settings)
    video.title = "Another title"
    video.save()
    assert stored(settings) == before
    assert before == files_of(video.picture)


@pytest.mark.parametrize("change", ["replace", "remove", "delete"])
def test_a_rolled_back_change_leaves_the_files(settings, change):
    video = give(make_video(), image("red"))
    before = files_of(video.picture)

    def undone():
        with transaction.atomic():
            if change == "replace":
                give(video, image("blue"))
            elif change == "remove":
                video.thumbnail, video.thumbnail_width = "", 0
                video.save()
            else:
                video.delete()
            raise RolledBackError

    with pytest.raises(RolledBackError):
        undone()
    assert stored(settings) == before


def test_files_stay_until_the_transaction_is_over(settings):
    video = give(make_video(), image("red"))
    before = stored(settings)
    with transaction.atomic():
        video.delete()
        assert stored(settings) == before
    assert stored(settings) == set()


def test_an_image_of_two_videos_goes_with_the_last(settings):
    one = give(make_video(), image("red"))
    other = give(make_video("bcdefghijkl"), image("red"))
    picture = one.picture
    assert one.thumbnail.name == other.thumbnail.name
    one.delete()
    assert stored(settings) == files_of(picture)
    give(other, image("blue"))
    assert stored(settings) == files_of(other.picture)


def test_two_videos_deleted_together_take_their_image_along(settings):
    give(make_video(), image("red"))
    give(make_video("bcdefghijkl"), image("red"))
    with transaction.atomic():
        Video.objects.all().delete()
    assert stored(settings) == set()


def test_an_image_that_one_video_gives_up_and_another_takes_stays(settings):
    one = give(make_video(), image("red"))
    other = make_video("bcdefghijkl")
    picture = one.picture
    with transaction.atomic():
        one.delete()
        give(other, image("red"))
    assert stored(settings) == files_of(picture)


def test_an_image_that_another_save_takes_while_it_is_deleted_stays(settings, monkeypatch):
    one = give(make_video(), image("red"))
    other = make_video("bcdefghijkl")
    before = contents(settings)
    delete = default_storage.delete

    def delete_late(name):
        """Delete when another worker has found the files there and saved its row."""
        if not other.thumbnail:
            give(other, image("red"))
        delete(name)

    monkeypatch.setattr(default_storage, "delete", delete_late)
    one.delete()
    assert contents(settings) == before


def test_new_rows_in_bulk_store_their_images_too(settings):
    video = Video(platform="youtube", video_id="abcdefghijk")
    Video._meta.get_field("thumbnail").assign(video, image("red"))
    Video.objects.bulk_create([video])
    assert stored(settings) == files_of(Video.objects.get().picture)


# In forms


def submit(video: Video | None = None, upload: bytes | None = None, **data: str) -> VideoForm:
    files = {"thumbnail": SimpleUploadedFile("any.name", upload)} if upload is not None else {}
    data = {"platform": "youtube", "video_id": "abcdefghijk", **data}
    return VideoForm(data, files, instance=video)


def test_an_upload_is_stored_and_replaced_and_cleared(settings):
    form = submit(upload=file("red"))
    assert form.errors == {}
    video = form.save()
    assert stored(settings) == files_of(video.picture)
    video = submit(video, file("blue")).save()
    assert stored(settings) == files_of(video.picture)
    unchanged = submit(video).save()
    assert unchanged.picture == video.picture
    video = submit(video, **{"thumbnail-clear": "on"}).save()
    assert video.picture is None
    assert stored(settings) == set()


def test_the_name_of_an_upload_may_be_long():
    form = VideoForm(
        {"platform": "youtube", "video_id": "abcdefghijk"},
        {"thumbnail": SimpleUploadedFile("長" * 60 + "x" * 140 + ".png", file("red"))},
    )
    assert form.errors == {}
    assert form.save().picture


def test_a_wrong_upload_is_told_at_its_field_and_leaves_nothing(settings):
    form = submit(upload=b"<svg/>")
    assert list(form.errors) == ["thumbnail"]
    assert stored(settings) == set()


# Where there is none


def test_no_file_is_stored_for_an_expert(settings):
    make_expert()
    assert stored(settings) == set()


def test_a_mention_has_the_image_of_its_video():
    video = make_video()
    mention = make_mention(video=video)
    assert mention.picture is None
    give(video, image("red"))
    mention.refresh_from_db()
    assert mention.picture == video.picture
    assert make_mention("Other words.").picture is None


# Django's own fixtures, which skip `save()`


def test_a_dump_of_a_video_loads_beside_its_files(settings, tmp_path):
    give(make_video(), image("red"))
    before = stored(settings)
    path = tmp_path / "dump.yaml"
    call_command("dumpdata", "quotes.video", format="yaml", output=str(path))
    call_command("loaddata", path, verbosity=0)
    assert stored(settings) == before
    assert stored(settings) == files_of(Video.objects.get().picture)
