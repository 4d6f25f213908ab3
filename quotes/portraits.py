"""Portraits of speakers without a picture: the name in large letters on a coloured ground.

The slug determines the hue and the pattern along the bottom, which tell two speakers apart. No
words are at the bottom, where a card may show a time. `components/portrait.html` draws a portrait
as SVG, 1280 × 720 units.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from trendsite.shared.images.patterns import colours_of, pattern_name
from trendsite.shared.text.width import fit_lines, text_width

_WIDTH, _MARGIN = 1280, 80
_LAST_BASELINE = 440
_MAX_LINES = 3
# Size of the letters and distance of lines. A third line has room at a size of 112 or less.
_SIZES = ((160, 180), (136, 160), (112, 120), (80, 100), (56, 60), (36, 40))
_TALLEST = _LAST_BASELINE - _MARGIN
_BOLD = 1.1  # the width of bold letters as a multiple of what `text_width` returns
_ASCENT = 0.88  # the height of letters above the baseline as a multiple of their size
# A line may end after a space and after the marks that separate foreign names in Japanese.
_PARTS = " ・＝"
_PIECE = re.compile(r"[^ ・＝]*[ ・＝]+|[^ ・＝]+")


class PortraitLine(NamedTuple):
    """A line of a name, and the vertical position of its baseline, in units."""

    text: str
    y: int


class Portrait(NamedTuple):
    """The data of a portrait: colours as `#rrggbb`, a pattern's name, the lines of the name.

    `language` is the code of the name's language where that is not the page's.
    """

    ground: str
    shade: str
    ink: str
    pattern: str
    size: int
    lines: list[PortraitLine]
    language: str


@lru_cache(maxsize=1024)
def portrait_of(slug: str, name: str, language: str = "") -> Portrait:
    """Return the portrait of a speaker. A name that is too long ends in an ellipsis."""
    size, leading, texts = _fitted(" ".join(name.split()))
    last = len(texts) - 1
    colours = colours_of(slug)
    return Portrait(
        ground="#" + bytes(colours.ground).hex(),
        shade="#" + bytes(colours.pattern).hex(),
        ink="#" + bytes(colours.text).hex(),
        pattern=pattern_name(slug),
        size=size,
        lines=[
            # The mark that separates the parts of a foreign name is not needed at a line's end.
            PortraitLine(text.rstrip(_PARTS), _LAST_BASELINE - (last - n) * leading)
            for n, text in enumerate(texts)
        ],
        language=language,
    )


def _fitted(name: str) -> tuple[int, int, tuple[str, ...]]:
    """Return the largest size at which a name fits, the distance of lines, and the lines."""
    pieces = tuple(_PIECE.findall(name))
    widest = max((text_width(piece.rstrip()) for piece in pieces), default=0)
    for size, leading in _SIZES:
        width = (_WIDTH - 2 * _MARGIN) / size / _BOLD
        lines = fit_lines(tuple(pieces), width, _MAX_LINES)
        height = (len(lines) - 1) * leading + _ASCENT * size
        if widest <= width and height <= _TALLEST and not _is_cut(lines, name):
            break
    return size, leading, lines


def _is_cut(lines: tuple[str, ...], name: str) -> bool:
    return "".join(lines).replace(" ", "") != name.replace(" ", "")
