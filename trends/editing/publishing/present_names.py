"""Replacing former slugs in an old document by the present ones."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from copy import deepcopy
from typing import Any

from quotes.models import Source
from trendsite.shared.former_slugs import RenamableModel, former_rows
from trendsite.shared.revisions.kinds import Document
from trendsite.shared.revisions.layout import Item, Layout, Rows, Value, get, put
from trendsite.shared.text.marks import marks_in_words, rename_marks


def with_present_names(document: Document, layout: Layout) -> Document:
    """Return a document in which rows have their present slugs, and sources their present keys.

    Two rows that were merged since are one row in the result. One query for each model of rows to
    which the document refers, and another one if a name has changed.
    """
    document = deepcopy(document)
    named: defaultdict[type[Any], set[str]] = defaultdict(set)  # Any: models of several apps
    for value, item in _values(document, layout):
        if value.names is not None and issubclass(value.names, RenamableModel):
            found = get(item, value.name) or []
            named[value.names].update([found] if isinstance(found, str) else found)
    named[Source].update(source["key"] for source in document.get("sources", []))
    present = {model: _present(model, slugs) for model, slugs in named.items()}
    keys = present[Source]
    for value, item in _values(document, layout):
        found, names = get(item, value.name), present.get(value.names, {})  # type: ignore[arg-type]
        if isinstance(found, str) and names:
            put(item, value.name, names.get(found, found))
        elif isinstance(found, list) and names:
            put(item, value.name, list(dict.fromkeys(names.get(name, name) for name in found)))
        elif isinstance(found, dict) and keys:
            put(item, value.name, {code: _marked(text, keys) for code, text in found.items()})
    if keys:
        sources: dict[str, Item] = {}
        for source in document["sources"]:
            key = keys.get(source["key"], source["key"])
            sources.setdefault(key, {**source, "key": key})
        document["sources"] = list(sources.values())
    return document


def _values(document: Document, layout: Layout) -> Iterator[tuple[Value, Item]]:
    for part in layout:
        if isinstance(part, Rows):
            for row in get(document, part.name) or []:
                yield from ((value, row) for value in part.values)
        else:
            yield part, document


def _present(model: type[RenamableModel], names: Collection[str]) -> dict[str, str]:
    """Map former names to present ones, for rows that were renamed or merged."""
    former = former_rows(model, names)
    rows: dict[int, Any] = model._base_manager.in_bulk(former.values()) if former else {}
    return {name: rows[pk].present_name() for name, pk in former.items() if pk in rows}


def _marked(text: Any, keys: dict[str, str]) -> Any:
    return rename_marks(text, marks_in_words(text), keys) if isinstance(text, str) else text
