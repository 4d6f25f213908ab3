"""The way in for loaddata: `SERIALIZATION_MODULES["yaml"]` names this module.

A mapping is ours; a list is Django's own kind of fixture and goes to Django's serializer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import yaml
from django.core.serializers import pyyaml
from django.core.serializers.base import DeserializedObject

from trends.fixture_format.loader import Run
from trends.models import Trend

Serializer = pyyaml.Serializer

_current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)


@contextmanager
def one_run() -> Iterator[None]:
    """Let the files that are deserialized inside know of each other."""
    token = _current_run.set(Run())
    try:
        yield
    finally:
        _current_run.reset(token)


class _DeserializedFile(DeserializedObject):
    """A file on its way into the database, in the shape in which loaddata handles a row."""

    def __init__(self, run: Run, content: bytes, file: str, folder: Path | None) -> None:
        # Deferred fields make loaddata call once more when it has seen all files.
        super().__init__(Trend(), deferred_fields={"related": None})
        self._run = run
        self._file: tuple[bytes, str, Path | None] | None = (content, file, folder)

    def save(self, save_m2m: bool = True, using: str | None = None, **kwargs: Any) -> None:
        file, self._file = self._file, None
        self._run.load(*file)

    def save_deferred_fields(self, using: str | None = None) -> None:
        self._run.finish()


def Deserializer(stream_or_string: Any, **options: Any) -> Iterator[DeserializedObject]:  # noqa: N802
    """The rows of a fixture, in Django's format or in ours."""
    content = (
        stream_or_string if isinstance(stream_or_string, str | bytes) else stream_or_string.read()
    )
    if isinstance(content, str):
        content = content.encode()
    if _is_list(content):
        yield from pyyaml.Deserializer(content, **options)
        return
    path = getattr(stream_or_string, "name", None)
    is_file = isinstance(path, str) and Path(path).is_file()
    yield _DeserializedFile(
        _current_run.get() or Run(),
        content,
        _shown(Path(path)) if is_file else "-",
        Path(path).resolve().parent if is_file else None,
    )


def _shown(path: Path) -> str:
    """The path as a person at the command line would write it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _is_list(content: bytes) -> bool:
    """Does the first thing in the YAML begin a list? Broken YAML is for our own reader."""
    try:
        for event in yaml.parse(content, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                return isinstance(event, yaml.SequenceStartEvent)
            if isinstance(event, yaml.ScalarEvent):
                return False
    except (yaml.YAMLError, UnicodeDecodeError):
        return False
    return False
