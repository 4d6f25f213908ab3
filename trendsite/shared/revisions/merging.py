"""A three-way merge of two changes of one document, part by part.

What only one side changed is taken from that side. If both sides changed a value differently, that
is a collision, and one value has to be chosen. Lists of rows are compared row by row, by permanent
keys, and translated texts language by language.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

from django_stubs_ext import StrOrPromise

from trendsite.shared.revisions.layout import Item, Layout, Rows, Value, get, put
from trendsite.shared.translated import languages

Choice = Literal["mine", "theirs"]


@dataclass(frozen=True)
class Collision:
    """A value or a whole row that both sides changed. None is a row that one side deleted."""

    path: str
    label: StrOrPromise
    row: str
    mine: Any
    theirs: Any
    language: str = ""


@dataclass
class Merged:
    """The merged document, and the collisions for which no value was chosen."""

    document: Item = field(default_factory=dict)
    collisions: list[Collision] = field(default_factory=list)
    taken: int = 0
    """The number of values and rows that were taken from the other side."""


def merged(
    base: Item,
    mine: Item,
    theirs: Item,
    layout: Layout,
    language: str,
    choices: Mapping[str, Choice] | None = None,
) -> Merged:
    """Merge two documents that were both made from `base`. Titles of rows are in `language`.

    `choices` maps the path of a collision to the side whose value is taken. Without a choice my
    value is taken, and the collision is in the result.
    """
    merge = _Merge(choices or {}, language)
    merge.result.document = deepcopy(mine)
    for part in layout:
        if isinstance(part, Rows):
            merge.rows(part, base, mine, theirs)
        else:
            merge.value(part, part.name, "", (base, mine, theirs), merge.result.document)
    return merge.result


class _Merge:
    def __init__(self, choices: Mapping[str, Choice], language: str) -> None:
        self._choices = choices
        self._language = language
        self.result = Merged()

    def value(
        self, part: Value, path: str, row: str, sides: tuple[Item, Item, Item], target: Item
    ) -> None:
        """Set the merged value of a part in `target`."""
        old, mine, theirs = (get(side, part.name) for side in sides)
        if any(isinstance(side, dict) for side in (old, mine, theirs)):
            texts = {}
            for code in languages():
                values = tuple((side or {}).get(code) for side in (old, mine, theirs))
                texts[code] = self._chosen(values, f"{path}:{code}", part.label, row, code)
            put(target, part.name, {code: text for code, text in texts.items() if text})
        else:
            put(target, part.name, self._chosen((old, mine, theirs), path, part.label, row))

    def _chosen(
        self,
        values: tuple[Any, ...],
        path: str,
        label: StrOrPromise,
        row: str,
        language: str = "",
    ) -> Any:
        """Return the chosen one of two values; add a collision if there is no choice."""
        old, mine, theirs = values
        if theirs in (mine, old):
            return mine
        if mine == old:
            self.result.taken += 1
            return deepcopy(theirs)
        if path not in self._choices:
            self.result.collisions.append(Collision(path, label, row, mine, theirs, language))
        return deepcopy(theirs) if self._choices.get(path) == "theirs" else mine

    def rows(self, part: Rows, base: Item, mine: Item, theirs: Item) -> None:
        """Merge a list of rows. The order is theirs if only they changed it, else mine."""
        keys, by_key = [], []
        for side in (base, mine, theirs):
            listed: Sequence[Item] = get(side, part.name) or []
            keys.append(part.keys(listed))
            by_key.append(dict(zip(keys[-1], listed, strict=True)))
        found: dict[str, Item] = {}
        for key in dict.fromkeys([*keys[1], *keys[2]]):
            sides = (by_key[0].get(key), by_key[1].get(key), by_key[2].get(key))
            row = self._row(part, key, sides)
            if row is not None:
                found[key] = row
        mine_moved = _common(keys[0], keys[1]) != _common(keys[1], keys[0])
        theirs_moved = _common(keys[0], keys[2]) != _common(keys[2], keys[0])
        first, second = (
            (keys[2], keys[1]) if theirs_moved and not mine_moved else (keys[1], keys[2])
        )
        order = _woven(first, second, found.__contains__)
        put(self.result.document, part.name, [found[key] for key in order])

    def _row(
        self, part: Rows, key: str, sides: tuple[Item | None, Item | None, Item | None]
    ) -> Item | None:
        old, mine, theirs = sides
        path = f"{part.name}={key}"
        title = part.title(mine or theirs or old or {}, self._language)
        if part.are_cited and (mine is None or theirs is None):
            return mine or theirs  # other rows may refer to it
        if mine is None or theirs is None:
            # Deleted by one side, which is a collision if the other side changed it.
            row: Item | None = self._chosen(sides, path, part.label, title)
            return row
        row = deepcopy(mine)
        for value in part.values:
            self.value(value, f"{path}:{value.name}", title, (old or {}, mine, theirs), row)
        return row


def _common(keys: Sequence[str], others: Sequence[str]) -> list[str]:
    return [key for key in keys if key in set(others)]


def _woven(
    first: Sequence[str], second: Sequence[str], is_kept: Callable[[str], bool]
) -> list[str]:
    """Return the kept keys in the order of `first`, others after their neighbour in `second`."""
    order = list(first)
    for place, key in enumerate(second):
        if key not in order:
            before = [other for other in second[:place] if other in order]
            order.insert(order.index(before[-1]) + 1 if before else 0, key)
    return [key for key in order if is_kept(key)]
