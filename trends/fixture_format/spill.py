"""A temporary file for the documents of a run, so that memory does not grow with the run."""

import pickle
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Generic, TypeVar

from trends.fixture_format.file_contents import EvidenceDocument

_MOST_IN_MEMORY = 8 * 1024**2

_Document = TypeVar("_Document", bound=EvidenceDocument)


class Spill(Generic[_Document]):
    """The documents of a run between reading and writing, in order, each pickled separately."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_MOST_IN_MEMORY)  # noqa: SIM115  until the end
        self._lengths: list[int] = []

    def __len__(self) -> int:
        return len(self._lengths)

    def append(self, document: _Document) -> None:
        pickled = pickle.dumps(document, pickle.HIGHEST_PROTOCOL)
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
