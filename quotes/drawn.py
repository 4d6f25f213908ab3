"""The picture for a speaker of whom there is none: the name, set large, on a colour of their own.

All these pictures are one family. What tells two speakers apart, the hue and the pattern along
the foot, follows from the slug; what tells two languages apart is the name. The layout stands on
a grid of 20 pixels: baselines, margins and patterns. The foot is free of words, so that a card
may lay a time over it.
"""

import hashlib
import itertools
import math
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 720
MARGIN = 80
FOOT = 520  # where the pattern begins
LAST_BASELINE = 440
MAX_LINES = 3
MAX_CHARACTERS = 200  # a longer one is no name; keeps the time for finding its lines small

# The scale of type: size and leading in pixels. A third line has room from 112 down.
SIZES = ((160, 180), (136, 160), (112, 120), (80, 100), (56, 60), (36, 40))
# What ideographs reach above the baseline, in parts of their size.
ASCENT = 0.88

# Lightness and chroma in OKLCH, equal for all hues, so that no speaker stands out; chroma is as
# strong as sRGB allows every hue at that lightness. On either colour the name keeps 7:1.
GROUND = (0.36, 0.058)
PATTERN = (0.42, 0.065)
TEXT = (0.97, 0.012)

# The first that has a character sets it. fonts/README.md says what each one adds.
_FONTS = tuple(
    Path(__file__).parent / "fonts" / name
    for name in (
        "noto-sans-jp-japanese-500-normal.woff2",
        "noto-sans-jp-66-500-normal.woff2",
        "noto-sans-jp-67-500-normal.woff2",
        "noto-sans-latin-ext-500-normal.woff2",
        "noto-sans-vietnamese-500-normal.woff2",
    )
)


def draw(slug: str, name: str) -> Image.Image:
    """Return the RGB picture of a speaker, WIDTH × HEIGHT pixels; the same for the same arguments.

    A name with a letter that no font here has is replaced by the words of the slug: better
    another spelling than a name with a hole. Signs and emoji that none has are left out. A name
    too long for three lines of the smallest size ends in an ellipsis.
    """
    seed = hashlib.sha256(slug.encode()).digest()
    hue = seed[0] * 360 / 256
    pattern = _PATTERNS[seed[1] % len(_PATTERNS)]

    image = Image.new("RGB", (WIDTH, HEIGHT), _rgb(*GROUND, hue))
    image.paste(_rgb(*PATTERN, hue), (0, FOOT), _pattern_mask(pattern))

    pen = ImageDraw.Draw(image)
    text = _drawable(name) or _drawable(slug.replace("-", " ").title())
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS] + "…"
    lines, leading = _fitted(text)
    for above, line in enumerate(reversed(lines)):
        for run in line.runs:
            pen.text(
                (MARGIN + run.offset - line.left, LAST_BASELINE - above * leading),
                run.text,
                font=run.font,
                fill=_rgb(*TEXT, hue),
                anchor="ls",
            )
    return image


# The name


class _Run(NamedTuple):
    """Characters that one font sets, and how far from the line's start."""

    text: str
    font: ImageFont.FreeTypeFont
    offset: float


class _Line(NamedTuple):
    """One line of text, measured by its ink, so that the margin is exact for every script."""

    runs: list[_Run]
    left: float  # where the ink begins, from the line's start
    width: float


@lru_cache(maxsize=len(_FONTS) * len(SIZES))
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    # Not Raqm, which Pillow has only where the system brings FriBiDi: the picture would differ.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _font_with(character: str) -> Path | None:
    """Return the first font that has the character: its picture is not that of a missing one."""
    for path in _FONTS:
        font = _font(path, SIZES[-1][0])
        if bytes(font.getmask(character)) != bytes(font.getmask("\uffff")):
            return path
    return None


def _drawable(name: str) -> str:
    """Return the name without what no font has; nothing where a letter or digit would be lost."""
    kept = []
    for character in unicodedata.normalize("NFC", name):
        if character.isspace():
            kept.append(" ")
        elif character.isprintable() and _font_with(character):
            kept.append(character)
        elif character.isalnum():
            return ""
    return " ".join("".join(kept).split())


def _fitted(text: str) -> tuple[list[_Line], int]:
    """Return the lines of a text at the largest size at which it fits, and their leading."""
    # A line may end after a space and after the marks that part a foreign name in Japanese.
    words = re.findall(r"[^ ・＝]*[ ・＝]+|[^ ・＝]+", text)
    for size, leading in SIZES:
        lines = _balanced(words, size)
        height = (len(lines) - 1) * leading + ASCENT * size
        if (
            len(lines) <= MAX_LINES
            and height <= LAST_BASELINE - MARGIN
            and all(line.width <= WIDTH - 2 * MARGIN for line in lines)
        ):
            return lines, leading
    return _cut(text, size), leading


def _balanced(words: list[str], size: int) -> list[_Line]:
    """Break words into as few lines as they need, and those as even as they can be."""
    lines = _broken(words, size, WIDTH - 2 * MARGIN)
    for width in range(WIDTH - 2 * MARGIN, 0, -20):
        narrower = _broken(words, size, width)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return [_line(text, size) for text in lines]


def _broken(words: list[str], size: int, width: int) -> list[str]:
    """Fill line after line with words; one wider than `width` has a line to itself."""
    lines: list[str] = []
    for word in words:
        if lines and _line(lines[-1] + word, size).width <= width:
            lines[-1] += word
        else:
            lines.append(word)
    return lines


def _cut(text: str, size: int) -> list[_Line]:
    """Break a text anywhere into MAX_LINES lines; what is left over gives way to an ellipsis."""
    lines = _broken(list(text), size, WIDTH - 2 * MARGIN)
    if len(lines) > MAX_LINES:
        last = lines[MAX_LINES - 1]
        while _line(last + "…", size).width > WIDTH - 2 * MARGIN:
            last = last[:-1]
        lines[MAX_LINES - 1 :] = [last + "…"]
    return [_line(line, size) for line in lines]


def _line(text: str, size: int) -> _Line:
    text = text.strip()
    runs, advance = [], 0.0
    for path, characters in itertools.groupby(text, key=_font_with):
        run = _Run("".join(characters), _font(path, size), advance)
        advance += run.font.getlength(run.text)
        runs.append(run)
    left, right = _bearings(text[0], size)[0], _bearings(text[-1], size)[1]
    return _Line(runs, left, advance - left - right)


@lru_cache(maxsize=4096)
def _bearings(character: str, size: int) -> tuple[float, float]:
    """Return the blank at the left and at the right within a character's own width, in pixels."""
    font = _font(_font_with(character), size)
    # font.getbbox() would count these blanks as part of the character.
    mask, (offset, _ascent) = font.getmask2(character, "L", anchor="ls")
    left, _top, right, _bottom = mask.getbbox() or (0, 0, 0, 0)
    return offset + left, font.getlength(character) - offset - right


# The pattern along the foot: shapes as wide as the gaps between them

_SCALE = 4  # shapes are drawn so much larger and scaled down, since Pillow draws hard edges
_UNIT = 20 * _SCALE
_COLUMNS, _ROWS = WIDTH // 20, (HEIGHT - FOOT) // 20


def _pattern_mask(pattern: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    mask = Image.new("L", (_COLUMNS * _UNIT, _ROWS * _UNIT))
    pattern(ImageDraw.Draw(mask))
    return mask.reduce(_SCALE)


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: int = 255) -> None:
    """Draw a disc; centre and radius in units."""
    pen.circle((x * _UNIT, y * _UNIT), radius * _UNIT, fill=fill)


def _rules(pen: ImageDraw.ImageDraw) -> None:
    for y in range(0, _ROWS, 2):
        pen.rectangle((0, y * _UNIT, _COLUMNS * _UNIT, (y + 1) * _UNIT - 1), fill=255)


def _bars(pen: ImageDraw.ImageDraw) -> None:
    for x in range(0, _COLUMNS, 2):
        pen.rectangle((x * _UNIT, 0, (x + 1) * _UNIT - 1, _ROWS * _UNIT), fill=255)


def _hatching(pen: ImageDraw.ImageDraw) -> None:
    bottom, slant = _ROWS * _UNIT, _ROWS * _UNIT
    thickness = math.sqrt(2) * _UNIT
    for stripe in range(-_ROWS, _COLUMNS):
        x = stripe * 2 * thickness
        pen.polygon(
            [(x, bottom), (x + slant, 0), (x + slant + thickness, 0), (x + thickness, bottom)],
            fill=255,
        )


def _dots(pen: ImageDraw.ImageDraw) -> None:
    for y in range(1, _ROWS, 2):
        for x in range(1, _COLUMNS, 2):
            _disc(pen, x, y, 0.65)


def _rings(pen: ImageDraw.ImageDraw) -> None:
    for x in range(2, _COLUMNS, _ROWS):  # from 2, both ends are cut alike
        for radius in range(_ROWS // 2, 0, -1):
            _disc(pen, x, _ROWS / 2, radius, fill=255 * (radius % 2))


def _arcs(pen: ImageDraw.ImageDraw) -> None:
    for x in range(2, _COLUMNS, 2 * _ROWS):
        for radius in range(_ROWS - 1, 0, -1):
            _disc(pen, x, _ROWS, radius, fill=255 * (radius % 2))


_PATTERNS = (_rules, _bars, _hatching, _dots, _rings, _arcs)


# Colour


def _rgb(lightness: float, chroma: float, hue: float) -> tuple[int, int, int]:
    """Return an OKLCH colour, its hue in degrees, in sRGB; the constants are Ottosson's."""
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (
        round(255 * (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055))
        for part in (min(max(part, 0), 1) for part in linear)
    )
    return red, green, blue
