"""What stands where a speaker has no picture: the name, set large, on a colour of their own.

All portraits are one family. What tells two speakers apart, the hue and the pattern along the
foot, follows from the slug. The foot is free of words, so that a card may lay a time over it.
`components/portrait.html` draws them as SVG, 1280 × 720 units.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from trendsite.shared.images.patterns import colours_of, pattern_name
from trendsite.shared.text.width import fit_lines, text_width

_WIDTH, _MARGIN = 1280, 80
_LAST_BASELINE = 440
_MAX_LINES = 3
# Size and leading of the letters. A third line has room from 112 down.
_SIZES = ((160, 180), (136, 160), (112, 120), (80, 100), (56, 60), (36, 40))
_TALLEST = _LAST_BASELINE - _MARGIN
_BOLD = 1.1  # how much wider letters of this weight are than `text_width` says
_ASCENT = 0.88  # what letters reach above the baseline, in parts of their size
# A line may end after a space and after the marks that part a foreign name in Japanese.
_PARTS = " ・＝"
_PIECE = re.compile(r"[^ ・＝]*[ ・＝]+|[^ ・＝]+")


class PortraitLine(NamedTuple):
    """A line of a name, and where its baseline is."""

    text: str
    y: int


class Portrait(NamedTuple):
    """What the component draws: colours as `#rrggbb`, a pattern's name, the lines of the name.

    `language` is the code for the name's own language, where that is not the page's.
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
    """Return the portrait of a speaker. A name too long for it ends in an ellipsis."""
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
            # A mark that parts a foreign name is not needed where a line ends.
            PortraitLine(text.rstrip(_PARTS), _LAST_BASELINE - (last - n) * leading)
            for n, text in enumerate(texts)
        ],
        language=language,
    )


def _fitted(name: str) -> tuple[int, int, tuple[str, ...]]:
    """Return the largest size at which a name fits, its leading, and its lines."""
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
