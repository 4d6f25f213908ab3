"""Queries whose SQL is built once and cached, and UNIONs of many tables.

`CompiledQuery` and `CompiledRows` are for queries whose SQL never changes, and which take Django
longer to build than the database to run: a UNION of all citations is built in 3 ms and run in
0.2 ms.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.core.signals import setting_changed
from django.db import connection, connections, models
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import get_language

from trendsite.shared.translated import for_union

Row = TypeVar("Row")

SQL = tuple[str, Sequence[Any]]
"""The text of a query, and its parameters."""


class _Parameter(str):
    """The name of a parameter of a query, whose value is given when the query runs."""


class _ListParameter(_Parameter):
    """The name of a parameter whose value is a list of numbers or texts."""


def parameter(name: str) -> RawSQL:
    """Return an expression for a value that is given when the query runs."""
    return RawSQL("%s", [_Parameter(name)])


class listed(RawSQL):  # noqa: N801  used like `parameter()`
    """An expression for the values of an `__in` lookup, which are given as a list when it runs.

    `kind` is the type of a value on PostgreSQL. There may be any number of values.
    """

    def __init__(self, name: str, kind: str = "bigint") -> None:
        super().__init__("SELECT value FROM json_each(%s)", [_ListParameter(name)])
        self._kind = kind

    def as_postgresql(self, compiler: SQLCompiler, connection: Any) -> SQL:
        """Return the SQL for PostgreSQL, which takes the list as an array."""
        return f"(SELECT unnest(%s::{self._kind}[]) AS value)", self.params


def union_arm(
    table: type[models.Model], where: Mapping[str, Any], **columns: Any
) -> models.QuerySet[Any, tuple[Any, ...]]:
    """Return columns of the rows that match `where`, for `union()`."""
    rows = for_union(table._default_manager.filter(**where)).order_by()
    found: models.QuerySet[Any, tuple[Any, ...]] = rows.annotate(**columns).values_list(*columns)
    return found


def union(
    arms: Iterable[models.QuerySet[Any, Any]], *, distinct: bool = True
) -> models.QuerySet[Any, Any]:
    """Return the UNION of querysets, or the UNION ALL if `distinct` is false."""
    first, *others = arms
    return first.union(*others, all=not distinct)


def union_of_slices(arms: Iterable[models.QuerySet[Any, Any]]) -> SQL:
    """Return the SQL of the UNION ALL of querysets, which may be slices.

    Django allows no slices in a UNION on SQLite.
    """
    parts, params = [], list[Any]()
    for number, arm in enumerate(arms):
        sql, own = arm.query.sql_with_params()
        parts.append(f"SELECT * FROM ({sql}) AS arm_{number}")
        params += own
    return " UNION ALL ".join(parts), params


class CompiledQuery:
    """A query whose SQL the function `build` returns, which is called once for each vendor.

    Also a decorator of `build`, which has no arguments and uses `parameter()` for values.
    """

    def __init__(self, build: Callable[[], SQL]) -> None:
        self._build = build
        self._built: dict[str, SQL] = {}
        self.__doc__ = build.__doc__

    def bind(self, **values: Any) -> tuple[str, list[Any]]:
        """Return the SQL of the query, and its parameters with these values."""
        vendor = connection.vendor
        if vendor not in self._built:
            self._built[vendor] = self._build()
        return _bound(self._built[vendor], values)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Run the query with these values; return its rows as tuples. One query."""
        with connection.cursor() as cursor:
            cursor.execute(*self.bind(**values))
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


class CompiledRows(Generic[Row]):
    """A queryset that is built and compiled once for each set of arguments of `build`.

    The arguments must be hashable; the last 32 sets are cached. Values that vary more are
    `parameter()` and `listed()`. Prefetches are possible, and run at each fetch.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any, Row]]) -> None:
        self._build = build
        # `typed`, since a `Today` is equal to a plain date of the same day.
        self._plan = lru_cache(maxsize=32, typed=True)(self._made)
        setting_changed.connect(self._forget)

    def fetch(self, *args: Hashable, **values: Any) -> list[Row]:
        """Run the query for these arguments with these values. One query, and its prefetches."""
        database = connections[connection.alias]  # not the proxy, which is slow for many rows
        made: Any
        made, built, sql, converters = self._plan(database.vendor, get_language(), *args)
        rows = made._chain()
        # The compiler maps columns to attributes; its SQL is made already.
        compiler: Any = copy(built)
        compiler.connection = database
        compiler.as_sql = lambda: _bound(sql, values)
        compiler.get_converters = lambda expressions: converters
        rows.query.get_compiler = lambda *args, **kwargs: compiler
        return list(rows)

    def _made(
        self, _vendor: str, _language: str | None, *args: Hashable
    ) -> tuple[models.QuerySet[Any, Row], SQLCompiler, SQL, Any]:  # Any: functions of fields
        made = self._build(*args)
        compiler: Any = made.query.get_compiler(connection=connections[connection.alias])
        sql = compiler.as_sql()
        selected = [column for column, _sql, _alias in compiler.select[: compiler.col_count]]
        return made, compiler, sql, compiler.get_converters(selected)

    def _forget(self, **_changed: Any) -> None:
        """Drop cached queries, of which a setting may be part. Only tests change settings."""
        self._plan.cache_clear()


def keep(owner: models.Model, name: str, rows: Sequence[Any]) -> None:
    """Set the result of `owner.<name>.all()`, as `prefetch_related()` does.

    It is for rows of a compiled query; the query of a prefetch would be built at each request.
    """
    found: Any = getattr(owner, name).all()
    found._result_cache = list(rows)
    found._prefetch_done = True
    vars(owner).setdefault("_prefetched_objects_cache", {})[name] = found


def _bound(sql: SQL, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    text, params = sql
    return text, [_value(p, values) if isinstance(p, _Parameter) else p for p in params]


def _value(name: _Parameter, values: Mapping[str, Any]) -> Any:
    if isinstance(name, _ListParameter):
        found = list(values[name])
        return found if connection.vendor == "postgresql" else json.dumps(found)
    return values[name]
