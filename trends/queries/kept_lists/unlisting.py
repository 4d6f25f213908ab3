"""Database triggers that note which trends and mentions were written, in whatever way.

They are installed after each `migrate`, as those of `trendsite.kept.triggers` are: to alter a
table on SQLite, Django makes it anew, which drops its triggers.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from trendsite.shared.translated import languages

NOTES = "trends_unlistedchange"
PREFIX = "trends_unlist"

_SOURCES = {
    "trends_trend": ("trend", "id"),
    "trends_taggedtrend": ("trend", "content_object_id"),
    "trends_implication": ("trend", "trend_id"),
    "trends_assessment": ("trend", "trend_id"),
    "trends_timelineentry": ("trend", "trend_id"),
    "trends_trendmention": ("trend", "trend_id"),
    "quotes_mention": ("mention", "id"),
    "quotes_taggedmention": ("mention", "content_object_id"),
    "quotes_video": ("video", "id"),
    "quotes_source": ("source", "id"),
}
"""The tables that lists are made of, and which row a row belongs to: its kind, and the column."""
_DATED = ("quotes_video", "quotes_source")
"""The tables of which only a change of the date matters: without it, no list has the row."""
_IS_NOTED = "ON CONFLICT (kind, row_id) DO UPDATE SET kind = excluded.kind WHERE false"
"""Changes nothing, but locks the note until the transaction ends: nobody deletes it before, and
where somebody is deleting it, this waits and notes it again. `DO NOTHING` would do neither."""
_EVENTS = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}


def install_triggers(using: str = "default", **_: Any) -> None:
    """Install missing triggers and update the lists; a receiver of `post_migrate`.

    All trends are listed again if triggers were missing or the languages of the site have changed.
    """
    from trends.models import ListCount, ListedChange, ListedForecast, ListedMention, ListedTrend
    from trends.queries.kept_lists.listed_mentions import list_all_mentions
    from trends.queries.kept_lists.renewal import renew_lists

    connection = connections[using]
    with connection.cursor() as cursor:
        if NOTES not in connection.introspection.table_names(cursor):
            return
        # If nothing is listed, no language is missing.
        has_languages = _listed_languages() in (set(), set(languages()))
        if has_languages and not _missing(connection, cursor):
            renew_lists()
            return
        for table, event in _triggers():
            _install(connection, cursor, table, event)
        cursor.execute(
            f"INSERT INTO {NOTES} (kind, row_id) SELECT 'trend', id FROM trends_trend WHERE true "
            f"{_IS_NOTED}"
        )
    # Counts are deleted and not lowered: that needs rows in the first language, which may be new.
    kept = (ListCount, ListedTrend, ListedChange, ListedForecast, ListedMention)
    for model in kept:
        model._default_manager.all().delete()
    list_all_mentions()
    renew_lists()
    with connection.cursor() as cursor:  # without statistics SQLite chooses the wrong index
        for model in kept:
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def remove_triggers(connection: BaseDatabaseWrapper) -> None:
    """Remove all triggers, for inserting millions of rows. `migrate` installs them again."""
    with connection.cursor() as cursor:
        for table, event in _triggers():
            on = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, event)}{on}")


def _triggers() -> Iterator[tuple[str, str]]:
    """Yield the table and the event of each trigger."""
    for table in _SOURCES:
        for event in ["update"] if table in _DATED else _EVENTS:
            yield table, event


def _missing(connection: BaseDatabaseWrapper, cursor: Any) -> bool:
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    else:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    found = {name for (name,) in cursor.fetchall()}
    return any(_name(table, event) not in found for table, event in _triggers())


def _listed_languages() -> set[str]:
    from trends.models import ListedTrend

    return set(ListedTrend.objects.order_by().values_list("language", flat=True).distinct())


def _name(table: str, event: str) -> str:
    return f"{PREFIX}_{table}_{event}"


def _install(connection: BaseDatabaseWrapper, cursor: Any, table: str, event: str) -> None:
    name = _name(table, event)
    kind, column = _SOURCES[table]
    after = "update OF date" if table in _DATED else event
    notes = "; ".join(
        f"INSERT INTO {NOTES} (kind, row_id) SELECT '{kind}', {row}.{column} WHERE true {_IS_NOTED}"
        for row in _EVENTS[event]
    )
    if connection.vendor == "sqlite":
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute(f"CREATE TRIGGER {name} AFTER {after} ON {table} BEGIN {notes}; END")
        return
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {notes}; RETURN NULL; END $$"
    )
    cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
    cursor.execute(
        f"CREATE TRIGGER {name} AFTER {after} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
