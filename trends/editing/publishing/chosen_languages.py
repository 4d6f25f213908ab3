"""Taking over the changes of a document in some languages only."""

from collections.abc import Collection
from copy import deepcopy

from trendsite.shared.revisions.layout import Item, Layout, Value, get, put

_SHARED = {"mentions"}
"""The parts whose rows trends share: their texts wait for nobody."""


def in_languages(document: Item, present: Item, layout: Layout, chosen: Collection[str]) -> Item:
    """Return `document` with the texts of `present` in all languages that are not chosen.

    Rows without any text after that are left out.
    """
    result = deepcopy(document)
    for part in layout:
        if isinstance(part, Value):
            _take(part, result, present, chosen)
        elif not part.are_cited and part.name not in _SHARED:
            rows = list(get(result, part.name) or [])
            old_rows = get(present, part.name) or []
            old = dict(zip(part.keys(old_rows), old_rows, strict=True))
            kept = []
            for key, row in zip(part.keys(rows), rows, strict=True):
                had_texts = _has_texts(row, part.values)
                for value in part.values:
                    _take(value, row, old.get(key, {}), chosen)
                if not had_texts or _has_texts(row, part.values):
                    kept.append(row)
            put(result, part.name, kept)
    return result


def _take(value: Value, item: Item, present: Item, chosen: Collection[str]) -> None:
    texts, old = get(item, value.name), get(present, value.name)
    if not isinstance(texts or old, dict):
        return
    texts, old = texts or {}, old or {}
    wanted = {
        code: (texts if code in chosen else old).get(code) for code in dict.fromkeys([*texts, *old])
    }
    put(item, value.name, {code: text for code, text in wanted.items() if text})


def _has_texts(row: Item, values: Collection[Value]) -> bool:
    return any(isinstance(get(row, value.name), dict) for value in values)
