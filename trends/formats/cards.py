"""Drawing cards: the pictures of 1200 × 630 pixels that social media show for an address.

As in portraits of speakers (`trendsite.shared.images.patterns`), hue and pattern depend on the
slug. A card has the title and the judgement in one language, with the same marks as on pages.
"""

import io
from functools import cache

from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from trends.levels import Confidence, Status
from trendsite.shared.head import SITE_NAME
from trendsite.shared.images.lettering import (
    ASCENT,
    Frame,
    Line,
    drawable,
    fitted,
    line_of,
    whole,
    write,
)
from trendsite.shared.images.patterns import colours_of, pattern_of
from trendsite.shared.language_codes import direction_of
from trendsite.shared.text.bidi import is_right_to_left
from trendsite.shared.text.breaking import breakable

WIDTH, HEIGHT = 1200, 630

_MARGIN = 80
_FOOT = 570  # where the pattern begins
_SITE_BASELINE, _SITE_SIZE = 112, 36
_TITLE_TOP = 160
_JUDGEMENT_BASELINE, _JUDGEMENT_SIZE = 506, 36
_MARK = 40  # a mark's height
_TITLE = Frame(
    WIDTH - 2 * _MARGIN, 270, 4, ((104, 124), (88, 104), (76, 90), (64, 76), (52, 64), (42, 52))
)
# The frames of title and brief; the brief is left out if both do not fit.
_SHORT_TITLE = Frame(WIDTH - 2 * _MARGIN, 190, 3, ((76, 90), (64, 76), (52, 64)))
_BRIEF = Frame(WIDTH - 2 * _MARGIN, 80, 2, ((34, 44), (30, 40), (27, 36)))
_ABOVE_BRIEF = 40
_MAX_CHARACTERS = 200  # the longest title
_SCALE = 4  # marks are drawn larger by this factor and scaled down, for smooth edges
_LEVELS = [Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH]


def draw_card(
    slug: str, title: str, language: str, status: str, confidence: str, brief: str = ""
) -> Image.Image:
    """Return the card of a trend as RGB. The same arguments give the same picture.

    A title with a character that no font has is replaced by the words of the slug. `brief` is a
    sentence below the title, which is left out if it does not fit.
    """
    image = _draw_title(slug, title, language, brief)
    pen, colours = ImageDraw.Draw(image), colours_of(slug)
    is_rtl = direction_of(language) == "rtl"
    with translation.override(language):
        judgement = [
            (_status_mark(status), str(Status(status).label)),
            (
                _confidence_bars(confidence),
                _("Confidence") + f" {Confidence(confidence).label}",
            ),
        ]
    start = _MARGIN
    for mark, words in judgement:
        left = _left(start, _MARK, is_rtl)
        image.paste(colours.text, (left, _JUDGEMENT_BASELINE - _MARK + 5), mark)
        start += _MARK + 16
        if text := drawable(words):  # without a font for the language, there is only the mark
            line = line_of(text, _JUDGEMENT_SIZE, is_rtl)
            left = _left(start, line.width, is_rtl)
            write(pen, line, left, _JUDGEMENT_BASELINE, colours.text)
            start += round(line.width) + 64
    return image


@cache
def site_card(language: str) -> bytes:
    """Return the JPEG of the card for pages that have none of their own. It describes the site."""
    with translation.override(language):
        claim = _("Trends backed by evidence")
    return as_jpeg(_draw_title(SITE_NAME.lower(), claim, language))


def as_jpeg(card: Image.Image) -> bytes:
    """Encode a card as optimized JPEG, in a fifth of the time of a PNG."""
    content = io.BytesIO()
    card.save(content, "JPEG", quality=88, subsampling=0, optimize=True)
    return content.getvalue()


def _draw_title(slug: str, title: str, language: str, brief: str = "") -> Image.Image:
    """Return a card with the name of the site, a title and, if it fits, a brief."""
    colours = colours_of(slug)
    image = Image.new("RGB", (WIDTH, HEIGHT), colours.ground)
    strip = pattern_of(slug).crop((0, 0, WIDTH, HEIGHT - _FOOT))
    image.paste(colours.pattern, (0, _FOOT), strip)
    pen = ImageDraw.Draw(image)
    site, on_right = line_of(SITE_NAME, _SITE_SIZE), direction_of(language) == "rtl"
    write(pen, site, _left(_MARGIN, site.width, on_right), _SITE_BASELINE, colours.text)
    shown = drawable(title[:_MAX_CHARACTERS])
    words = breakable(shown, language) or breakable(drawable(slug.replace("-", " ").title()), "")
    sentence = drawable(brief)
    is_rtl = on_right or is_right_to_left(shown)
    brief_is_rtl = on_right or is_right_to_left(sentence)
    short_title = whole(words, _SHORT_TITLE, is_rtl)
    below = whole(breakable(sentence, language), _BRIEF, brief_is_rtl) if sentence else None
    if short_title and below:
        bottom = _write_lines(pen, short_title, _SHORT_TITLE, _TITLE_TOP, colours.text, is_rtl)
        top = bottom + _ABOVE_BRIEF
        _write_lines(pen, below, _BRIEF, top, colours.text, brief_is_rtl)
    else:
        laid_out = fitted(words, _TITLE, is_rtl)
        _write_lines(pen, laid_out, _TITLE, _TITLE_TOP, colours.text, is_rtl)
    return image


def _left(start: float, width: float, is_rtl: bool) -> int:
    """Return the left edge of a box of some width that begins at `start` from the margin.

    The margin is the left one, or the right one with `is_rtl`.
    """
    return round(WIDTH - start - width if is_rtl else start)


def _write_lines(
    pen: ImageDraw.ImageDraw,
    laid_out: tuple[list[Line], int],
    frame: Frame,
    top: int,
    colour: tuple[int, int, int],
    is_rtl: bool,
) -> int:
    """Draw lines that were fitted into a frame; return the baseline of the last one."""
    lines, leading = laid_out
    size = next(size for size, its_leading in frame.scale if its_leading == leading)
    baseline = top + round(ASCENT * size)
    for number, line in enumerate(lines):
        left = _left(_MARGIN, line.width, is_rtl)
        write(pen, line, left, baseline + number * leading, colour)
    return baseline + (len(lines) - 1) * leading


# The marks, drawn on the grid of 16 units of components/status_mark and confidence_bars


def _status_mark(status: str) -> Image.Image:
    mask, pen, unit = _canvas()
    box = (2 * unit, 2 * unit, 14 * unit, 14 * unit)
    stroke = round(2 * unit)
    match status:
        case Status.ESTABLISHED:
            pen.ellipse((unit, unit, 15 * unit, 15 * unit), fill=255)
        case Status.DECLINING:
            for start in range(0, 360, 45):
                pen.arc(box, start, start + 26, fill=255, width=stroke)
        case _:
            pen.ellipse(box, outline=255, width=stroke)
            if status == Status.GROWING:
                pen.pieslice(box, -90, 90, fill=255)
    return mask.reduce(_SCALE)


def _confidence_bars(confidence: str) -> Image.Image:
    mask, pen, unit = _canvas()
    sure = _LEVELS.index(Confidence(confidence))
    for level, (x, top) in enumerate(((2, 10), (6.5, 6), (11, 2))):
        box = (x * unit, top * unit, (x + 3) * unit, 14 * unit)
        if level <= sure:
            pen.rectangle(box, fill=255)
        else:
            pen.rectangle(box, outline=150, width=round(0.8 * unit))
    return mask.reduce(_SCALE)


def _canvas() -> tuple[Image.Image, ImageDraw.ImageDraw, float]:
    """Return a mask, its pen, and the number of pixels of a unit."""
    mask = Image.new("L", (_MARK * _SCALE, _MARK * _SCALE))
    return mask, ImageDraw.Draw(mask), _MARK * _SCALE / 16
