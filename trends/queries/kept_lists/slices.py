"""Read a part of a long list whose order is kept."""

from typing import Generic, TypeVar

Row = TypeVar("Row")


class KeptSlices(Generic[Row]):
    """A long list for a paginator, of which a part is read from the end that is nearer.

    A database steps over the rows before a page, a hundred thousand in a few milliseconds where
    the index has all it asks for. So the last page costs what the first does.
    """

    def count(self) -> int:
        """Return the length of the list."""
        raise NotImplementedError

    def between(self, first: int, last: int, *, from_end: bool) -> list[Row]:
        """Return the rows from one place to before another, counted from the end if asked to.

        The order is then the opposite one.
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
