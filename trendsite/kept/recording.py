"""Recording what a page depends on while it is rendered: queries and query parameters."""

import datetime
import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import QueryDict
from django.utils.functional import cached_property

from trendsite.kept.triggers import content_tables
from trendsite.shared.days import DayText, Today

_TABLES = re.compile(r'\b(?:FROM|JOIN)\s+"?(\w+)"?(?!\w|"?\s*\()', re.IGNORECASE)
_NAMED = re.compile(
    r'"?\b(\w+)"?(?:\s*\([^()]*\))?\s+AS\s+(?:(?:NOT\s+)?MATERIALIZED\s+)?\(', re.IGNORECASE
)
_HARMLESS = re.compile(r"\s*(?:SAVEPOINT|RELEASE|SET TRANSACTION|BEGIN)\b", re.IGNORECASE)
_READS = re.compile(r"\s*(?:SELECT|WITH|\()", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RecordedQuery:
    """A query, and a digest of the rows that it returned.

    Parameters that depend on the day are of the type `Today` or `DayText`.
    """

    sql: str
    params: tuple[Any, ...]
    digest: bytes

    def __post_init__(self) -> None:
        # All pages of a view share the SQL of their queries, 3 kB each, and their days, of which a
        # query has twenty: of 500 pages 9 MB of 17.
        object.__setattr__(self, "sql", sys.intern(self.sql))
        object.__setattr__(self, "params", tuple(map(_shared, self.params)))

    @property
    def tables(self) -> frozenset[str]:
        return tables_of(self.sql)

    @property
    def depends_on_day(self) -> bool:
        return any(isinstance(value, (Today, DayText)) for value in self.params)

    def has_same_result(self, connection: BaseDatabaseWrapper, day: datetime.date) -> bool:
        """Run the query as of a day, and return whether its rows are the recorded ones."""
        params = tuple(
            value.at(day) if isinstance(value, (Today, DayText)) else value for value in self.params
        )
        return result_digest(connection, self.sql, params) == self.digest


def _shared(param: Any) -> Any:
    """Return a parameter, the same object for equal ones that depend on the day."""
    match param:
        case DayText():
            day = param.day
            return _shared_text(day.now, day.offset, param.months, param.suffix)
        case Today():
            return _shared_day(param.now, param.offset)
    return param


# Cached by their parts: to compare the days themselves would note that they were used.
@lru_cache(maxsize=256)
def _shared_day(now: datetime.date, offset: int) -> Today:
    return Today(now, offset)


@lru_cache(maxsize=256)
def _shared_text(now: datetime.date, offset: int, months: int, suffix: str) -> DayText:
    return DayText(_shared_day(now, offset), months, suffix)


@dataclass
class QueryLog:
    """The queries of a page. `objection` is the reason why the page cannot be kept, or empty."""

    queries: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    objection: str = ""

    def with_results(self, connection: BaseDatabaseWrapper) -> list[RecordedQuery]:
        """Run each query again, and return all of them with digests of their rows."""
        return [
            RecordedQuery(sql, params, result_digest(connection, sql, params))
            for sql, params in self.queries
        ]


@lru_cache(maxsize=1024)
def tables_of(sql: str) -> frozenset[str]:
    """Return the names of the tables that a query reads: those after FROM or JOIN."""
    return frozenset(_TABLES.findall(sql)) - set(_NAMED.findall(sql))


def result_digest(connection: BaseDatabaseWrapper, sql: str, params: tuple[Any, ...]) -> bytes:
    """Run a query, and return a digest of its rows in their order."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return hashlib.blake2b(repr(cursor.fetchall()).encode(), digest_size=16).digest()


@contextmanager
def recorded_queries(connection: BaseDatabaseWrapper) -> Iterator[QueryLog]:
    """Record the queries of the block, on one connection."""
    log = QueryLog()
    known = content_tables()

    def record(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not _HARMLESS.match(sql):
            if many or not _READS.match(sql):
                log.objection = f"writes: {sql[:80]}"
            elif unknown := tables_of(sql) - known:
                log.objection = f"reads {', '.join(sorted(unknown))}, whose changes are not noted"
            log.queries.append((sql, tuple(params or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield log


class _RecordedParameters(QueryDict):
    """A QueryDict that records the names of the parameters that are read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.asked: set[str] = set()
        super().__init__(*args, **kwargs)
        self.asked, self.asked_for_all = set(), False

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def getlist(self, key: str, default: Any = None) -> list[Any]:
        self.asked.add(key)
        return super().getlist(key, default)

    def _all(self) -> None:
        self.asked_for_all = True


def _recording_all(name: str) -> Callable[..., Any]:
    inner = getattr(QueryDict, name)

    def method(self: _RecordedParameters, *args: Any, **kwargs: Any) -> Any:
        self._all()
        return inner(self, *args, **kwargs)

    return method


for _name in (
    "__iter__",
    "__len__",
    "items",
    "lists",
    "values",
    "keys",
    "dict",
    "copy",
    "urlencode",
):
    setattr(_RecordedParameters, _name, _recording_all(_name))


class RecordedRequest(WSGIRequest):
    """A request that records which parameters of the query string are read."""

    @cached_property
    def GET(self) -> _RecordedParameters:  # type: ignore[override]  # noqa: N802  Django's name
        return _RecordedParameters(self.META["QUERY_STRING"], encoding=self.encoding)

    def parameters_asked(self) -> set[str] | None:
        """Return the names that were read, None if all parameters were read at once."""
        if "GET" not in self.__dict__:
            return set()
        return None if self.GET.asked_for_all else self.GET.asked
