"""Words set in the fonts of this project, for pictures that Pillow draws.

Latin and Japanese; every line is measured by its ink, so that margins are exact for every script.
"""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import ImageDraw, ImageFont

# What ideographs reach above the baseline, in parts of their size.
ASCENT = 0.88

# The first that has a character sets it. fonts/README.md says what each one adds.
_FONTS = tuple(
    Path(__file__).parent / "fonts" / name
    for name in (
        "noto-sans-jp-japanese-500-normal.woff2",
        "noto-sans-latin-ext-500-normal.woff2",
        "noto-sans-vietnamese-500-normal.woff2",
        "noto-sans-greek-500-normal.woff2",
        "noto-sans-greek-ext-500-normal.woff2",
        "noto-sans-cyrillic-500-normal.woff2",
        "noto-sans-cyrillic-ext-500-normal.woff2",
        "noto-sans-jp-rest-500-normal.woff2",
        "noto-sans-symbols-symbols-500-normal.woff2",
        "noto-sans-math-latin-400-normal.woff2",
        "noto-sans-symbols-2-symbols-400-normal.woff2",
        "noto-sans-kr-korean-500-normal.woff2",
        "noto-emoji-emoji-500-normal.woff2",
    )
)
_VARIATION_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SMALL = 36  # a size at which to ask whether a font has a character


@dataclass(frozen=True)
class Frame:
    """Where words must fit: pixels, lines, and the scale of type as sizes and leadings."""

    width: int
    height: int
    lines: int
    scale: Sequence[tuple[int, int]]


class GlyphRun(NamedTuple):
    """Characters that one font sets, and how far from the line's start."""

    text: str
    font: ImageFont.FreeTypeFont
    offset: float


class Line(NamedTuple):
    """One line of text, measured by its ink, so that the margin is exact for every script."""

    runs: list[GlyphRun]
    left: float  # where the ink begins, from the line's start
    width: float


@lru_cache(maxsize=64)
def font_of(path: Path, size: int) -> ImageFont.FreeTypeFont:
    # Not Raqm, which Pillow has only where the system brings FriBiDi: the picture would differ.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _font_with(character: str) -> Path | None:
    """Return the first font that has the character: its picture is not that of a missing one."""
    for path in _FONTS:
        font = font_of(path, _SMALL)
        if bytes(font.getmask(character)) != bytes(font.getmask("\uffff")):
            return path
    return None


def drawable(text: str) -> str:
    """Return the text in characters that the fonts have; nothing where one would be lost.

    A character without a glyph is replaced by what Unicode says is the same for the eye, such as
    two letters for a ligature. What shows nothing is left out.
    """
    kept = []
    for character in unicodedata.normalize("NFC", text):
        if character.isspace():
            kept.append(" ")
        elif _shows_nothing(character):
            continue
        elif _font_with(character):
            kept.append(character)
        else:
            same = unicodedata.normalize("NFKC", character)
            if not all(_font_with(part) for part in same):
                return ""
            kept.append(same)
    return " ".join("".join(kept).split())


def _shows_nothing(character: str) -> bool:
    """Return whether a character is for control, joining, direction or choice of a variant."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") or bool(
        _VARIATION_SELECTOR.fullmatch(character)
    )


def fitted(words: list[str], frame: Frame) -> tuple[list[Line], int]:
    """Return the lines of a text as `whole()` does; one that is too long ends in an ellipsis.

    It is broken anywhere, at the smallest size.
    """
    size, leading = frame.scale[-1]
    return whole(words, frame) or (_cut("".join(words), size, frame), leading)


def whole(words: list[str], frame: Frame) -> tuple[list[Line], int] | None:
    """Return the lines of a text at the largest size at which it fits, and their leading.

    `words` are what may be on a line of its own, each with the space after it. None where even
    the smallest size is too large.
    """
    for size, leading in frame.scale:
        lines = _balanced(words, size, frame.width)
        height = (len(lines) - 1) * leading + ASCENT * size
        if (
            len(lines) <= frame.lines
            and height <= frame.height
            and all(line.width <= frame.width for line in lines)
        ):
            return lines, leading
    return None


def _balanced(words: list[str], size: int, most: int) -> list[Line]:
    """Break words into as few lines as they need, and those as even as they can be."""
    lines = _broken(words, size, most)
    for width in range(most, 0, -20):
        narrower = _broken(words, size, width)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return [line_of(text, size) for text in lines]


def _broken(words: list[str], size: int, width: int) -> list[str]:
    """Fill line after line with words; one wider than `width` has a line to itself."""
    lines: list[str] = []
    for word in words:
        if lines and line_of(lines[-1] + word, size).width <= width:
            lines[-1] += word
        else:
            lines.append(word)
    return lines


def _cut(text: str, size: int, frame: Frame) -> list[Line]:
    """Break a text anywhere; what is more than the lines hold gives way to an ellipsis."""
    lines = _broken(list(text), size, frame.width)
    if len(lines) > frame.lines:
        last = lines[frame.lines - 1]
        while line_of(last + "…", size).width > frame.width:
            last = last[:-1]
        lines[frame.lines - 1 :] = [last + "…"]
    return [line_of(line, size) for line in lines]


@lru_cache(maxsize=1024)  # to fit a text is to try the same lines again and again
def line_of(text: str, size: int) -> Line:
    """A text of one line at a size; there must be ink in it."""
    text = text.strip()
    runs, advance = [], 0.0
    for path, characters in itertools.groupby(text, key=_font_with):
        run = GlyphRun("".join(characters), font_of(path, size), advance)
        advance += run.font.getlength(run.text)
        runs.append(run)
    left, right = _bearings(text[0], size)[0], _bearings(text[-1], size)[1]
    return Line(runs, left, advance - left - right)


def write(
    pen: ImageDraw.ImageDraw, line: Line, left: int, baseline: int, colour: tuple[int, int, int]
) -> None:
    """Draw a line with its ink beginning at `left`."""
    for run in line.runs:
        pen.text(
            (left + run.offset - line.left, baseline),
            run.text,
            font=run.font,
            fill=colour,
            anchor="ls",
        )


@lru_cache(maxsize=4096)
def _bearings(character: str, size: int) -> tuple[float, float]:
    """Return the blank at the left and at the right within a character's own width, in pixels."""
    font = font_of(_font_with(character), size)
    # font.getbbox() would count these blanks as part of the character.
    mask, (offset, _ascent) = font.getmask2(character, "L", anchor="ls")
    left, _top, right, _bottom = mask.getbbox() or (0, 0, 0, 0)
    return offset + left, font.getlength(character) - offset - right
