"""Reading slices of long lists whose order is kept."""

from typing import Generic, TypeVar

Row = TypeVar("Row")


class KeptSlices(Generic[Row]):
    """A long list for a paginator, whose slices are read from the nearer end.

    A database steps over the rows before a slice, a hundred thousand in a few milliseconds if an
    index has all columns. So the last page takes as long as the first one.
    """

    def count(self) -> int:
        """Return the length of the list."""
        raise NotImplementedError

    def between(self, first: int, last: int, *, from_end: bool) -> list[Row]:
        """Return the rows from `first` to before `last`.

        With `from_end`, places are counted from the end, and the order is reversed.
        """
        raise NotImplementedError

    def __getitem__(self, part: slice) -> list[Row]:
        number = self.count()
        start, stop, _step = part.indices(number)
        if start >= stop:
            return []
        if start <= number // 2:
            return self.between(start, stop, from_end=False)
        return self.between(number - stop, number - start, from_end=True)[::-1]
