"""Inserting many rows at once."""

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, connections, models

# SQLite takes at most 32,766 parameters.
_MOST_ROWS, _MOST_PARAMETERS = 1000, 30_000


# Any, here and below: the values of columns of any kind.
def insert(into: str, rows: Sequence[Sequence[Any]], then: str = "") -> list[tuple[Any, ...]]:
    """Run “INSERT INTO `into` VALUES … `then`” for rows; return what it returns.

    One query for a thousand rows. `executemany()` is slower on SQLite, where FTS5 writes its part
    of the index to the disk at the end of each statement.
    """
    if not rows:
        return []
    returned: list[tuple[Any, ...]] = []
    width = len(rows[0])
    place = f"({', '.join(['%s'] * width)})"
    size = min(_MOST_ROWS, _MOST_PARAMETERS // width)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            places = ", ".join([place] * len(some))
            values = [value for row in some for value in row]
            cursor.execute(f"INSERT INTO {into} VALUES {places} {then}", values)
            if cursor.description:
                returned += cursor.fetchall()
    return returned


class _Plan(NamedTuple):
    """How the rows of a model are inserted."""

    into: str
    then: str
    columns: list[tuple[Callable[..., Any], Callable[..., Any]]]


def create(model: type[models.Model], rows: Collection[models.Model]) -> None:
    """Save new rows. One query for a thousand of them.

    It is `bulk_create()` in a third of the time, for rows without what a manager of theirs adds.
    """
    database = connections[connection.alias]  # not the proxy, which is slow for many values
    into, then, columns = _plan(model, database.vendor)
    values = [
        [prepared(value(row, add=True), database) for value, prepared in columns] for row in rows
    ]
    for row, (pk,) in zip(rows, insert(into, values, then), strict=True):
        row.pk, row._state.adding, row._state.db = pk, False, database.alias


@cache
def _plan(model: type[models.Model], _vendor: str) -> _Plan:
    fields = [f for f in model._meta.local_concrete_fields if not isinstance(f, models.AutoField)]
    table, pk, *names = (
        connection.ops.quote_name(str(name))
        for name in (
            model._meta.db_table,
            model._meta.pk.column,
            *(field.column for field in fields),
        )
    )
    return _Plan(
        f"{table} ({', '.join(names)})",
        f"RETURNING {pk}",
        [(field.pre_save, field.get_db_prep_save) for field in fields],
    )
