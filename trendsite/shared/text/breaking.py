"""Finding line breaks in any language, for pictures that are drawn on the server."""

import re
from functools import cache
from itertools import pairwise

import budoux

from trendsite.shared.text.japanese import KANJI, phrases_of, stay_together

_THAI = re.compile(r"([\u0e01-\u0e5b]+)")
# Ideographs and kana, between which a line may end. Korean has spaces.
_IDEOGRAPH = re.compile(rf"[{KANJI}\u3041-\u30ff\u3105-\u312f\uff01-\uff9f]")


def breakable(text: str, language: str) -> list[str]:
    """Split a text into parts between which a line may end.

    These end after spaces, in Japanese after phrases, in Chinese after characters, in Thai after
    words, and at zero-width spaces, as used in Khmer and Lao. The joined parts are the text without
    zero-width spaces (U+200B).
    """
    if language == "ja":
        return [piece for piece in phrases_of(text.replace("\u200b", "")) if piece]
    pieces: list[str] = []
    for word in re.findall(r"[^ \u200b]*[ \u200b]+|[^ \u200b]+", text):
        for part in _THAI.split(word.replace("\u200b", "")):
            if _THAI.match(part):
                pieces += _thai().parse(part)
            elif part.isspace() and pieces:
                pieces[-1] += part
            elif part:
                pieces += _between_ideographs(part)
    return pieces


def _between_ideographs(word: str) -> list[str]:
    pieces = [word[:1]]
    for left, right in pairwise(word):
        may_end = _IDEOGRAPH.match(left) or _IDEOGRAPH.match(right)
        if may_end and right != " " and not stay_together(left, right):
            pieces.append(right)
        else:
            pieces[-1] += right
    return pieces


@cache
def _thai() -> budoux.Parser:
    return budoux.load_default_thai_parser()
