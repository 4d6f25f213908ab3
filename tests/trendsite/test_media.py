"""Stored thumbnails as the site serves them."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.support.make import make_expert

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture():
    """A picture that is there: the one drawn for an expert."""
    return make_expert().picture


@pytest.mark.parametrize(
    ("extension", "content_type"),
    [("avif", "image/avif"), ("webp", "image/webp"), ("jpg", "image/jpeg")],
)
def test_picture_is_served_and_may_be_kept_for_ever(client, picture, extension, content_type):
    response = client.get(f"/media/{picture.folder}{picture.digest}-320.{extension}")
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


@pytest.mark.parametrize("folder", ["thumbnails", "drawn"])
def test_unknown_picture_is_not_found_nor_kept(client, folder):
    response = client.get(f"/media/{folder}/{'0' * 20}-320.jpg")
    assert response.status_code == 404
    assert "immutable" not in response.get("Cache-Control", "")


@pytest.mark.parametrize(
    "name",
    [
        "secret.txt",
        "drawn/secret.txt",
        "drawn/",
        "drawn",
        "",
        "drawn/../secret.txt",
        "drawn/..%2fsecret.txt",
        "..%2f..%2fmanage.py",
        "%2e%2e/%2e%2e/manage.py",
        "drawn/%00.jpg",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "drawn\\..\\secret.txt",
    ],
)
def test_only_pictures_are_served(client, picture, name):
    for folder in (settings.MEDIA_ROOT, Path(settings.MEDIA_ROOT) / "drawn"):
        (Path(folder) / "secret.txt").write_text("secret")
    assert client.get(f"/media/{name}").status_code == 404
