"""The serializer of the setting SERIALIZATION_MODULES, which connects the format to loaddata.

A file that is a mapping is in our format. A list is a fixture in Django's format, with rows of the
content's models only.
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

from trends.fixture_format.content_rows import deserialized_rows
from trends.fixture_format.loader import FixtureFile, Run
from trends.models import Trend

Serializer = pyyaml.Serializer

# loaddata reads only the model of an object.
_ANY_ROW = Trend()

_current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)


@contextmanager
def in_run(run: Run) -> Iterator[None]:
    """Make all files that are deserialized in the block part of a run."""
    token = _current_run.set(run)
    try:
        yield
    finally:
        _current_run.reset(token)


class _DeserializedFile(DeserializedObject):
    """A file as an object that loaddata handles like a row."""

    def __init__(self, run: Run, content: bytes | None, file: FixtureFile) -> None:
        # loaddata calls objects with deferred fields once more after all files.
        super().__init__(_ANY_ROW, deferred_fields={_ANY_ROW._meta.get_field("related"): None})
        self._run = run
        self._content = content
        self._file = file

    def save(self, save_m2m: bool = True, using: str | None = None, **kwargs: Any) -> None:
        # loaddata keeps this object until the end of the run, so the content is released.
        content, self._content = self._content, None
        if content is not None:  # None for a list, whose rows are yielded one by one
            self._run.load(content, self._file)

    def save_deferred_fields(self, using: str | None = None) -> None:
        self._run.finish()


def Deserializer(stream_or_string: Any, **options: Any) -> Iterator[DeserializedObject]:  # noqa: N802
    """Yield the objects of a fixture, in Django's format or in ours."""
    content = (
        stream_or_string if isinstance(stream_or_string, str | bytes) else stream_or_string.read()
    )
    if isinstance(content, str):
        content = content.encode()
    run, file = _current_run.get() or Run(), _file(stream_or_string)
    if _is_list(content):
        run.holds_rows = True
        yield from deserialized_rows(content, file.shown, run, **options)
        yield _DeserializedFile(run, None, file)
    else:
        yield _DeserializedFile(run, content, file)


def _file(stream: Any) -> FixtureFile:
    name = getattr(stream, "name", None)
    if not isinstance(name, str) or not Path(name).is_file():
        return FixtureFile("-")
    path = Path(name).resolve()
    # A compressed file cannot be read again by its name alone.
    is_plain = isinstance(stream, io.BufferedReader)
    return FixtureFile(_shown(Path(name)), path.parent, path if is_plain else None)


def _shown(path: Path) -> str:
    """Return the path relative to the working directory, if it is inside."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _is_list(content: bytes) -> bool:
    """Return whether YAML begins with a list. Broken YAML is reported by our own reader."""
    try:
        for event in yaml.parse(content, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                return isinstance(event, yaml.SequenceStartEvent)
            if isinstance(event, yaml.ScalarEvent):
                return False
    except (yaml.YAMLError, UnicodeDecodeError):
        return False
    return False
