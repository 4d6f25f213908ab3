"""Indexes by which a database finds rows by any part of their texts, as editors search for them.

    parts = PartsIndex(Source, ["title", "publisher", "key"])
    parts.rows_with(["repo", "2024"])

SQLite has an FTS5 table of trigrams, which triggers keep up to date; PostgreSQL has a GIN index of
trigrams, if `pg_trgm` is installed. A word of one or two characters has no trigram: rows with it
are read one after the other, the newest first.

They are installed after each `migrate`, as those of `trendsite.kept.triggers` are: to alter a
table on SQLite, Django makes it anew, which drops its triggers.
"""

import zlib
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

MOST_FOUND = 500
"""The most rows to find: those that were added last."""

_SHORTEST = 3
_LONGEST = 10
"""Of a longer word SQLite looks for the end in the index, which takes less time: slugs that differ
in their ends alone have most trigrams in common."""
_indexes: list["PartsIndex"] = []


class PartsIndex:
    """The index of some columns of a model, in which upper and lower case are equal."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        self.columns = list(columns)
        self.table = model._meta.db_table
        self.name = f"{self.table}_parts"
        _indexes.append(self)

    def rows_with(self, words: Collection[str]) -> list[int]:
        """Return the primary keys of rows that have each word in one of the columns. One query.

        They are those that were added last, `MOST_FOUND` and one more if there are others.
        """
        is_sqlite = connection.vendor == "sqlite"
        indexed = [word for word in words if is_sqlite and len(word) >= _SHORTEST]
        others = [word for word in words if word not in indexed or _is_long(word)]
        has = self._like_in_sqlite() if is_sqlite else f"{self._text()} LIKE UPPER(%s)"
        where = [has] * len(others)
        escaped = map(connection.ops.prep_for_like_query, others)
        params = [f"%{word}%" for word in escaped for _each in range(has.count("%s"))]
        rows, key = f"{self.table} AS named", "named.id"
        if indexed:
            # SQLite reads tables in the order of a CROSS JOIN, here from the newest row on.
            rows, key = f"{self.name} AS found CROSS JOIN {rows}", "found.rowid"
            where += [f"found.{self.name} MATCH %s", "named.id = found.rowid"]
            ends = (word[-_LONGEST:] if _is_long(word) else word for word in indexed)
            params.append(" AND ".join('"{}"'.format(end.replace('"', '""')) for end in ends))
        sql = f"SELECT {key} FROM {rows} WHERE {' AND '.join(where)} ORDER BY {key} DESC LIMIT %s"
        with connection.cursor() as cursor:
            cursor.execute(sql, [*params, MOST_FOUND + 1])
            return [pk for (pk,) in cursor.fetchall()]

    def _like_in_sqlite(self) -> str:
        has = (f"named.{column} LIKE %s ESCAPE '\\'" for column in self.columns)
        return f"({' OR '.join(has)})"

    def _text(self) -> str:
        """Return the expression that PostgreSQL has an index of: all columns, in capitals."""
        parts = (f"COALESCE({column}, '')" for column in self.columns)
        return f"UPPER({' || chr(10) || '.join(parts)})"

    def install(self, database: BaseDatabaseWrapper, cursor: Any) -> None:
        """Make the index, unless it is there with these columns."""
        if database.vendor == "postgresql":
            self._install_in_postgresql(cursor)
            return
        wanted = self._statements()
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE %s", [f"{self.name}%"])
        found = dict(cursor.fetchall())
        if all(found.get(name) == sql for name, sql in wanted.items()):
            return
        self.remove_triggers(cursor)
        cursor.execute(f"DROP TABLE IF EXISTS {self.name}")
        for sql in wanted.values():
            cursor.execute(sql)
        cursor.execute(f"INSERT INTO {self.name} ({self.name}) VALUES ('rebuild')")

    def remove_triggers(self, cursor: Any) -> None:
        """Remove the triggers of SQLite, which cannot drop a column that one of them names."""
        for name in self._statements():
            if name != self.name:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")

    def _statements(self) -> dict[str, str]:
        """Return the statements that make the table of SQLite and its triggers, by their names."""
        columns = ", ".join(self.columns)

        def values(row: str) -> str:
            return ", ".join(f"{row}.{column}" for column in self.columns)

        add = f"INSERT INTO {self.name} (rowid, {columns}) VALUES (new.id, {values('new')})"
        remove = (
            f"INSERT INTO {self.name} ({self.name}, rowid, {columns}) "
            f"VALUES ('delete', old.id, {values('old')})"
        )
        differs = " OR ".join(f"old.{column} IS NOT new.{column}" for column in self.columns)
        triggers = {
            "insert": f"INSERT ON {self.table} BEGIN {add}",
            "delete": f"DELETE ON {self.table} BEGIN {remove}",
            "update": f"UPDATE ON {self.table} WHEN {differs} BEGIN {remove}; {add}",
        }
        made = {
            self.name: f"CREATE VIRTUAL TABLE {self.name} USING fts5({columns}, "
            f"content='{self.table}', content_rowid='id', tokenize='trigram', columnsize=0)"
        }
        for event, does in triggers.items():
            name = f"{self.name}_{event}"
            made[name] = f"CREATE TRIGGER {name} AFTER {does}; END"
        return made

    def _install_in_postgresql(self, cursor: Any) -> None:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if not cursor.fetchone():
            return  # words are found all the same, by reading all rows
        text = self._text()
        name = f"{self.name}_{zlib.crc32(text.encode()):08x}"
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = %s AND starts_with(indexname, %s)",
            [self.table, f"{self.name}_"],
        )
        found = {row[0] for row in cursor.fetchall()}
        for other in found - {name}:
            cursor.execute(f"DROP INDEX {other}")
        if name not in found:
            cursor.execute(f"CREATE INDEX {name} ON {self.table} USING gin (({text}) gin_trgm_ops)")


def _is_long(word: str) -> bool:
    return len(word) > _LONGEST and word.isascii()  # LIKE knows the case of these letters alone


def install_indexes(using: str = "default", **_: Any) -> None:
    """Install what is missing; a receiver of `post_migrate`."""
    database = connections[using]
    with database.cursor() as cursor:
        tables = set(database.introspection.table_names(cursor))
        for index in _indexes:
            if index.table not in tables:
                continue
            cursor.execute(f"SELECT * FROM {index.table} LIMIT 0")
            if set(index.columns) <= {column[0] for column in cursor.description}:
                index.install(database, cursor)


def remove_triggers(using: str = "default", plan: Collection[Any] = (), **_: Any) -> None:
    """Remove the triggers if tables are to be altered; a receiver of `pre_migrate`."""
    database = connections[using]
    if plan and database.vendor == "sqlite":
        with database.cursor() as cursor:
            for index in _indexes:
                index.remove_triggers(cursor)
