"""Database triggers that count every change of content, and queries of these counts.

They also count what `update()`, `bulk_create()` and SQL by hand write. They are installed after
each `migrate`, not by a migration: to alter a table on SQLite, Django makes it anew, which drops
its triggers.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

CONTENT_APPS = ("contenttypes", "quotes", "trends", "trendsite")
"""The labels of the apps whose rows are shown on readers' pages."""

_NOT_CONTENT = {
    "quotes_checkedlink",
    "trendsite_presence",
    "trends_loadstep",
    "trends_pendingimport",
}
"""Tables of these apps that are not shown on readers' pages."""

CHANGES = "kept_contentchange"
PREFIX = "kept_note"

_NUMBERS = f"SELECT table_name, SUM(number) FROM {CHANGES} GROUP BY table_name"
TOTAL = f"SELECT SUM(number) FROM {CHANGES}"

# The random number is small enough that the sum of 10 ** 12 of them fits into the column.
_SQLITE_NOTE = f"""
    INSERT INTO {CHANGES} (table_name, number, is_pending)
    VALUES (%s, 1 + (random() & 8388607), false)
    ON CONFLICT (table_name) WHERE NOT is_pending
    DO UPDATE SET number = number + excluded.number
"""

# A setting that is local to the transaction names the tables that were noted in it. A rollback to
# a savepoint undoes it together with the row.
_POSTGRESQL_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {PREFIX}() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE noted text := coalesce(current_setting('kept.noted', true), '');
    BEGIN
        IF position('/' || TG_TABLE_NAME || '/' IN noted) = 0 THEN
            INSERT INTO {CHANGES} (table_name, number, is_pending)
            VALUES (TG_TABLE_NAME, 1 + floor(random() * 8388608), true);
            PERFORM set_config('kept.noted', noted || '/' || TG_TABLE_NAME || '/', true);
            PERFORM pg_notify('{CHANGES}', '');
        END IF;
        RETURN NULL;
    END $$
"""
_POSTGRESQL_JOIN = f"""
    WITH pending AS (DELETE FROM {CHANGES} WHERE is_pending RETURNING table_name, number)
    INSERT INTO {CHANGES} (table_name, number, is_pending)
    SELECT table_name, SUM(number), false FROM pending GROUP BY table_name ORDER BY table_name
    ON CONFLICT (table_name) WHERE NOT is_pending
    DO UPDATE SET number = {CHANGES}.number + excluded.number
"""


@cache
def content_tables() -> frozenset[str]:
    """Return the names of the tables whose changes are counted."""
    models = apps.get_models(include_auto_created=True)
    return frozenset(
        model._meta.db_table
        for model in models
        if model._meta.app_label in CONTENT_APPS and model._meta.db_table not in _NOT_CONTENT
    )


def total(connection: BaseDatabaseWrapper) -> int | None:
    """Return a number that is different after every change of content. One query.

    Raises DatabaseError if the query fails. It does not use Django's cursor, which takes longer
    than the query: on SQLite every request asks.
    """
    if connection.connection is None:
        connection.ensure_connection()
    driver: Any = connection.Database  # type: ignore[attr-defined]
    try:
        (number,) = connection.connection.execute(TOTAL).fetchone()
    except driver.Error as error:
        raise DatabaseError(str(error)) from error
    return None if number is None else int(number)


def numbers(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """Return such a number for each table that has ever changed. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS)
        return {table: int(number) for table, number in cursor.fetchall()}


def join_pending(connection: BaseDatabaseWrapper) -> None:
    """Replace the rows that transactions added by their sum. One query on PostgreSQL."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_POSTGRESQL_JOIN)


def missing_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the existing tables of content whose triggers are missing or disabled. Two queries."""
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            found = {name for (name,) in cursor.fetchall()}
            noted = {
                table
                for table in existing
                if all(_sqlite_name(table, event) in found for event in _SQLITE_EVENTS)
            }
        else:
            cursor.execute(
                "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE tgname = %s AND tgenabled = 'O'",
                [PREFIX],
            )
            noted = {name for (name,) in cursor.fetchall()}
    return (existing & content_tables()) - noted


def install_triggers(using: str = "default", **_: Any) -> None:
    """Install the triggers that are missing; a receiver of `post_migrate`.

    Counts a change of each table that had none, since it may have been written to meanwhile.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if CHANGES not in connection.introspection.table_names(cursor):
            return
        missing = sorted(missing_triggers(connection))
        if missing and connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for table in missing:
            _install(connection, cursor, table)


_SQLITE_EVENTS = ("insert", "update", "delete")


def _sqlite_name(table: str, event: str) -> str:
    return f"{PREFIX}_{table}_{event}"


def _install(connection: BaseDatabaseWrapper, cursor: Any, table: str) -> None:
    quoted = connection.ops.quote_name(table)
    if connection.vendor == "sqlite":
        note = _SQLITE_NOTE % f"'{table}'"
        for event in _SQLITE_EVENTS:
            name = _sqlite_name(table, event)
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} AFTER {event} ON {quoted} BEGIN {note}; END")
        cursor.execute(note)
    else:
        cursor.execute(f"DROP TRIGGER IF EXISTS {PREFIX} ON {quoted}")
        cursor.execute(
            f"CREATE TRIGGER {PREFIX} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {quoted} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {PREFIX}()"
        )
        cursor.execute(
            f"INSERT INTO {CHANGES} (table_name, number, is_pending) "
            "VALUES (%s, 1 + floor(random() * 8388608), true)",
            [table],
        )


def remove_triggers(connection: BaseDatabaseWrapper) -> None:
    """Remove all triggers, so that the table of changes can be dropped."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP FUNCTION IF EXISTS {PREFIX}() CASCADE")
            return
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            if name.startswith(PREFIX):
                cursor.execute(f"DROP TRIGGER {name}")
