"""Reading and writing tables as lines of JSON, which are the same from every database."""

import base64
import datetime
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import connection, models

# Tables that are not backed up: they are derived from others, or of use for a short time only.
_LEFT_OUT_APPS = {"axes", "kept", "sessions"}
_LEFT_OUT_MODELS = {
    *("accounts.editorsession", "trendsite.presence"),
    *("trends.pendingimport", "trends.searchdocument", "trends.searchword", "trends.trendwords"),
    *("trends.listcount", "trends.listedchange", "trends.listedforecast", "trends.listedtrend"),
    *("trends.listedmention", "trends.unlistedchange"),
}
_ROWS_AT_ONCE = 200


def backed_up_models() -> list[type[models.Model]]:
    """Return the models of a backup, with the tables of many-to-many fields, in a fixed order."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and model._meta.app_label not in _LEFT_OUT_APPS
        and model._meta.label_lower not in _LEFT_OUT_MODELS
    ]
    return sorted(found, key=lambda model: model._meta.label_lower)


# Any, here and below: the types of Django's own fields, and what columns hold.
def fields_of(model: type[models.Model]) -> list[Any]:
    """Return the fields that are columns of a model's table."""
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def read_rows(model: type[models.Model]) -> Iterator[bytes]:
    """Yield each row of a table as a line of JSON: the list of its values. One query."""
    fields = fields_of(model)
    table = model._meta.db_table
    converters = []
    for field in fields:
        column = field.get_col(table)
        converters.append(
            (
                column,
                [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)],
            )
        )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_columns(fields)} FROM {connection.ops.quote_name(table)}"
            f" ORDER BY {connection.ops.quote_name(str(model._meta.pk.column))}"
        )
        for row in cursor:
            values = []
            for value, (column, convert) in zip(row, converters, strict=True):
                for converter in convert:
                    value = converter(value, column, connection)
                values.append(_plain(value))
            # Sorted, since PostgreSQL does not keep the order of keys in JSON.
            yield json.dumps(values, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def write_rows(model: type[models.Model], lines: Iterable[bytes]) -> None:
    """Insert the rows that `read_rows()` yielded. One query for each 200 rows."""
    fields = fields_of(model)
    marks = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"INSERT INTO {table} ({_columns(fields)}) VALUES ({marks})"
    rows = iter(lines)
    with connection.cursor() as cursor:
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            cursor.executemany(statement, [_prepared(fields, json.loads(line)) for line in some])


def _prepared(fields: list[Any], values: list[Any]) -> list[Any]:
    return [
        field.get_db_prep_save(field.to_python(value), connection)
        for field, value in zip(fields, values, strict=True)
    ]


def _columns(fields: list[Any]) -> str:
    return ", ".join(connection.ops.quote_name(field.column) for field in fields)


def _plain(value: Any) -> Any:
    """Return a value as a type of JSON, in a form that `to_python()` of its field reads."""
    match value:
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
        case _:
            return str(value)
