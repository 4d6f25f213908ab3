"""Estimating the width of text and breaking it into lines, for SVG pictures, which do not wrap.

The server does not know the reader's fonts. Widths are estimates in ems, rather too large than too
small for system fonts.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from trendsite.shared.text.japanese import phrases_of, stay_together

_FULL = 1.0
_CAPITALS = 0.75
_DIGITS = 0.64
_OTHERS = 0.55
_JOINER = "\u200d"
_VIRAMA = 9  # the combining class of signs that join two letters, as in Devanagari
_SKIN_TONES = range(0x1F3FB, 0x1F400)


@lru_cache(maxsize=8192)
def text_width(text: str) -> float:
    """Return the estimated width of a text in ems.

    Cached, since a picture measures the same words and lines repeatedly.
    """
    return sum(_character_width(character) for character in text)


@lru_cache(maxsize=4096)
def _character_width(character: str) -> float:
    if _extends(character):
        return 0.0
    # Characters of ambiguous width, such as “ ” and …, are full width in Japanese fonts.
    if unicodedata.east_asian_width(character) in "WFA":
        return _FULL
    if character.isupper() or character in "mw%&@+=<>~":
        return _CAPITALS
    if character.isdigit():
        return _DIGITS
    return _OTHERS


def _extends(character: str) -> bool:
    """Return whether a character is drawn on the one before it."""
    return unicodedata.category(character) in {"Mn", "Me", "Cf"} or ord(character) in _SKIN_TONES


@lru_cache(maxsize=4096)
def pieces_of(text: str, language: str) -> tuple[str, ...]:
    """Return the words of a text, each with the space after it, or the phrases of a Japanese text.

    Cached, as `fit_lines()` is, since a picture has the same texts at each request.
    """
    pieces: list[str] = []
    for word in text.split():
        phrases: list[str] = []
        for phrase in phrases_of(word) if language == "ja" else [word]:
            # BudouX sometimes splits a number: 202|6年末.
            if phrases and hold_together(phrases[-1][-1], phrase[0]):
                phrases[-1] += phrase
            else:
                phrases.append(phrase)
        pieces += [*phrases[:-1], phrases[-1] + " "]
    return tuple(pieces)


@lru_cache(maxsize=4096)
def fit_lines(pieces: tuple[str, ...], width: float, most: int | None = None) -> tuple[str, ...]:
    """Break a text into lines, each at most `width` ems wide, and no more than `most` of them.

    `pieces` are words with their spaces and Japanese phrases, as `pieces_of()` gives them; a piece
    too wide for a line is broken inside. A text that does not fit is cut and ends in an ellipsis.
    Lines are made about equally long.
    """
    lines = _fill(pieces, width)
    if most and len(lines) > most:
        return (*map(_joined, lines[: most - 1]), _cut(lines[most - 1], width))
    widest = max((text_width(piece.rstrip()) for piece in pieces), default=0)
    while width - 1 >= widest and len(tighter := _fill(pieces, width - 1)) == len(lines):
        lines, width = tighter, width - 1
    return tuple(map(_joined, lines))


def _fill(pieces: Iterable[str], width: float) -> list[list[str]]:
    lines: list[list[str]] = []
    room = 0.0
    for piece in pieces:
        for part in [piece] if text_width(piece.rstrip()) <= width else _parts(piece, width):
            if not lines or text_width(part.rstrip()) > room:
                lines.append([])
                room = width
            lines[-1].append(part)
            room -= text_width(part)
    return lines


def _parts(piece: str, width: float) -> list[str]:
    """Split a piece too wide for a line, keeping numbers and Latin words whole where they fit."""
    parts: list[str] = []
    for cluster in clusters(piece):
        if (
            parts
            and hold_together(parts[-1][-1], cluster[0])
            and text_width((parts[-1] + cluster).rstrip()) <= width
        ):
            parts[-1] += cluster
        else:
            parts.append(cluster)
    return parts


def hold_together(left: str, right: str) -> bool:
    """Return whether a line must not end between two characters."""
    return stay_together(left, right) or _FULL not in (
        _character_width(left),
        _character_width(right),
    )


def _cut(line: list[str], width: float) -> str:
    """Return a line that ends with an ellipsis, without the last pieces if they leave no room."""
    kept = list(line)
    while len(kept) > 1 and text_width(_joined(kept) + "…") > width:
        kept.pop()
    text = _joined(kept)
    if text_width(text + "…") > width:
        characters = clusters(text)
        while characters and text_width("".join(characters) + "…") > width:
            characters.pop()
        text = "".join(characters)
    return text.rstrip(" .,;:–—(“「『（、。，；：・") + "…"


def _joined(line: list[str]) -> str:
    return "".join(line).rstrip()


def clusters(text: str) -> list[str]:
    """Split a text into grapheme clusters: characters with marks, joined emoji and letters."""
    found: list[str] = []
    for character in text:
        if found and (
            _extends(character)
            or unicodedata.category(character) == "Mc"
            or found[-1].endswith(_JOINER)
            or unicodedata.combining(found[-1][-1]) == _VIRAMA
        ):
            found[-1] += character
        else:
            found.append(character)
    return found
