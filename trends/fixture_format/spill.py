"""A temporary file for the documents of a run, so that memory does not grow with the run."""

import copyreg
import io
import pickle
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.db import models
from django.db.models.base import ModelState

from trends.fixture_format.file_contents import EvidenceDocument

_MOST_IN_MEMORY = 8 * 1024**2

_Document = TypeVar("_Document", bound=EvidenceDocument)


class _Pickler(pickle.Pickler):
    """Pickles unsaved rows as they are. Django's own way takes thrice as long."""

    dispatch_table = copyreg.dispatch_table.copy()


def _reduced(row: models.Model) -> tuple[Any, ...]:
    state = vars(row).copy()
    kept = vars(state.pop("_state"))
    return _row, (type(row), state, kept)


def _row(model: type[models.Model], state: dict[str, Any], kept: dict[str, Any]) -> models.Model:
    row = model.__new__(model)
    vars(row).update(state, _state=ModelState())
    vars(row._state).update(kept)
    return row


_Pickler.dispatch_table.update((model, _reduced) for model in apps.get_models())


class Spill(Generic[_Document]):
    """The documents of a run between reading and writing, in order, each pickled separately."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_MOST_IN_MEMORY)  # noqa: SIM115  until the end
        self._lengths: list[int] = []

    def __len__(self) -> int:
        return len(self._lengths)

    def append(self, document: _Document) -> None:
        buffer = io.BytesIO()
        _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(document)
        pickled = buffer.getvalue()
        self._file.write(pickled)
        self._lengths.append(len(pickled))

    def pickled(self) -> Iterator[bytes]:
        """Yield the pickled documents, for `opened()`. Do not append any meanwhile."""
        self._file.seek(0)
        for length in self._lengths:
            yield self._file.read(length)

    def opened(self, pickled: bytes) -> _Document:
        """Return a new copy of a document. Its nodes have their places, but no values."""
        document: _Document = pickle.loads(pickled)
        return document

    def documents(self) -> Iterator[_Document]:
        """Yield new copies of all documents. Do not append any meanwhile."""
        return map(self.opened, self.pickled())
