"""Writing files atomically."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files import File
from django.core.files.storage import FileSystemStorage


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, and rename it to `path` at the end of the block.

    Readers of `path` get the old file or the new one, also after a crash: the new file is flushed
    to the disk before it is renamed. If the block raises, the temporary file is removed.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield partial
        _flush(partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    _flush(path.parent)


def _flush(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class WholeFileStorage(FileSystemStorage):
    """Django's storage in a folder, in which saving a file replaces that of the same name."""

    def _save(self, name: str, content: File[bytes]) -> str:
        path = Path(self.path(name))
        with replacing(path) as partial:
            super()._save(os.path.relpath(partial, self.location), content)  # type: ignore[misc]
        return name

    def is_name_available(self, name: str, max_length: int | None = None) -> bool:
        return max_length is None or len(name) <= max_length
