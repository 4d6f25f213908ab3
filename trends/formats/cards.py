"""The picture that stands for a trend where its address is shared: 1200 × 630 pixels.

Of one family with the pictures of speakers (`trendsite.shared.images.patterns`): the hue and
the pattern along the foot follow from the slug. Title and judgement are told in one language,
the judgement by the same marks as on the page.
"""

import io
import re
from functools import cache

from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from trends.levels import Confidence, Status
from trendsite.shared.images.lettering import ASCENT, Frame, drawable, fitted, line_of, write
from trendsite.shared.images.patterns import colours_of, pattern_of
from trendsite.shared.text.japanese import phrases_of

WIDTH, HEIGHT = 1200, 630
SITE = "Trendsite"

_MARGIN = 80
_FOOT = 570  # where the pattern begins
_SITE_BASELINE, _SITE_SIZE = 112, 36
_TITLE_TOP = 160
_JUDGEMENT_BASELINE, _JUDGEMENT_SIZE = 506, 36
_MARK = 40  # a mark's height
_TITLE = Frame(
    WIDTH - 2 * _MARGIN, 270, 4, ((104, 124), (88, 104), (76, 90), (64, 76), (52, 64), (42, 52))
)
_MAX_CHARACTERS = 200  # as many as a title may have
_SCALE = 4  # marks are drawn so much larger and scaled down, since Pillow draws hard edges
_LEVELS = [Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH]


def draw_card(slug: str, title: str, language: str, status: str, confidence: str) -> Image.Image:
    """Return the RGB picture of a trend; the same for the same arguments.

    A title with a letter that no font has is replaced by the words of the slug.
    """
    image = _draw_title(slug, title, language)
    pen, colours = ImageDraw.Draw(image), colours_of(slug)
    with translation.override(language):
        judgement = [
            (_status_mark(status), str(Status(status).label)),
            (
                _confidence_bars(confidence),
                _("Confidence") + f" {Confidence(confidence).label}",
            ),
        ]
    left = _MARGIN
    for mark, words in judgement:
        image.paste(colours.text, (left, _JUDGEMENT_BASELINE - _MARK + 5), mark)
        left += _MARK + 16
        if text := drawable(words):  # a language whose letters no font has is told by the mark
            line = line_of(text, _JUDGEMENT_SIZE)
            write(pen, line, left, _JUDGEMENT_BASELINE, colours.text)
            left += round(line.width) + 64
    return image


@cache
def site_card(language: str) -> bytes:
    """The card of pages that have none of their own, as JPEG: what the site is."""
    with translation.override(language):
        claim = _("Trends that rest on evidence")
    return as_jpeg(_draw_title(SITE.lower(), claim, language))


def as_jpeg(card: Image.Image) -> bytes:
    """Encode a card as JPEG, in a fifth of the time of a PNG. Optimized, it is a fifth smaller."""
    content = io.BytesIO()
    card.save(content, "JPEG", quality=88, subsampling=0, optimize=True)
    return content.getvalue()


def _draw_title(slug: str, title: str, language: str) -> Image.Image:
    """A card with the name of the site and a title."""
    colours = colours_of(slug)
    image = Image.new("RGB", (WIDTH, HEIGHT), colours.ground)
    strip = pattern_of(slug).crop((0, 0, WIDTH, HEIGHT - _FOOT))
    image.paste(colours.pattern, (0, _FOOT), strip)
    pen = ImageDraw.Draw(image)
    write(pen, line_of(SITE, _SITE_SIZE), _MARGIN, _SITE_BASELINE, colours.text)
    lines, leading = fitted(_pieces(slug, title, language), _TITLE)
    size = next(size for size, its_leading in _TITLE.scale if its_leading == leading)
    first = _TITLE_TOP + round(ASCENT * size)
    for below, line in enumerate(lines):
        write(pen, line, _MARGIN, first + below * leading, colours.text)
    return image


def _pieces(slug: str, title: str, language: str) -> list[str]:
    """What of the title may stand on a line of its own."""
    text = drawable(title[:_MAX_CHARACTERS])
    if text and language == "ja":
        return phrases_of(text)
    return re.findall(r"[^ ]* +|[^ ]+", text or drawable(slug.replace("-", " ").title()))


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
    """A mask, its pen, and how many pixels a unit has."""
    mask = Image.new("L", (_MARK * _SCALE, _MARK * _SCALE))
    return mask, ImageDraw.Draw(mask), _MARK * _SCALE / 16
