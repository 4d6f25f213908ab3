"""Where a Japanese line may break: between phrases, not inside a word."""

from functools import cache, lru_cache

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
