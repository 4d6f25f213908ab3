"""Long lists for paginators, of which only the slices that are shown are read."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, TypeVar, overload

from django.db.models import QuerySet

Row = TypeVar("Row")


class LazyList(Sequence[Row]):
    """A list of a known length. `read(first, last)` returns its rows from one place to another.

    Like a queryset, it is read when a row is asked for, and a slice is lazy as well.
    """

    def __init__(self, length: int, read: Callable[[int, int], Sequence[Row]]) -> None:
        self._length, self._read = length, read

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> "LazyList[Row]": ...
    def __getitem__(self, index: int | slice) -> "Row | LazyList[Row]":
        if isinstance(index, int):
            return self._rows[index]
        start, stop, _step = index.indices(self._length)
        return LazyList(
            max(stop - start, 0), lambda first, last: self._read(start + first, start + last)
        )

    @cached_property
    def _rows(self) -> Sequence[Row]:
        return self._read(0, self._length) if self._length else []


def read_from_nearer_end(length: int, read: Callable[[bool, int, int], list[Row]]) -> LazyList[Row]:
    """Return a list whose slices are read from the nearer end.

    `read(from_end, first, last)` counts places from the end, in reversed order, if `from_end`.

    A database steps over the rows before a slice, a hundred thousand in a few milliseconds if an
    index has all columns. So the last page takes as long as the first one.
    """

    def read_slice(first: int, last: int) -> list[Row]:
        if first <= length // 2:
            return read(False, first, last)
        return read(True, length - last, length - first)[::-1]

    return LazyList(length, read_slice)


def rows_of(rows: QuerySet[Any], pks: Sequence[int]) -> LazyList[Any]:
    """Return the rows with some primary keys, in their order. One query for a slice."""

    def read(first: int, last: int) -> list[Any]:
        part = pks[first:last]
        return in_order(rows.filter(pk__in=part).order_by(), part)

    return LazyList(len(pks), read)


def in_order(rows: Iterable[Any], pks: Iterable[int]) -> list[Any]:
    """Return those of the rows that have one of the primary keys, in the order of these."""
    found = {row.pk: row for row in rows}
    return [found[pk] for pk in pks if pk in found]
