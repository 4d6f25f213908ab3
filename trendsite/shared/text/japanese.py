"""How Japanese is set: lines break between phrases, and full-width marks carry their own blank."""

from functools import cache, lru_cache
from unicodedata import category, east_asian_width

import budoux
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


@cache
def _parser() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


@lru_cache(maxsize=4096)
def with_breaks(text: str, language: str) -> SafeString:
    """The text as HTML; in Japanese with `<wbr>` between its phrases.

    The style sheet keeps `.phrases` from breaking anywhere else.
    """
    if language != "ja":
        return escape(text)
    return mark_safe("<wbr>".join(escape(phrase) for phrase in phrases_of(text)))


def phrases_of(text: str) -> list[str]:
    """The phrases of a Japanese text, which together are the text."""
    phrases: list[str] = []
    for phrase in _parser().parse(text):
        if phrases and phrases[-1][-1].isdigit() and phrase[0].isdigit():
            phrases[-1] += phrase  # the parser parts 2027年 into 202 and 7年
        else:
            phrases.append(phrase)
    return phrases


def gap_after(text: str) -> str:
    """What parts a text from the next one: a blank, but nothing after 。 or another such mark."""
    return "" if text and is_full_width_mark(text[-1]) else " "


def is_full_width_mark(character: str) -> bool:
    """Is it punctuation as wide as a letter, like 。、！」 but not “ or …?"""
    return east_asian_width(character) in "FW" and category(character).startswith("P")
