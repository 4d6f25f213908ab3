"""Thumbnails in the storage: they come with a row and go with the last one."""

import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.forms import modelform_factory
from PIL import Image

from quotes import pictures as thumbnail_files
from quotes.models import Expert, Video
from quotes.pictures import drawn_picture
from tests.support.make import make_expert, make_mention, make_video
from trendsite.shared.images import uploads as thumbnails

# Files go when a transaction is over, so that there must be one.
pytestmark = pytest.mark.django_db(transaction=True)

VideoForm = modelform_factory(Video, fields=["platform", "video_id", "thumbnail"])


@pytest.fixture(autouse=True)
def storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


def image(colour: str, size=(400, 300)) -> thumbnails.CleanImage:
    return thumbnails.clean_image(io.BytesIO(file(colour, size)))


def file(colour: str, size=(400, 300)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def give(video: Video, clean: thumbnails.CleanImage) -> Video:
    Video._meta.get_field("thumbnail").assign(video, clean)
    video.save()
    return video


def stored(settings) -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def files_of(picture: thumbnail_files.Picture) -> set[str]:
    names = thumbnails.file_names(picture.digest, picture.master_width)
    return {picture.folder + name for name in names}


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
    encoded = []
    monkeypatch.setattr(thumbnails, "encode", lambda clean: encoded.append(clean) or iter(()))
    give(video, image("red"))
    give(make_video("bcdefghijkl"), image("red"))
    assert encoded == []
    assert {name: default_storage.get_modified_time(name) for name in stored(settings)} == before


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

    class RolledBackError(Exception):
        pass

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
    assert before <= stored(settings)
    assert Video.objects.get().picture.master in stored(settings)


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


def test_a_wrong_upload_is_told_at_its_field_and_leaves_nothing(settings):
    form = submit(upload=b"<svg/>")
    assert list(form.errors) == ["thumbnail"]
    assert stored(settings) == set()


# Drawn pictures


def test_a_picture_is_drawn_for_each_name_of_an_expert(settings):
    expert = make_expert()
    english = drawn_picture("mina-example", "Mina Example")
    japanese = drawn_picture("mina-example", "ミナ・エグザンプル")
    assert stored(settings) == files_of(english) | files_of(japanese)
    assert expert.picture == english


def test_one_name_in_both_languages_is_drawn_once(settings):
    expert = make_expert("mina-example", name_en="Mina", name_ja="Mina")
    assert stored(settings) == files_of(expert.picture)


@pytest.mark.parametrize("renamed", ["name_en", "slug"])
def test_a_drawn_picture_follows_a_changed_name(settings, renamed):
    expert = make_expert("mina-example", name_en="Mina")
    before = expert.picture
    setattr(expert, renamed, "mina-model")
    expert.save()
    assert expert.picture != before
    assert stored(settings) == files_of(expert.picture)


def test_a_deleted_expert_takes_the_drawn_pictures_along(settings):
    make_expert().delete()
    assert stored(settings) == set()


def test_a_mention_has_the_image_of_its_video_or_the_expert(settings):
    video = make_video()
    mention = make_mention(video=video)
    assert mention.picture == mention.expert.picture
    give(video, image("red"))
    mention.refresh_from_db()
    assert mention.picture == video.picture
    assert make_mention("Other words.").picture == mention.expert.picture


# Django's own fixtures, which skip `save()`


def load_list(folder, **fields: str) -> None:
    lines = "".join(f"    {name}: {value}\n" for name, value in fields.items())
    path = folder / "expert.yaml"
    path.write_text(f"- model: quotes.expert\n  pk: 1\n  fields:\n{lines}")
    call_command("loaddata", path, verbosity=0)


def test_raw_fixtures_draw_and_redraw_the_pictures(settings, tmp_path):
    load_list(tmp_path, slug="mina-example", name_en="Mina")
    assert stored(settings) == files_of(Expert.objects.get().picture)
    load_list(tmp_path, slug="mina-example", name_en="Mina Example")
    assert Expert.objects.get().name_en == "Mina Example"
    assert stored(settings) == files_of(Expert.objects.get().picture)


def test_a_dump_of_a_video_loads_beside_its_files(settings, tmp_path):
    give(make_video(), image("red"))
    before = stored(settings)
    path = tmp_path / "dump.yaml"
    call_command("dumpdata", "quotes.video", format="yaml", output=str(path))
    call_command("loaddata", path, verbosity=0)
    assert stored(settings) == before
    assert stored(settings) == files_of(Video.objects.get().picture)
