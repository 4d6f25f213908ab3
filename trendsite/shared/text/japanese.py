"""Rules for Japanese text: what a kanji is, where lines break, which marks need no space.

The numbers that a line does not split are here for English, too.
"""

import re
from functools import cache, lru_cache
from itertools import pairwise
from unicodedata import category, east_asian_width

import budoux
from django.utils.html import escape
from django.utils.safestring import SafeString

KANJI = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""The kanji, those beyond the BMP too, as the inside of a character class of a regex."""

# Signs before the kanji are skipped. It has no `\w`, which differs between Python and PostgreSQL.
BEGINS_WITH_KANJI = rf"^[][\s　「『【〈《（“‘\"'(–—-]*[{KANJI}]"
"""A regex for Python and for both databases."""


@cache
def _parser() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


# Numbers with their counters, between which there may be citations; and HTML tags, to skip them.
_MARKS = r'(?:<span class="marks[^>]*>.*?</span>)?'
# Bounded, as `_FURTHEST`: else a long text of digits or brackets takes quadratic time.
_DIGITS = "[0-9０-９][0-9０-９,.，．]{0,30}"
_COUNTERS = (
    "年度|年代|年半|年間|年|[カヵヶか]月|月期|月|日間|日|週間|時間|時|分|秒|四半期|世代|種類|段階"
    "|[カヵヶか](?:国|所)|ポイント|パーセント|ドル|ユーロ|ワット|トークン|メートル|キロ|ギガ|トン"
    "|[件社人倍割回本種位度円点個台校名語％%]"
)
_ERAS = "令和|平成|昭和|大正|明治"
_UNITS = r"(?:[kKMGTP]?(?:Wh|W|B|bps|Hz)|[kcm]?m|kg)(?![A-Za-z])"
_NUMBERS = re.compile(
    rf"(?P<strong><(strong|em|mark)>{_DIGITS}</\2>(?:{_COUNTERS}|[{KANJI}ぁ-ヶ]))|<[^>]*>"
    rf"|(?P<number>(?:第|紀元前|西暦|午前|午後|{_ERAS})?(?:{_DIGITS}分の{_DIGITS}"
    rf"|(?:{_DIGITS}[兆億万]){{0,3}}{_DIGITS}(?:[〜～–-]{_DIGITS})?{_MARKS}[万億兆]?{_MARKS}"
    rf"(?:{_COUNTERS})|{_DIGITS}{_MARKS}[{KANJI}ぁ-ヶ]|{_DIGITS} {_UNITS}|[QH][1-4] ?{_DIGITS}"
    "|[〇一二三四五六七八九十百千万億兆]{1,30}(?:年|月|日|人|社|件|回|割|倍|位|[カヵヶか][月国所]))"
    rf"|(?:{_ERAS})元年)"
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# With the mark that follows, which else begins a line where a cell is as narrow as the number.
_NUMBERS_IN_ENGLISH = re.compile(
    rf"<[^>]*>|\b(?P<number>(?:[0-9]{{1,2}} (?:{_MONTHS})(?: [0-9]{{4}})?|(?:{_MONTHS}) [0-9]{{4}}"
    r"|[QH][1-4] [0-9]{4}|[0-9]{4} [QH][1-4]"
    rf"|(?:USD|EUR|GBP|JPY) {_DIGITS}(?: (?:million|billion|trillion))?"
    rf"|{_DIGITS} (?:thousand|million|billion|trillion|BC|AD|{_UNITS}))\b[.,;:)]?)"
)
_PATTERNS = {"ja": _NUMBERS, "en": _NUMBERS_IN_ENGLISH}


@lru_cache(maxsize=4096)
def with_breaks(text: str, language: str) -> SafeString:
    """Return a text as HTML `with_numbers`, in Japanese with `<wbr>` between its phrases.

    The style sheet forbids other line breaks within `.phrases`. If there are several clauses, each
    is in a `span`, which has a line of its own if the clauses do not fit on one line.
    """
    if language != "ja":
        return with_numbers(escape(text), language)
    clauses = [""]
    for phrase in phrases_of(text):
        if clauses[-1].endswith(_ENDS_OF_CLAUSES):
            clauses.append("")
        elif clauses[-1]:
            clauses[-1] += "<wbr>"
        clauses[-1] += with_numbers(escape(phrase), language)
    if len(clauses) == 1:
        return SafeString(clauses[0])
    return SafeString("<wbr>".join(f'<span class="clause">{clause}</span>' for clause in clauses))


_ENDS_OF_CLAUSES = ("、", "。", "：")


@lru_cache(maxsize=4096)
def with_numbers(html: str, language: str) -> SafeString:
    """Return safe HTML, with each number and what it counts in a `span`, and each date.

    The style sheet prevents line breaks within it, such as in 2026年 or 8 December 2025.
    """
    pattern = _PATTERNS.get(language)
    return SafeString(pattern.sub(_as_number, html) if pattern else html)


def _as_number(found: re.Match[str]) -> str:
    number = next(filter(None, found.groupdict().values()), "")
    return f'<span class="number">{number}</span>' if number else found[0]


def phrases_of(text: str) -> list[str]:
    """Split a Japanese text into phrases. The joined phrases are the text.

    The result of the parser is corrected: it does not follow kinsoku, so that it may begin a line
    with ： or end one with （, and it splits 2027年 into 202 and 7年.
    """
    inside = {
        place
        for found in _NUMBERS.finditer(text)
        if found["number"]
        for place in range(found.start() + 1, found.end())
    }
    breaks: set[int] = set()
    start = 0
    for phrase in _parser().parse(text):
        place = _place_to_break(text, start)
        if place not in inside:
            breaks.add(place)
        start += len(phrase)
    ends = sorted({0, *breaks, len(text)})
    return [text[start:end] for start, end in pairwise(ends)]


_FURTHEST = 20


def _place_to_break(text: str, place: int) -> int:
    """Return where a line may end near a place, after ： or before （; 0 if nowhere."""
    first, last = max(0, place - _FURTHEST), min(len(text), place + _FURTHEST)
    while first < place < len(text) and category(text[place - 1]) in ("Ps", "Pi"):
        place -= 1
    while 0 < place < last and category(text[place]) in ("Po", "Pe", "Pf"):
        place += 1
    if not 0 < place < len(text) or stay_together(text[place - 1], text[place]):
        return 0
    return place


# JIS X 4051: characters that do not begin or end a line, beside brackets and quotation marks.
_BEGINS_NO_LINE = set(
    "、。，．・：；？！‼⁇⁈⁉…‥―—–‐〜～゠ー々〻ゝゞヽヾ％‰℃°′″゛゜㎡㎢㎥"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
    "､｡･ｰﾞﾟｧｨｩｪｫｬｭｮｯ!?:;,.%/"
)
_ENDS_NO_LINE = set("¥￥$＄£￡€#＃№§±")


def stay_together(left: str, right: str) -> bool:
    """Return whether a Japanese line must not end between two characters."""
    return (
        right in _BEGINS_NO_LINE
        or category(right) in ("Pe", "Pf", "Mn", "Mc", "Me", "Cf")
        or left in _ENDS_NO_LINE
        or category(left) in ("Ps", "Pi", "Cf")
        or (left.isdigit() and right.isdigit())
        or (left.isascii() and left.isalnum() and right.isascii() and right.isalnum())
    )


def gap_after(text: str) -> str:
    """Return the space to put after a text: empty after 。 or another full-width mark."""
    return "" if text and is_full_width_mark(text[-1]) else " "


def is_full_width_mark(character: str) -> bool:
    """Return whether a character is full-width punctuation such as 。、！」, but not “ or …."""
    return east_asian_width(character) in "FW" and category(character).startswith("P")
