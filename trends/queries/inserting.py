"""Inserting many rows by few statements."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

# SQLite takes at most 32,766 parameters.
_MOST_ROWS, _MOST_PARAMETERS = 1000, 30_000


# Any: the values of columns of any kind.
def insert(into: str, rows: Sequence[Sequence[Any]], otherwise: str = "") -> None:
    """Run “INSERT INTO `into` VALUES … `otherwise`” for rows. One query for a thousand of them.

    `executemany()` is slower on SQLite, where FTS5 writes its part of the index to the disk at the
    end of each statement.
    """
    if not rows:
        return
    width = len(rows[0])
    place = f"({', '.join(['%s'] * width)})"
    size = min(_MOST_ROWS, _MOST_PARAMETERS // width)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            places = ", ".join([place] * len(some))
            values = [value for row in some for value in row]
            cursor.execute(f"INSERT INTO {into} VALUES {places} {otherwise}", values)
