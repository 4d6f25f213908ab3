"""A storage for media in an S3 bucket; needs `requirements-s3.txt`."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage


@contextmanager
def _as_files_fail() -> Iterator[None]:
    """Raise OSError for errors of S3, as a storage in a folder does."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OSError(f"The bucket of pictures does not answer: {error}") from error


class BucketStorage(S3Storage):  # type: ignore[misc]  # which has no types
    """A storage in a bucket. Saving a file replaces the one of the same name.

    Files have addresses on this site, so that pages load nothing from other hosts:
    `trendsite.views.media` sends them, or a proxy that reads the bucket.
    """

    def url(self, name: str) -> str:
        return settings.MEDIA_URL + str(filepath_to_uri(name))

    def exists(self, name: str) -> bool:
        with _as_files_fail():
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        with _as_files_fail():
            super().delete(name)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with _as_files_fail():
            file: File[bytes] = super()._open(name, mode)
        return file

    def _save(self, name: str, content: File[bytes]) -> str:
        with _as_files_fail():
            saved: str = super()._save(name, content)
        return saved
