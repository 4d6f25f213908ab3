"""The way in for loaddata: `SERIALIZATION_MODULES["yaml"]` names this module.

A mapping is ours; a list is Django's own kind of fixture and goes to Django's serializer.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import yaml
from django.core.serializers import pyyaml
from django.core.serializers.base import DeserializedObject

from trends.fixture_format.loader import FixtureFile, Run
from trends.models import Trend

Serializer = pyyaml.Serializer

# loaddata asks each object which model it is of, and no more.
_ANY_ROW = Trend()

_current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)


@contextmanager
def one_run() -> Iterator[Run]:
    """Let the files that are deserialized inside know of each other; gives their run."""
    run = Run()
    token = _current_run.set(run)
    try:
        yield run
    finally:
        _current_run.reset(token)


class _DeserializedFile(DeserializedObject):
    """A file on its way into the database, in the shape in which loaddata handles a row."""

    def __init__(self, run: Run, content: bytes, file: FixtureFile) -> None:
        # Deferred fields make loaddata call once more when it has seen all files.
        super().__init__(_ANY_ROW, deferred_fields={"related": None})
        self._run = run
        self._content = content
        self._file = file

    def save(self, save_m2m: bool = True, using: str | None = None, **kwargs: Any) -> None:
        # loaddata keeps this object to the end of the run; the content may go.
        content, self._content = self._content, b""
        self._run.load(content, self._file)

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
    yield _DeserializedFile(_current_run.get() or Run(), content, _file(stream_or_string))


def _file(stream: Any) -> FixtureFile:
    name = getattr(stream, "name", None)
    if not isinstance(name, str) or not Path(name).is_file():
        return FixtureFile("-")
    path = Path(name).resolve()
    # A compressed file has the name, and not the bytes, of what it is read from.
    is_plain = isinstance(stream, io.BufferedReader)
    return FixtureFile(_shown(Path(name)), path.parent, path if is_plain else None)


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
