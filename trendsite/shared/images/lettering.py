"""Typesetting for pictures that Pillow draws, with fonts that come with this project.

It sets all scripts that the fonts have, in their own direction. Lines are measured by their ink,
so that margins are exact in every script.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import manimgx_fonts
from PIL import ImageDraw, ImageFont, features

from trendsite.shared.text.bidi import directed_runs
from trendsite.shared.text.normal_form import INVISIBLE, normal_form
from trendsite.shared.text.width import clusters

# The height of ideographs above the baseline, as a fraction of their size.
ASCENT = 0.88

CAN_SHAPE = bool(features.check("raqm"))
"""Whether Pillow joins letters and sets them from right to left: it needs the system's FriBiDi."""

_OURS = Path(__file__).parent / "fonts"
_NOTO = Path(manimgx_fonts.__file__).parent
_WEIGHT = 500

# Scripts that need shaping: letters change with their neighbours, are stacked or run right to left.
_SHAPED = [
    "Arabic",
    "Hebrew",
    "Devanagari",
    "Bengali",
    "Gujarati",
    "Gurmukhi",
    "Kannada",
    "Malayalam",
    "Oriya",
    "Sinhala",
    "Tamil",
    "Telugu",
    "Thai",
    "Lao",
    "Khmer",
    "Myanmar",
]
# In order of preference for a character. fonts/README.md says what each font adds.
_FONTS = (
    _OURS / "noto-sans-jp-japanese-500-normal.woff2",
    _NOTO / "NotoSans[wght].ttf",
    *(_NOTO / f"NotoSans{script}[wght].ttf" for script in _SHAPED if CAN_SHAPE),
    *(_NOTO / f"NotoSans{script}[wght].ttf" for script in ("Armenian", "Ethiopic", "Georgian")),
    _OURS / "noto-sans-jp-rest-500-normal.woff2",
    _OURS / "noto-sans-kr-korean-500-normal.woff2",
    _OURS / "noto-sans-sc-rest-500-normal.woff2",
    _OURS / "noto-sans-tc-rest-500-normal.woff2",
    _NOTO / "NotoSansSymbols[wght].ttf",
    _OURS / "noto-sans-math-latin-400-normal.woff2",
    _OURS / "noto-sans-symbols-2-symbols-400-normal.woff2",
    _NOTO / "NotoEmoji[wght].ttf",
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# The invisible characters that join letters or choose their forms. Others are not drawn.
_SHAPING = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e01ef]")
_SMALL = 36  # the size at which glyphs are compared to find out whether a font has a character


@dataclass(frozen=True)
class Frame:
    """The space for a text: its pixels, the most lines, and pairs of font size and leading."""

    width: int
    height: int
    lines: int
    scale: Sequence[tuple[int, int]]


class GlyphRun(NamedTuple):
    """Characters in one font and one direction, and their offset from the start of the line."""

    text: str
    font: ImageFont.FreeTypeFont
    direction: str | None
    offset: float


class Line(NamedTuple):
    """One line of text, measured by its ink."""

    runs: list[GlyphRun]
    left: float  # the offset of the ink from the start of the line
    width: float


@lru_cache(maxsize=128)
def font_of(path: Path, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(path, size)
    if path.name.endswith("[wght].ttf"):
        font.set_variation_by_axes([_WEIGHT])
    return font


@lru_cache(maxsize=4096)
def _font_with(cluster: str) -> Path | None:
    """Return the first font that has a character and all its combining marks."""
    for path in _FONTS:
        if all(_has(path, character) for character in _INVISIBLE.sub("", cluster)):
            return path
    return None


@lru_cache(maxsize=16_384)
def _has(path: Path, character: str) -> bool:
    """Return whether a font has a character: its glyph is not that of a missing character."""
    font, missing = _unshaped(path)
    try:
        return bytes(font.getmask(character)) != missing
    except OSError:  # “invalid outline”, of U+1F16C in Noto Sans JP
        return False


@lru_cache(maxsize=64)
def _unshaped(path: Path) -> tuple[ImageFont.FreeTypeFont, bytes]:
    """Return a font without shaping, and its glyph of a missing character."""
    font = ImageFont.truetype(path, _SMALL, layout_engine=ImageFont.Layout.BASIC)
    return font, bytes(font.getmask("\uffff"))


def drawable(text: str) -> str:
    """Return a text in characters that the fonts have; empty if a character cannot be drawn.

    A character without a glyph is replaced by its compatibility decomposition, such as two letters
    for a ligature.
    """
    drawn = [_drawn(cluster) for cluster in _clusters_of_line(text)]
    return "".join(drawn) if all(drawn) else ""


def undrawable(text: str) -> list[str]:
    """Return the characters of a text that no font has, each once."""
    return list(dict.fromkeys(each for each in _clusters_of_line(text) if not _drawn(each)))


def _clusters_of_line(text: str) -> list[str]:
    return clusters(" ".join(normal_form(text).split()))


def _drawn(cluster: str) -> str:
    for form in (cluster, unicodedata.normalize("NFKC", cluster)):
        if all(map(_font_with, form)):
            return form
    return ""


def fitted(words: list[str], frame: Frame, is_rtl: bool = False) -> tuple[list[Line], int]:
    """Return the lines of a text and their leading, as `whole()` does.

    A text that is too long is set at the smallest size, broken at any character and cut with an
    ellipsis.
    """
    size, leading = frame.scale[-1]
    return whole(words, frame, is_rtl) or (_cut("".join(words), size, frame, is_rtl), leading)


def whole(words: list[str], frame: Frame, is_rtl: bool = False) -> tuple[list[Line], int] | None:
    """Return the lines of a text at the largest size at which it fits, and their leading.

    `words` are the parts between which lines may end, with the spaces after them. `is_rtl` is the
    direction of the text. Returns None if the smallest size is too large.
    """
    for size, leading in frame.scale:
        lines = _balanced(words, size, frame.width, is_rtl)
        height = (len(lines) - 1) * leading + ASCENT * size
        if (
            len(lines) <= frame.lines
            and height <= frame.height
            and all(line.width <= frame.width for line in lines)
        ):
            return lines, leading
    return None


def _balanced(words: list[str], size: int, most: int, is_rtl: bool) -> list[Line]:
    """Break words into the fewest lines, and make these about equally long."""
    lines = _broken(words, size, most)
    for width in range(most, 0, -20):
        narrower = _broken(words, size, width)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return [line_of(text, size, is_rtl) for text in lines]


def _broken(words: list[str], size: int, width: int) -> list[str]:
    """Break words into lines of at most `width`. A wider word has a line of its own."""
    lines: list[str] = []
    for word in words:
        if lines and _advance((lines[-1] + word).rstrip(), size) <= width:
            lines[-1] += word
        else:
            lines.append(word)
    return lines


def _cut(text: str, size: int, frame: Frame, is_rtl: bool) -> list[Line]:
    """Break a text at any character, and end it with an ellipsis if it does not fit."""
    lines = _broken(clusters(text), size, frame.width)
    if len(lines) > frame.lines:
        last = clusters(lines[frame.lines - 1])
        while _advance("".join(last) + "…", size) > frame.width:
            last.pop()
        lines[frame.lines - 1 :] = ["".join(last) + "…"]
    return [line_of(line, size, is_rtl) for line in lines]


@lru_cache(maxsize=4096)  # fitting a text measures the same lines repeatedly
def _advance(text: str, size: int) -> float:
    """Return the width of a line of text, which is the same in both directions."""
    return sum(font_of(path, size).getlength(part) for part, path in _parts(text))


@lru_cache(maxsize=256)
def line_of(text: str, size: int, is_rtl: bool = False) -> Line:
    """Return a line of text at a size. `is_rtl` is the direction of its paragraph.

    The text must have a visible character.
    """
    runs, advance = [], 0.0
    for words, runs_left in directed_runs(text.strip(), is_rtl):
        direction = ("rtl" if runs_left else "ltr") if CAN_SHAPE else None
        parts = list(_parts(words))
        for part, path in reversed(parts) if runs_left else parts:
            run = GlyphRun(part, font_of(path, size), direction, advance)
            advance += run.font.getlength(part, direction=direction)
            runs.append(run)
    left, right = _ink(runs[0])[0], advance - runs[-1].offset - _ink(runs[-1])[1]
    return Line(runs, left, advance - left - right)


def _parts(text: str) -> Iterator[tuple[str, Path]]:
    """Yield parts of a text with the font for each, in reading order."""
    shown = "".join(
        character
        for character in text
        if not _INVISIBLE.match(character) or (CAN_SHAPE and _SHAPING.match(character))
    )
    pairs: list[tuple[str, Path]] = []
    for cluster in clusters(shown):
        if path := _font_with(cluster):
            pairs.append((cluster, path))
        else:  # no font has both the letter and its marks
            pairs += [(part, path) for part in cluster if (path := _font_with(part))]
    for path, group in itertools.groupby(pairs, key=lambda pair: pair[1]):
        yield "".join(part for part, _path in group), path


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
            direction=run.direction,
        )


def _ink(run: GlyphRun) -> tuple[float, float]:
    """Return the left and right edge of the ink of a run, in pixels from the start of the run."""
    # font.getbbox() would include the side bearings of characters.
    mask, (offset, _ascent) = run.font.getmask2(run.text, "L", direction=run.direction, anchor="ls")
    left, _top, right, _bottom = mask.getbbox() or (0, 0, 0, 0)
    return offset + left, offset + right
