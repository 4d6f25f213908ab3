"""UNIONs of many tables, and SQL that is built once for each kind of database.

`CompiledQuery` is for queries whose text never changes, and which take Django longer to build
than the database to run: a UNION of all citations is built in 3 ms, and run in 0.2 ms.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL

from trendsite.shared.translated import for_union

SQL = tuple[str, Sequence[Any]]
"""The text of a query, and its parameters."""


class _Parameter(str):
    """The name of a parameter whose value is given when the query runs."""


def parameter(name: str) -> RawSQL:
    """Return an expression for a value of a filter that is given when the query runs."""
    return RawSQL("%s", [_Parameter(name)])


def union_arm(
    table: type[models.Model], where: Mapping[str, Any], **columns: Any
) -> models.QuerySet[Any, tuple[Any, ...]]:
    """Return these columns of the rows that match, to be united with others."""
    rows = for_union(table._default_manager.filter(**where)).order_by()
    found: models.QuerySet[Any, tuple[Any, ...]] = rows.annotate(**columns).values_list(*columns)
    return found


def union(
    arms: Iterable[models.QuerySet[Any, Any]], *, distinct: bool = True
) -> models.QuerySet[Any, Any]:
    """Return the rows of all arms, each once if they are to be distinct."""
    first, *others = arms
    return first.union(*others, all=not distinct)


class CompiledQuery:
    """A query that `build` composes with `parameter()`, the first time that it is needed.

    May be used as the decorator of `build`, which takes nothing and may ask which database is
    connected.
    """

    def __init__(self, build: Callable[[], SQL]) -> None:
        self._build = build
        self._built: dict[str, SQL] = {}
        self.__doc__ = build.__doc__

    def bind(self, **values: Any) -> tuple[str, list[Any]]:
        """Return the text of the query and its parameters with these values."""
        vendor = connection.vendor
        if vendor not in self._built:
            self._built[vendor] = self._build()
        sql, params = self._built[vendor]
        return sql, [values[p] if isinstance(p, _Parameter) else p for p in params]

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Run the query with these values, and return its rows as the database gives them."""
        with connection.cursor() as cursor:
            cursor.execute(*self.bind(**values))
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
