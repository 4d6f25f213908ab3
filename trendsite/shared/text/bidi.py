"""The Unicode bidirectional algorithm (UAX 9) for lines of pictures, which no browser lays out.

Explicit embeddings and isolates are not supported, since stored texts do not contain them. Comments
name the rules of the algorithm.
"""

import re
from itertools import groupby
from typing import NamedTuple
from unicodedata import bidirectional

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_BRACKETS = dict(zip("([{（［｛「『【〈《〔〖⟨⟦", ")]}）］｝」』】〉》〕〗⟩⟧", strict=True))
_NEUTRAL = {"B", "S", "WS", "ON"}


class DirectedRun(NamedTuple):
    """Characters that are drawn in one direction, in reading order."""

    text: str
    is_rtl: bool


def is_right_to_left(text: str) -> bool:
    """Return whether the first letter of a text is written from right to left."""
    kinds = (bidirectional(character) for character in text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


def directed_runs(line: str, is_rtl: bool) -> list[DirectedRun]:
    """Return the runs of a line from left to right. `is_rtl` is the direction of its paragraph."""
    if not is_rtl and not _RIGHT_TO_LEFT.search(line):
        return [DirectedRun(line, False)] if line else []
    levels = _levels(line, int(is_rtl))
    runs = [
        ("".join(character for character, _level in group), level)
        for level, group in groupby(zip(line, levels, strict=True), key=lambda pair: pair[1])
    ]
    for level in range(max(levels, default=0), 0, -1):  # L2
        ordered = []
        for _is_level, group in groupby(runs, key=lambda run: run[1] >= level):
            turned = list(group)
            ordered += turned[::-1] if turned[0][1] >= level else turned
        runs = ordered
    return [DirectedRun(text, bool(level % 2)) for text, level in runs]


def _levels(line: str, base: int) -> list[int]:
    """Return the embedding level of each character: even for left to right, odd for the reverse."""
    kinds = [bidirectional(character) or "L" for character in line]
    places = [n for n, kind in enumerate(kinds) if kind != "BN" and kind[-1] not in "EOIF"]
    shown = [kinds[n] for n in places]
    _resolve_weak(shown, "LR"[base])
    _resolve_brackets(shown, [line[n] for n in places], "LR"[base])
    _resolve_neutral(shown, "LR"[base])
    levels = [base] * len(line)
    before = base
    for n, kind in zip(places, shown, strict=True):  # I1, I2
        levels[n] = base + {"R": 1 - base, "L": base}.get(kind, 2 - base)
    for n in range(len(line)):  # an invisible character has the level of the one before it
        levels[n] = before = levels[n] if kinds[n] != "BN" else before
    end = len(line)
    while end and kinds[end - 1] in ("WS", "S", "B", "BN"):  # L1
        end -= 1
        levels[end] = base
    return levels


def _resolve_weak(kinds: list[str], start: str) -> None:
    """Resolve the kinds of numbers, their signs and combining marks, in place: W1 to W7."""
    strong, before = start, start
    for n, kind in enumerate(kinds):
        if kind == "NSM":  # W1
            kind = before
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":  # W2
            kind = "AN"
        kinds[n] = before = kind
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]  # W3
    for n in range(1, len(kinds) - 1):  # W4
        one, sign, other = kinds[n - 1 : n + 2]
        if one == other and ((one == "EN" and sign in ("ES", "CS")) or (one, sign) == ("AN", "CS")):
            kinds[n] = one
    at = 0
    for kind, group in groupby(kinds[:], key=lambda kind: kind):  # W5
        end = at + len(list(group))
        if kind == "ET" and "EN" in (*kinds[max(at - 1, 0) : at], *kinds[end : end + 1]):
            kinds[at:end] = ["EN"] * (end - at)
        at = end
    strong = start
    for n, kind in enumerate(kinds):
        if kind in ("L", "R"):
            strong = kind
        elif kind in ("ES", "ET", "CS"):  # W6
            kinds[n] = "ON"
        elif kind == "EN" and strong == "L":  # W7
            kinds[n] = "L"


def _resolve_brackets(kinds: list[str], characters: list[str], base: str) -> None:
    """Resolve pairs of brackets by the direction of their content, in place: N0."""
    waiting: list[tuple[str, int]] = []
    pairs = []
    for n, character in enumerate(characters):
        if character in _BRACKETS and kinds[n] == "ON":
            waiting.append((_BRACKETS[character], n))
        elif kinds[n] == "ON" and any(character == closing for closing, _n in waiting):
            while waiting[-1][0] != character:
                waiting.pop()
            pairs.append((waiting.pop()[1], n))
    for first, last in sorted(pairs):
        inside = {_direction(kind) for kind in kinds[first + 1 : last]} - {""}
        if base in inside:
            kinds[first] = kinds[last] = base
        elif inside:
            before = [_direction(kind) for kind in kinds[:first]]
            strong = next((kind for kind in reversed(before) if kind), base)
            kinds[first] = kinds[last] = strong if strong in inside else base


def _resolve_neutral(kinds: list[str], base: str) -> None:
    """Resolve spaces and signs by the direction of what is around them, in place: N1, N2."""
    at, before = 0, base
    for is_neutral, group in groupby(kinds[:], key=lambda kind: kind in _NEUTRAL):
        end = at + len(list(group))
        if is_neutral:
            after = _direction(kinds[end]) if end < len(kinds) else base
            kinds[at:end] = [before if before == after else base] * (end - at)
        else:
            before = _direction(kinds[end - 1])
        at = end


def _direction(kind: str) -> str:
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind, "")
