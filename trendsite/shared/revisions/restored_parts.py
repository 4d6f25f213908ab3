"""Taking a part of a version over into a document: a value, a row, or all rows of a part."""

from copy import deepcopy
from typing import Any

from trendsite.shared.revisions.layout import Item, Layout, Rows, Value, get, put


class UnknownPartError(LookupError):
    """A path names nothing in the layout, or a row that neither version has."""


def restored_part(present: Item, version: Item, layout: Layout, path: str) -> Item:
    """Return the present document with the part at `path` from a version.

    A path is the name of a part (`subtitle`, `drivers`), a row of a part (`drivers=key`) or a value
    of a row (`drivers=key:body`). A language may follow a value (`subtitle:en`). Raises
    UnknownPartError.
    """
    document = deepcopy(present)
    head, *rest = path.split(":")
    name, _equals, key = head.partition("=")
    part = next((part for part in layout if part.name == name), None)
    if part is None:
        raise UnknownPartError(path)
    if isinstance(part, Value):
        _put_value(document, version, part, rest, path)
    elif not key:
        put(document, name, deepcopy(get(version, name)))
    elif rest:
        _put_value_of_row(document, version, part, key, rest, path)
    else:
        _put_row(document, version, part, key, path)
    return document


def _put_value(target: Item, source: Item, value: Value, rest: list[str], path: str) -> None:
    if not rest:
        put(target, value.name, deepcopy(get(source, value.name)))
        return
    language, *more = rest
    texts: Any = get(target, value.name) or {}
    old: Any = get(source, value.name) or {}
    if more or not isinstance(texts, dict) or not isinstance(old, dict):
        raise UnknownPartError(path)
    texts = {**texts, language: old.get(language, "")}
    put(target, value.name, {code: text for code, text in texts.items() if text})


def _put_value_of_row(
    document: Item, version: Item, part: Rows, key: str, rest: list[str], path: str
) -> None:
    name, *more = rest
    value = next((value for value in part.values if value.name == name), None)
    rows = list(get(document, part.name) or [])
    row, old = _row(rows, part, key), _row(get(version, part.name) or [], part, key)
    if value is None or row is None or old is None:
        raise UnknownPartError(path)
    _put_value(row, old, value, more, path)


def _put_row(document: Item, version: Item, part: Rows, key: str, path: str) -> None:
    """Put the row of a version at its place there, or remove a row that the version lacks."""
    rows = list(get(document, part.name) or [])
    keys = part.keys(rows)
    old_rows = get(version, part.name) or []
    old_keys = part.keys(old_rows)
    if key not in keys and key not in old_keys:
        raise UnknownPartError(path)
    if key in keys:
        place = keys.index(key)
        del rows[place], keys[place]
    if key in old_keys:
        at = old_keys.index(key)
        before = [other for other in old_keys[:at] if other in keys]
        place = keys.index(before[-1]) + 1 if before else 0
        rows.insert(place, deepcopy(old_rows[at]))
    put(document, part.name, rows)


def _row(rows: list[Item], part: Rows, key: str) -> Item | None:
    return dict(zip(part.keys(rows), rows, strict=True)).get(key)
