"""The documents of a run between reading and writing: in a file, so that memory stays constant."""

import pickle
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

from trends.fixture_format.file_contents import TrendDocument

_MOST_IN_MEMORY = 8 * 1024**2


class Spill:
    """Documents that were read, in the order of the run, each pickled by itself."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_MOST_IN_MEMORY)  # noqa: SIM115  until the end
        self._lengths: list[int] = []

    def __len__(self) -> int:
        return len(self._lengths)

    def append(self, document: TrendDocument) -> None:
        pickled = pickle.dumps(document, pickle.HIGHEST_PROTOCOL)
        self._file.write(pickled)
        self._lengths.append(len(pickled))

    def pickled(self) -> Iterator[bytes]:
        """Yield the documents as `opened()` reads them. Append none meanwhile."""
        self._file.seek(0)
        for length in self._lengths:
            yield self._file.read(length)


def opened(pickled: bytes) -> TrendDocument:
    """Return a document, anew each time. Its nodes know their places, and no values."""
    document: TrendDocument = pickle.loads(pickled)
    return document
