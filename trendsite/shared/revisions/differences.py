"""Comparing two versions, part by part in the order of the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

from django_stubs_ext import StrOrPromise

from trendsite.shared.revisions.layout import Item, Layout, Rows, Value, get
from trendsite.shared.translated import languages

RowChangeKind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True)
class ValueDifference:
    """A value that differs between two versions. `path` is its name for `restored_part()`."""

    value: Value
    path: str
    before: str | list[str]
    after: str | list[str]
    language: str = ""
    """The language of the text: of a translation, or of quoted words."""
    is_translation: bool = False

    @property
    def label(self) -> StrOrPromise:
        return self.value.label


@dataclass(frozen=True)
class RowDifference:
    """A row that was added, removed, changed or moved. It may be both changed and moved."""

    kind: RowChangeKind
    title: str
    path: str
    values: Sequence[ValueDifference] = ()
    is_moved: bool = False


@dataclass(frozen=True)
class PartDifference:
    """A part of the page with the values or rows that differ in it."""

    label: StrOrPromise
    path: str
    values: Sequence[ValueDifference] = ()
    rows: Sequence[RowDifference] = field(default_factory=list)
    are_cited: bool = False


def differences(before: Item, after: Item, layout: Layout, language: str) -> list[PartDifference]:
    """Compare two documents. Titles of rows are in `language`, if they are translated to it."""
    parts = []
    for part in layout:
        if isinstance(part, Rows):
            if rows := _rows(before, after, part, language):
                parts.append(PartDifference(part.label, part.name, (), rows, part.are_cited))
        elif values := list(_values([part], before, after, "")):
            parts.append(PartDifference(part.label, part.name, values))
    return parts


def _values(
    values: Sequence[Value], before: Item, after: Item, within: str
) -> Iterator[ValueDifference]:
    for value in values:
        old, new = get(before, value.name), get(after, value.name)
        if old == new:
            continue
        path = f"{within}{value.name}"
        if isinstance(old or new, dict):
            for code in languages():
                texts = [(side or {}).get(code, "") for side in (old, new)]
                if texts[0] != texts[1]:
                    yield ValueDifference(value, f"{path}:{code}", texts[0], texts[1], code, True)
        else:
            spoken = get(after or before, value.language_key) if value.language_key else ""
            empty: Any = [] if isinstance(old or new, list) else ""
            yield ValueDifference(value, path, old or empty, new or empty, spoken or "")


def _rows(before: Item, after: Item, part: Rows, language: str) -> list[RowDifference]:
    """Compare the rows of a part, in the order of the later version, with removed rows."""
    old_rows, new_rows = (list(get(side, part.name) or []) for side in (before, after))
    old_keys, new_keys = part.keys(old_rows), part.keys(new_rows)
    old = dict(zip(old_keys, old_rows, strict=True))
    moved = _moved(old_keys, new_keys) if part.is_ordered else set()
    found: list[RowDifference] = []
    for key, row in zip(new_keys, new_rows, strict=True):
        path = f"{part.name}={key}"
        title = part.title(row, language)
        if key not in old:
            values = list(_values(part.values, {}, row, f"{path}:"))
            found.append(RowDifference("added", title, path, values))
            continue
        values = list(_values(part.values, old[key], row, f"{path}:"))
        if values or key in moved:
            kind: RowChangeKind = "changed" if values else "moved"
            found.append(RowDifference(kind, title, path, values, key in moved))
    for key in old_keys:
        if key not in new_keys:
            values = list(_values(part.values, old[key], {}, f"{part.name}={key}:"))
            title = part.title(old[key], language)
            found.append(RowDifference("removed", title, f"{part.name}={key}", values))
    return found


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Return the keys in both lists that were moved: the fewest that explain the new order."""
    stayed = set(before) & set(after)
    old, new = ([key for key in keys if key in stayed] for keys in (before, after))
    still: set[str] = set()
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        still.update(new[block.b : block.b + block.size])
    return stayed - still
