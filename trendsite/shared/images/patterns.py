"""Colours and patterns derived from a slug, for portraits of speakers and for share cards.

A slug determines a hue and one of six patterns along the foot of the picture, which are drawn on a
grid of 20 pixels.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1280, 720
FOOT = 520  # where the pattern begins

# Lightness and chroma in OKLCH, equal for all hues, so that no speaker stands out; chroma is as
# strong as sRGB allows every hue at that lightness. On either colour text keeps 7:1.
GROUND = (0.36, 0.058)
PATTERN = (0.42, 0.065)
TEXT = (0.97, 0.012)


class Colours(NamedTuple):
    """The colours of one picture, in sRGB."""

    ground: tuple[int, int, int]
    pattern: tuple[int, int, int]
    text: tuple[int, int, int]


def colours_of(slug: str) -> Colours:
    """Return the colours for a slug."""
    hue = _seed(slug)[0] * 360 / 256
    return Colours(_rgb(*GROUND, hue), _rgb(*PATTERN, hue), _rgb(*TEXT, hue))


def pattern_name(slug: str) -> str:
    """Return the name of the pattern for a slug, one of the six in `_PATTERNS`."""
    return list(_PATTERNS)[_seed(slug)[1] % len(_PATTERNS)]


def pattern_of(slug: str) -> Image.Image:
    """Return the pattern for a slug as a mask of WIDTH × (HEIGHT - FOOT) pixels."""
    return _pattern_mask(_PATTERNS[pattern_name(slug)])


def _seed(slug: str) -> bytes:
    return hashlib.sha256(slug.encode()).digest()


# The pattern along the foot: shapes as wide as the gaps between them

_SCALE = 4  # shapes are drawn larger by this factor and scaled down, for smooth edges
_UNIT = 20 * _SCALE
_COLUMNS, _ROWS = WIDTH // 20, (HEIGHT - FOOT) // 20


@cache  # of which there are six
def _pattern_mask(pattern: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    from PIL import Image, ImageDraw  # here, since pages need the colours only

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
    for x in range(2, _COLUMNS, _ROWS):  # from 2, so that both ends are cut in the same way
        for radius in range(_ROWS // 2, 0, -1):
            _disc(pen, x, _ROWS / 2, radius, fill=255 * (radius % 2))


def _arcs(pen: ImageDraw.ImageDraw) -> None:
    for x in range(2, _COLUMNS, 2 * _ROWS):
        for radius in range(_ROWS - 1, 0, -1):
            _disc(pen, x, _ROWS, radius, fill=255 * (radius % 2))


# components/portrait.html draws the same as SVG.
_PATTERNS = {
    "rules": _rules,
    "bars": _bars,
    "hatching": _hatching,
    "dots": _dots,
    "rings": _rings,
    "arcs": _arcs,
}


# Colour


def _rgb(lightness: float, chroma: float, hue: float) -> tuple[int, int, int]:
    """Convert an OKLCH colour, with its hue in degrees, to sRGB. The constants are Ottosson's."""
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
