"""The picture for a speaker of whom there is none: the name, set large, on a colour of their own.

All these pictures are one family. What tells two speakers apart, the hue and the pattern along
the foot, follows from the slug; what tells two languages apart is the name. The layout stands on
a grid of 20 pixels: baselines, margins and patterns. The foot is free of words, so that a card
may lay a time over it.
"""

import hashlib
import math
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from trendsite.shared.images.lettering import Frame, drawable, fitted, write

WIDTH, HEIGHT = 1280, 720
MARGIN = 80
FOOT = 520  # where the pattern begins
LAST_BASELINE = 440
MAX_LINES = 3
MAX_CHARACTERS = 200  # a longer one is no name; keeps the time for finding its lines small

# The scale of type: size and leading in pixels. A third line has room from 112 down.
SIZES = ((160, 180), (136, 160), (112, 120), (80, 100), (56, 60), (36, 40))
# Lightness and chroma in OKLCH, equal for all hues, so that no speaker stands out; chroma is as
# strong as sRGB allows every hue at that lightness. On either colour the name keeps 7:1.
GROUND = (0.36, 0.058)
PATTERN = (0.42, 0.065)
TEXT = (0.97, 0.012)

_NAME = Frame(WIDTH - 2 * MARGIN, LAST_BASELINE - MARGIN, MAX_LINES, SIZES)


class Colours(NamedTuple):
    """The colours of one picture, in sRGB."""

    ground: tuple[int, int, int]
    pattern: tuple[int, int, int]
    text: tuple[int, int, int]


def colours_of(slug: str) -> Colours:
    """Return the colours that follow from a slug."""
    hue = _seed(slug)[0] * 360 / 256
    return Colours(_rgb(*GROUND, hue), _rgb(*PATTERN, hue), _rgb(*TEXT, hue))


def pattern_of(slug: str) -> Image.Image:
    """Return the pattern that follows from a slug as a mask, WIDTH × (HEIGHT - FOOT) pixels."""
    return _pattern_mask(_PATTERNS[_seed(slug)[1] % len(_PATTERNS)])


def _seed(slug: str) -> bytes:
    return hashlib.sha256(slug.encode()).digest()


def draw(slug: str, name: str) -> Image.Image:
    """Return the RGB picture of a speaker, WIDTH × HEIGHT pixels; the same for the same arguments.

    A name with a letter that no font here has is replaced by the words of the slug: better
    another spelling than a name with a hole. Signs and emoji that none has are left out. A name
    too long for three lines of the smallest size ends in an ellipsis.
    """
    colours = colours_of(slug)
    image = Image.new("RGB", (WIDTH, HEIGHT), colours.ground)
    image.paste(colours.pattern, (0, FOOT), pattern_of(slug))

    pen = ImageDraw.Draw(image)
    text = drawable(name) or drawable(slug.replace("-", " ").title())
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS] + "…"
    # A line may end after a space and after the marks that part a foreign name in Japanese.
    lines, leading = fitted(re.findall(r"[^ ・＝]*[ ・＝]+|[^ ・＝]+", text), _NAME)
    for above, line in enumerate(reversed(lines)):
        write(pen, line, MARGIN, LAST_BASELINE - above * leading, colours.text)
    return image


# The pattern along the foot: shapes as wide as the gaps between them

_SCALE = 4  # shapes are drawn so much larger and scaled down, since Pillow draws hard edges
_UNIT = 20 * _SCALE
_COLUMNS, _ROWS = WIDTH // 20, (HEIGHT - FOOT) // 20


@cache  # of which there are six
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
