"""Stored thumbnails as the site serves them."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.support.make import give_picture, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(django_capture_on_commit_callbacks):
    """A picture that is there, of a video."""
    with django_capture_on_commit_callbacks(execute=True):
        return give_picture(make_video()).picture


@pytest.mark.parametrize(
    ("extension", "content_type"),
    [("avif", "image/avif"), ("webp", "image/webp"), ("jpg", "image/jpeg")],
)
def test_picture_is_served_and_may_be_kept_for_ever(client, picture, extension, content_type):
    response = client.get(f"/media/thumbnails/{picture.digest}-320.{extension}")
    assert response.status_code == 200
    assert response["Content-Type"] == content_type
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    assert b"".join(response.streaming_content)


def test_picture_already_there_is_not_sent_again(client, picture):
    modified = client.get(picture.fallback)["Last-Modified"]
    response = client.get(picture.fallback, headers={"if-modified-since": modified})
    assert response.status_code == 304


def test_picture_is_only_read(client, picture):
    assert client.post(picture.fallback).status_code == 405
    assert client.head(picture.fallback).status_code == 200


def test_portrait_of_an_earlier_version_is_still_served(client):
    """Pages in other people’s caches name it."""
    path = Path(settings.MEDIA_ROOT) / "drawn" / f"{'0' * 20}-320.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"content")
    response = client.get(f"/media/drawn/{path.name}")
    path.unlink()
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"content"


@pytest.mark.parametrize("folder", ["thumbnails", "drawn"])
def test_unknown_picture_is_not_found_nor_kept(client, folder):
    response = client.get(f"/media/{folder}/{'0' * 20}-320.jpg")
    assert response.status_code == 404
    assert "immutable" not in response.get("Cache-Control", "")


@pytest.mark.parametrize(
    "name",
    [
        "secret.txt",
        "thumbnails/secret.txt",
        "thumbnails/",
        "thumbnails",
        "",
        "thumbnails/../secret.txt",
        "thumbnails/..%2fsecret.txt",
        "..%2f..%2fmanage.py",
        "%2e%2e/%2e%2e/manage.py",
        "thumbnails/%00.jpg",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "thumbnails\\..\\secret.txt",
    ],
)
def test_only_pictures_are_served(client, picture, name):
    for folder in (settings.MEDIA_ROOT, Path(settings.MEDIA_ROOT) / "thumbnails"):
        (Path(folder) / "secret.txt").write_text("secret")
    assert client.get(f"/media/{name}").status_code == 404
