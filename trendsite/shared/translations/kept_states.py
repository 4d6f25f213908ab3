"""Storing the states of translations in versions of rows, and restoring them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.dateparse import parse_datetime

from trendsite.shared.translations.models import TranslationState

KEPT = "translations"
"""The name of the states among what a version holds besides its text."""

_COLUMNS = ("field", "language", "source_language", "source_text")

NamedRows = Mapping[str, models.Model]
"""Rows by a name that is the same after they were deleted and restored."""


def states_to_keep(rows: Iterable[tuple[int, NamedRows]]) -> dict[int, list[dict[str, str]]]:
    """Return the states of the texts of rows as JSON, by version. One query.

    `rows` has the number of each version and its rows by name.
    """
    rows = list(rows)
    found: dict[tuple[int, int], list[TranslationState]] = {}
    every = [row for _version, named in rows for row in named.values()]
    for state in TranslationState.objects.of_rows(every):
        found.setdefault((state.content_type_id, state.object_id), []).append(state)
    return {
        version: [
            _as_json(name, state)
            for name, row in named.items()
            for state in found.get((_content_type(row).pk, row.pk), ())
        ]
        for version, named in rows
    }


def _as_json(name: str, state: TranslationState) -> dict[str, str]:
    since = state.stale_since.isoformat() if state.stale_since else ""
    return {
        "row": name,
        **{column: getattr(state, column) for column in _COLUMNS},
        "stale_since": since,
    }


def restore_states(rows: NamedRows, extra: Mapping[str, Any]) -> None:
    """Restore the states of the texts of rows from a version. Two queries.

    Does nothing for a version that was stored before states existed.
    """
    if KEPT not in extra:
        return
    TranslationState.objects.of_rows(list(rows.values())).delete()
    TranslationState.objects.bulk_create(
        TranslationState(
            content_type=_content_type(rows[kept["row"]]),
            object_id=rows[kept["row"]].pk,
            stale_since=parse_datetime(kept["stale_since"]) if kept["stale_since"] else None,
            **{column: kept[column] for column in _COLUMNS},
        )
        for kept in extra[KEPT]
        if kept["row"] in rows
    )


def _content_type(row: models.Model) -> ContentType:
    return ContentType.objects.get_for_model(row)
