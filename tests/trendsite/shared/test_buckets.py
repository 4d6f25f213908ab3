"""Pictures in a bucket, kept by a server that speaks S3."""

import io
from collections.abc import Iterator

import pytest
from botocore.config import Config
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from PIL import Image

from quotes.models import Video
from quotes.pictures import stored_picture
from tests.support.make import give_picture, make_mention, make_trend, make_video
from trends.formats.orphan_files import orphans

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    # Every process reads this module, and one runs it.
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server, settings, monkeypatch) -> str:
    """Let the settings name an empty bucket."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-a-test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    use(settings, server)
    default_storage.connection.create_bucket(Bucket="pictures")
    default_storage.bucket.objects.all().delete()
    return server


def use(settings, endpoint: str) -> None:
    quick = Config(retries={"max_attempts": 0}, connect_timeout=1, s3={"addressing_style": "path"})
    options = {"bucket_name": "pictures", "endpoint_url": endpoint, "client_config": quick}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "trendsite.shared.buckets.BucketStorage", "OPTIONS": options},
    }


def stored() -> set[str]:
    return {item.key for item in default_storage.bucket.objects.all()}


def test_a_picture_is_kept_in_the_bucket_and_shown_by_the_site(bucket, client):
    video = give_picture(make_video())
    trend = make_trend()
    trend.mentions.add(make_mention(video=video))
    page = client.get("/en/trends/example-trend/").content.decode()
    address = stored_picture(video.thumbnail.name, video.thumbnail_width).fallback
    assert address.startswith("/media/thumbnails/")
    assert address in page
    assert bucket not in page
    answer = client.get(address)
    picture = Image.open(io.BytesIO(answer.getvalue()))
    assert (answer["Content-Type"], picture.format) == ("image/jpeg", "JPEG")
    assert "immutable" in answer["Cache-Control"]
    assert client.get("/media/thumbnails/00000000000000000000.webp").status_code == 404


def test_pictures_go_with_their_row_and_orphans_by_a_sweep(bucket):
    video = give_picture(make_video())
    default_storage.save("thumbnails/left.webp", ContentFile(b"x"))
    assert len(stored()) > 2
    Video.objects.get(pk=video.pk).delete()
    assert stored() == {"thumbnails/left.webp"}
    assert list(orphans()) == []  # it may belong to a save of this minute
    call_command("sweep_media", minutes=0, verbosity=0)
    assert stored() == set()


def test_a_backup_takes_pictures_of_a_bucket_back_into_a_bucket(bucket, tmp_path):
    give_picture(make_video())
    before = stored()
    call_command("backup", tmp_path / "backup", verbosity=0)
    default_storage.bucket.objects.all().delete()
    call_command("restore", tmp_path / "backup", replace=True, verbosity=0)
    assert stored() == before


def test_a_bucket_that_does_not_answer_is_named(bucket, settings, client):
    use(settings, "http://127.0.0.1:9")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "media: not available" in answer.content.decode()
    with pytest.raises(OSError, match="bucket of pictures does not answer"):
        default_storage.save("thumbnails/new.webp", ContentFile(b"x"))
