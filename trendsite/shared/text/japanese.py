"""Rules of Japanese text: what a kanji is, where lines break, which marks need no space."""

import re
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


# A tag, which stays as it is, or a number with what it counts, perhaps after marks of sources.
_MARKS = r'(?:<span class="marks[^>]*>.*?</span>)?'
_NUMBERS = re.compile(
    rf"<[^>]*>|([0-9][0-9,.]*(?:[〜–-][0-9][0-9,.]*)?{_MARKS}[万億兆]?{_MARKS}"
    r"(?:年度|年代|年半|年|カ月|月|日|週間|時間|時|分|秒|件|社|人|倍|割|回|本|種|位|度|%|％"
    rf"|ポイント|ドル|円|ユーロ|ワット|トークン)|[0-9][0-9,.]*{_MARKS}[万億兆])"
)


@lru_cache(maxsize=4096)
def with_breaks(text: str, language: str) -> SafeString:
    """Return the text as HTML, in Japanese with `<wbr>` between its phrases.

    The style sheet forbids line breaks anywhere else within `.phrases`. Where there are several
    clauses, each is in a `span`, which the style sheet keeps on a line of its own if they do not
    fit on one.
    """
    if language != "ja":
        return escape(text)
    clauses = [""]
    for phrase in phrases_of(text):
        if clauses[-1].endswith(_ENDS_OF_CLAUSES):
            clauses.append("")
        elif clauses[-1]:
            clauses[-1] += "<wbr>"
        clauses[-1] += escape(phrase)
    if len(clauses) == 1:
        return mark_safe(clauses[0])
    return mark_safe("<wbr>".join(f'<span class="clause">{clause}</span>' for clause in clauses))


_ENDS_OF_CLAUSES = ("、", "。", "：")


@lru_cache(maxsize=4096)
def with_numbers(html: str, language: str) -> SafeString:
    """Return safe HTML, in Japanese with each number and its counter in a `span`.

    The style sheet breaks no line within it: 2026年 stays together.
    """
    if language != "ja":
        return mark_safe(html)
    return mark_safe(
        _NUMBERS.sub(
            lambda found: f'<span class="number">{found[1]}</span>' if found[1] else found[0], html
        )
    )


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
