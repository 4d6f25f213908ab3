"""Comparing two texts by words, in Japanese by phrases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from trendsite.shared.text.japanese import phrases_of

# Words, runs of white space, and other characters one by one.
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
# Time grows with the square of the number of words, so longer texts are compared by lines.
_MOST_WORDS = 2000
# How many equal characters are shown on either side of a difference.
_AROUND = 160


@dataclass(frozen=True)
class Piece:
    """A part of a text: the same in both, only in the first, or only in the second.

    `is_cut` means that equal text is left out here, `is_item` that the piece is an item of a list.
    """

    kind: Literal["same", "removed", "added"]
    text: str
    is_cut: bool = False
    is_item: bool = False


def compared_lists(before: Sequence[str], after: Sequence[str]) -> list[Piece]:
    """Compare two lists; return their items as pieces, in order."""
    are_items = len(before) > 1 or len(after) > 1
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for operation, a, b, c, d in matcher.get_opcodes():
        if operation == "equal":
            pieces += [Piece("same", item, is_item=are_items) for item in before[a:b]]
            continue
        pieces += [Piece("removed", item, is_item=are_items) for item in before[a:b]]
        pieces += [Piece("added", item, is_item=are_items) for item in after[c:d]]
    return pieces


def compared(before: str, after: str, language: str) -> list[Piece]:
    """Compare two texts; return their pieces in order, with long equal ones shortened."""
    old, new = _units(before, language), _units(after, language)
    if max(len(old), len(new)) > _MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces: list[Piece] = []
    removed = added = ""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for operation, a, b, c, d in matcher.get_opcodes():
        left, right = "".join(old[a:b]), "".join(new[c:d])
        is_blank = operation == "equal" and not left.strip() and b < len(old) and d < len(new)
        if operation != "equal" or (is_blank and (removed or added)):
            # Adjacent replaced words are one change.
            removed, added = removed + left, added + right
            continue
        pieces += _changed(removed, added)
        removed = added = ""
        pieces.append(Piece("same", left))
    pieces += _changed(removed, added)
    return _cut(pieces)


def _changed(removed: str, added: str) -> list[Piece]:
    """Return the pieces of a replacement, and the white space at the end of both."""
    rest = ""
    while removed and added and removed[-1] == added[-1] and removed[-1].isspace():
        rest = removed[-1] + rest
        removed, added = removed[:-1], added[:-1]
    pieces = [Piece("removed", removed)] if removed else []
    pieces += [Piece("added", added)] if added else []
    return [*pieces, Piece("same", rest)] if rest else pieces


def _units(text: str, language: str) -> Sequence[str]:
    if language != "ja":
        return _WORD.findall(text)
    units: list[str] = []
    for line in text.splitlines(keepends=True):
        for phrase in phrases_of(line):
            # Punctuation is separated, so that a word before a new comma is the same word.
            units += [part for part in re.split(r"([、。「」（）\n])", phrase) if part]
    return units


def _cut(pieces: list[Piece]) -> list[Piece]:
    """Leave out the middle of long equal pieces."""
    shown: list[Piece] = []
    for place, piece in enumerate(pieces):
        if piece.kind != "same" or len(piece.text) <= 3 * _AROUND:
            shown.append(piece)
            continue
        if place > 0:
            shown.append(Piece("same", piece.text[:_AROUND]))
        shown.append(Piece("same", "", is_cut=True))
        if place < len(pieces) - 1:
            shown.append(Piece("same", piece.text[-_AROUND:]))
    return shown
