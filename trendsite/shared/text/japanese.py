"""Rules of Japanese text: what a kanji is, where lines break, which marks need no space."""

from functools import cache, lru_cache
from unicodedata import category, east_asian_width

import budoux
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

KANJI = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""The kanji, those beyond the BMP too, as the inside of a character class of a regex."""

# Signs before the kanji are skipped. No `\w`: PostgreSQL does not read it as Python does.
BEGINS_WITH_KANJI = rf"^[][\s　「『【〈《（“‘\"'(–—-]*[{KANJI}]"
"""A regex for Python and for both databases."""


@cache
def _parser() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


@lru_cache(maxsize=4096)
def with_breaks(text: str, language: str) -> SafeString:
    """Return the text as HTML, in Japanese with `<wbr>` between its phrases.

    The style sheet forbids line breaks anywhere else within `.phrases`.
    """
    if language != "ja":
        return escape(text)
    return mark_safe("<wbr>".join(escape(phrase) for phrase in phrases_of(text)))


def phrases_of(text: str) -> list[str]:
    """Split a Japanese text into phrases; joined they give the text again."""
    phrases: list[str] = []
    for phrase in _parser().parse(text):
        if phrases and phrases[-1][-1].isdigit() and phrase[0].isdigit():
            phrases[-1] += phrase  # the parser splits 2027年 into 202 and 7年
        else:
            phrases.append(phrase)
    return phrases


def gap_after(text: str) -> str:
    """Return the space to put after a text: empty after 。 or another full-width mark."""
    return "" if text and is_full_width_mark(text[-1]) else " "


def is_full_width_mark(character: str) -> bool:
    """Tell whether a character is full-width punctuation such as 。、！」, but not “ or …."""
    return east_asian_width(character) in "FW" and category(character).startswith("P")
