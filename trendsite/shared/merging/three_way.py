"""A three-way merge of two changes of one form, by fields and rows.

A value is the text that a form sends, or a list of choices, whose order has no meaning. Of what the
form began with there are only tokens, which suffice to find out whether a value was changed.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Value = str | list[str]
Values = dict[str, Value]

ORDER = "order"
"""The name of the value that gives a row its place; it is not compared by itself."""


@dataclass(frozen=True)
class RowState:
    """A row of a form. `identity` is its primary key, or any other text if it is new.

    `target` is the linked row of a row that is only a link. Two links with one target are the same.
    """

    identity: str
    values: Values
    is_new: bool = False
    is_removed: bool = False
    target: str = ""


@dataclass(frozen=True)
class FormState:
    """The values of a form, and the rows of its inlines by prefix, in their order."""

    values: Values = field(default_factory=dict)
    rows: dict[str, list[RowState]] = field(default_factory=dict)


ClashKind = Literal["value", "changed by them, removed by me", "removed by them, changed by me"]


@dataclass(frozen=True)
class Clash:
    """A change by both sides: of a value of the form or a row, of a whole row, or of the order."""

    kind: ClashKind | Literal["order"]
    prefix: str = ""
    identity: str = ""
    name: str = ""
    theirs: Value = ""
    mine: Value = ""


@dataclass(frozen=True)
class MergedForm:
    """The merged state, which has my value in each clash, and the clashes.

    `taken` has the prefix, identity and name of each value that only they changed. The name is ""
    for a row that they added or removed: `("drivers", "7", "")`.
    """

    state: FormState
    clashes: list[Clash]
    taken: list[tuple[str, str, str]]


def token(value: Value) -> Value:
    """Return a digest of a text, or a list itself, to compare it later."""
    if isinstance(value, list):
        return sorted(value)
    return hashlib.blake2b(value.encode(), digest_size=5).hexdigest() if value else ""


def tokens(state: FormState) -> FormState:
    """Return a state with tokens instead of its values."""
    return FormState(
        _tokens(state.values),
        {
            prefix: [RowState(row.identity, _tokens(row.values)) for row in rows]
            for prefix, rows in state.rows.items()
        },
    )


def _tokens(values: Values) -> Values:
    return {name: token(value) for name, value in values.items() if name != ORDER}


def merge(began: FormState, mine: FormState, theirs: FormState) -> MergedForm:
    """Merge what I submitted with what is saved now. `began` has tokens."""
    clashes: list[Clash] = []
    taken: list[tuple[str, str, str]] = []
    values = _merged_values(began.values, mine.values, theirs.values, "", "", clashes, taken)
    rows = {}
    for prefix, their_rows in theirs.rows.items():
        if prefix in mine.rows:
            sides = (began.rows.get(prefix, []), mine.rows[prefix], their_rows)
            rows[prefix] = _merged_rows(prefix, *sides, clashes, taken)
    return MergedForm(FormState(values, rows), clashes, taken)


def _merged_values(
    began: Values,
    mine: Values,
    theirs: Values,
    prefix: str,
    identity: str,
    clashes: list[Clash],
    taken: list[tuple[str, str, str]],
) -> Values:
    merged = dict(theirs)
    for name, own in mine.items():
        other = theirs.get(name, "")
        if name == ORDER or token(own) == token(other):
            merged[name] = own
            continue
        start = began.get(name)
        if isinstance(own, list) and isinstance(other, list):
            before = start if isinstance(start, list) else []
            kept = [item for item in other if item in own or item not in before]
            merged[name] = kept + [item for item in own if item not in {*before, *other}]
            is_mine = token(merged[name]) == token(own)
        else:
            is_mine = token(own) != start
            merged[name] = own if is_mine else other
            if is_mine and token(other) != start:
                clashes.append(Clash("value", prefix, identity, name, other, own))
        if not is_mine:
            taken.append((prefix, identity, name))
    return merged


def _merged_rows(
    prefix: str,
    began: Sequence[RowState],
    mine: Sequence[RowState],
    theirs: Sequence[RowState],
    clashes: list[Clash],
    taken: list[tuple[str, str, str]],
) -> list[RowState]:
    starts = {row.identity: row.values for row in began}
    own_rows = {row.identity: row for row in mine}
    merged: dict[str, RowState] = {}
    for row in theirs:
        own = own_rows.get(row.identity)
        if own is None:
            merged[row.identity] = row
            if row.identity not in starts:
                taken.append((prefix, row.identity, ""))
        elif own.is_removed:
            is_changed = _is_changed(row, starts)
            if is_changed:
                clashes.append(Clash("changed by them, removed by me", prefix, row.identity))
            merged[row.identity] = RowState(row.identity, row.values, is_removed=not is_changed)
        else:
            start = starts.get(row.identity, {})
            values = _merged_values(
                start, own.values, row.values, prefix, row.identity, clashes, taken
            )
            merged[row.identity] = RowState(row.identity, values)
    there = {row.identity for row in theirs}
    targets = {row.target for row in theirs if row.target and row.identity not in starts}
    for own in mine:
        if own.identity in there or own.target in targets:
            continue
        if not own.is_new and (own.is_removed or not _is_changed(own, starts)):
            taken.append((prefix, own.identity, ""))
            continue
        if not own.is_new:
            clashes.append(Clash("removed by them, changed by me", prefix, own.identity))
        merged[own.identity] = RowState(own.identity, own.values, is_new=True)
    places, own_order, their_order = (
        [row.identity for row in rows] for rows in (began, mine, theirs)
    )
    order, is_clash = merged_order(places, own_order, their_order, merged)
    if is_clash and any(ORDER in row.values for row in mine):
        clashes.append(Clash("order", prefix, theirs=their_order, mine=own_order))
    return [merged[identity] for identity in order]


def _is_changed(row: RowState, starts: dict[str, Values]) -> bool:
    start = starts.get(row.identity, {})
    return any(
        token(value) != start.get(name) for name, value in row.values.items() if name != ORDER
    )


def merged_order(
    began: Sequence[str], mine: Sequence[str], theirs: Sequence[str], there: Iterable[str]
) -> tuple[list[str], bool]:
    """Return the identities `there` in order, and whether both sides moved rows differently.

    The order is that of the side that moved rows, mine if both did. Rows that only the other side
    has are placed after the row that they follow there.
    """
    wanted = set(there)
    common = set(began) & set(mine) & set(theirs)
    start, own, other = (
        [identity for identity in side if identity in common] for side in (began, mine, theirs)
    )
    leading, following = (mine, theirs) if own != start else (theirs, mine)
    order = [identity for identity in leading if identity in wanted]
    for place, identity in enumerate(following):
        if identity in wanted and identity not in order:
            before = [other for other in following[:place] if other in order]
            order.insert(order.index(before[-1]) + 1 if before else 0, identity)
    return order, own != start and other != start and own != other
