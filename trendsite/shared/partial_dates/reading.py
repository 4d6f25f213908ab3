"""Parsing dates that people write, in English, in Japanese and in EDTF (ISO 8601-2).

First all variants of a character are replaced by one: the result is a plain text. It is one date,
or two dates with a sign between them. Each date is parsed into a `_Form`: the year, month and day,
as far as they are named. A `_Form` may have a number without a unit, which the other end of a range
determines, such as the 3 of 2024年3〜6月 or the 5 of “5–8 March”.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from trendsite.shared.partial_dates.units import (
    CalendarUnit,
    Precision,
    UnitRange,
    fiscal_span,
    fiscal_start,
)

_INVALID = _(
    "“%(text)s” is not a date. Enter 2024, 2024-H1, 2024-Q3, 2024-08 or 2024-08-15, "
    "2024-03/2024-06 for a range, 2024~ for about 2024."
)
_REVERSED = _("The end of “%(text)s” is before its beginning, or inside of it.")
_OPEN = _("“%(text)s” is open at one end. Enter both its ends: 2024-03/2024-06.")
_SHORT_YEAR = _("“%(text)s” is not a date. Write a year with four digits: 0602.")
_SHORT_YEARS = _("“%(text)s” is not a date. Write each year with four digits: 2024, 2024/2025.")
_NO_FISCAL_YEARS = _(
    "“%(text)s” is a fiscal year, and this site does not say in which month one begins "
    "(FISCAL_YEAR_START). Enter its months: 2024-04/2025-03."
)

_IS_OPEN = re.compile(
    r"^(?:[〜/]|\.\.)|(?:[〜/-]|\.\.)$|(?:から|まで|以降|以前|以来)$"
    r"|^(?:since|from|after|before|until|till|by) "
)
_SHORT_YEAR_ALONE = re.compile(
    r"(?:fy|[1-4]q|q[1-4]|[12]h|h[12]|[a-z]{3,9}\.?) ?['’]?\d{2}", re.ASCII
)
# 1/3/2024, which may be 1 March or 3 January.
_DAY_AND_MONTH = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{4}", re.ASCII)
_TWO_DATES = _("“%(text)s” may be two dates: in which order are day and month? Enter 2024-08-15.")
# What people write that a partial date cannot express.
_UNSAID = [
    (
        re.compile(r"^\d{4}年\d{1,2}月期$", re.ASCII),
        _(
            "“%(text)s” is a fiscal year named by the month in which it ends. "
            "Enter its months: 2023-04/2024-03."
        ),
    ),
    (
        re.compile(r"\b(?:spring|summer|autumn|fall|winter)\b|[春夏秋冬]|\d{4}-2[1-4]", re.ASCII),
        _(
            "“%(text)s” is a season, which has other months in other countries. "
            "Enter its months: 2024-03/2024-05."
        ),
    ),
    (
        re.compile(
            r"\b(?:early|mid|middle|late|beginning|start|end)\b|[年月](?:初|始|央|末)|[年月]の?(?:なかば|半ば)"
            r"|初め|始め|初頭|冒頭|中頃|終わり|暮れ|[上中下]旬"
        ),
        _(
            "“%(text)s” does not say where this part begins and ends. "
            "Enter its months or days, such as 2024-01/2024-03, or 2024~ for about 2024."
        ),
    ),
    (
        re.compile(r"\d0'?s\b|年代|centur|世紀", re.ASCII),
        _("“%(text)s” is not a date. Enter the years, such as 2020/2029."),
    ),
    (
        re.compile(r"\d ?b\.?c\b|\d ?bce|紀元前|^-\d{4,}", re.ASCII),
        _("“%(text)s” is before the year 1. Enter a year of our era."),
    ),
]

MAX_LENGTH = 80
"""The longest text that is read. The longest that `showing` writes has 48 characters."""

# Signs that look like a hyphen or are typed instead of one; ー is next to it on Japanese keyboards.
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−⁃─ーｰ－﹣"), "-")
_WAVES = dict.fromkeys(map(ord, "〜～∼〰"), "〜")
_KANJI = {
    "前半": "上半期",
    "上期": "上半期",
    "後半": "下半期",
    "下期": "下半期",
    "ごろ": "頃",
    "ころ": "頃",
    "くらい": "頃",
    "ぐらい": "頃",
    "あたり": "頃",
    "前後": "頃",
    "おおよそ": "約",
    "およそ": "約",
    "より": "から",
}
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
"""The year before the first of each era."""
_INITIALS = dict(zip("rhstm", _ERAS, strict=True))
# R6.6, R6年6月, R6. But not H1, which is a half of a year.
_INITIAL = re.compile(r"(?:([rhstm])(?=\d{1,2}[年.])|(r)(?=\d{1,2}$))(\d{1,2})[年.]?", re.ASCII)
_KANJI_DIGITS = "〇一二三四五六七八九"
_KANJI_NUMBER = re.compile(f"[{_KANJI_DIGITS}十]+(?=年|月|日|四半期|〜|-)")
_WEEKDAY = re.compile(
    r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? "
    r"| ?[(,]? ?(?:[月火水木金土日](?:曜日?\)?|\))|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?\)?)$"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}

_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>\d{4})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_ORDINAL = r"(?:the )?(?P<ordinal>first|second|third|fourth|\d(?=st|nd|rd|th))(?:st|nd|rd|th)?"
_FISCAL_YEAR = r"(?:fy|(?:fiscal|financial)(?: year)?) ?(?P<fiscal_year>\d{4})"
_YEAR_IN_JAPANESE = (
    rf"(?:(?P<era>{'|'.join(_ERAS)})?(?P<era_year>元|\d{{1,2}})|(?P<year>\d{{4}}))"
    r"年(?P<fiscal>度)?の?"
)

_FORMS = [
    re.compile(pattern, re.ASCII)
    for pattern in (
        # 2024, 2024-06, 2024/6/15, 2024.6.15, and 03 or 15 of a range
        r"(?P<year>\d{4})(?:(?P<sign>[-/.])(?P<month>\d{1,2})(?:(?P=sign)(?P<day>\d{1,2}))?)?",
        r"(?P<bare>\d{1,2})",
        r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        # 2024-Q3, Q3 2024, Q3
        rf"{_YEAR}[-/ ]?(?:q(?P<quarter>\d)|h(?P<half>\d))",
        rf"(?:q(?P<quarter>\d)|h(?P<half>\d))(?:[-/ ,]*{_YEAR})?",
        rf"(?:(?P<quarter>\d)q|(?P<half>\d)h)(?:[-/ ,]*{_YEAR})?",
        # 2024年6月15日, 2024年3 of a range, 令和6年6月, 2024年度第1四半期
        rf"(?:{_YEAR_IN_JAPANESE})?(?:(?P<month>\d{{1,2}})月)?(?:(?P<day>\d{{1,2}})日)?"
        r"(?P<bare>\d{1,2})?",
        rf"(?:{_YEAR_IN_JAPANESE})?(?:第?(?P<quarter>\d)四半期|q(?P<quarter_too>\d)|第(?P<bare>\d))",
        rf"(?:{_YEAR_IN_JAPANESE})?(?P<japanese_half>[上下])半期",
        rf"(?P<era>{'|'.join(_ERAS)})(?P<era_year>元|\d{{1,2}})",
        # 06/2024, 20240615
        rf"(?P<month>\d{{1,2}})[/.]{_YEAR}",
        rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})",
        # June 2024, 15 June 2024, June 15, 2024, and 8, 2024 of a range
        rf"{_MONTH}(?:(?: of |[-/ ,]+){_YEAR})?",
        rf"{_DAY}(?: of |[- ])?{_MONTH}(?:[- ,]+{_YEAR})?",
        rf"{_MONTH} {_DAY}(?:[ ,]+{_YEAR})?",
        rf"(?P<bare>\d{{1,2}})(?:st|nd|rd|th)?(?:, ?{_YEAR})?",
        rf"{_YEAR}[- ]{_MONTH}(?:[- ]{_DAY})?",
        # first half of 2024, third quarter of 2024
        rf"{_ORDINAL} (?P<span>half|quarter)(?: of|,)?(?: {_YEAR})?",
        # FY2024, FY 2024–25, fiscal year 2024, FY2024 Q1, Q1 FY2024
        rf"{_FISCAL_YEAR}(?:[-/](?P<fiscal_end>\d{{2}}|\d{{4}}))?",
        rf"{_FISCAL_YEAR}[- ]?(?:q(?P<quarter>\d)|h(?P<half>\d))",
        rf"(?:q(?P<quarter>\d)|h(?P<half>\d)|(?P<quarter_too>\d)q)[- ]?{_FISCAL_YEAR}",
    )
]

# Signs between the ends of a range. Those that have no other meaning come first.
_BETWEEN = re.compile(
    r"(?: ?〜 ?| to | until | till | through | ?から ?| - | ?/ ?|(?<=\S)~(?=\S)| ?- ?)"
)
_EDTF_CODES = {
    33: (Precision.QUARTER, 1),
    34: (Precision.QUARTER, 2),
    35: (Precision.QUARTER, 3),
    36: (Precision.QUARTER, 4),
    40: (Precision.HALF, 1),
    41: (Precision.HALF, 2),
}
_ABOUT = re.compile(
    r"(?:~ ?|(?:about|around|roughly|circa|approximately|approx\.?|ca?\.) ?|(?:ca|c) (?=\d)|約 ?)"
    r"(?P<first>.+)"
    r"|(?P<last>.+?)(?: ?~| ?頃| ?\(approx\.?\))"
)


class Written(NamedTuple):
    """A parsed date: its first and last unit, and whether it is approximate."""

    span: UnitRange
    about: bool


class _MisreadError(Exception):
    """A text is not a date; carries the message for the user."""

    def __init__(self, message: StrOrPromise) -> None:
        super().__init__()
        self.message = message


def read(text: str) -> Written:
    """Parse a date that a person wrote. Raises ValidationError if it is not one."""
    try:
        return _read_once(text, fiscal_start())
    except _MisreadError as misread:
        raise ValidationError(misread.message, code="invalid", params={"text": text}) from None


@lru_cache(maxsize=1000)  # files have the same dates over and over
def _read_once(text: str, _fiscal_start: int | None) -> Written:
    plain = _plain(text)
    if not plain or len(plain) > MAX_LENGTH:
        raise _MisreadError(_INVALID)
    return _read(plain)


def _plain(text: str) -> str:
    """Return a text in which variants of digits, signs and words are replaced by one form."""
    if len(text) > 4 * MAX_LENGTH:
        return ""
    plain = unicodedata.normalize("NFKC", text.translate(_DASHES).translate(_WAVES)).lower()
    plain = re.sub(r"(?<=\d)(?:--|\.\.)(?=\d)", "〜", _WEEKDAY.sub("", plain.strip()))
    plain = _KANJI_NUMBER.sub(lambda found: str(_number(found[0])), plain)
    plain = _INITIAL.sub(lambda found: f"{_INITIALS[found[1] or found[2]]}{found[3]}年", plain)
    plain = re.sub(r"(?<=年)(\d{1,2})\.(\d{1,2})$", r"\1月\2日", plain)
    plain = re.sub(r"(?<=年)(\d{1,2})$", r"\1月", plain)
    for written, meant in _KANJI.items():
        plain = plain.replace(written, meant)
    # 2024年7〜9月期 are these months; 2024年3月期 is a fiscal year.
    plain = re.sub(r"(?<=\d)((?:月 ?)?[〜~-] ?\d{1,2}月)期$", r"\1", plain)
    if any("\u3000" <= character <= "\u9fff" for character in plain):
        plain = re.sub(r"\s+", "", plain)
        return plain.removesuffix("まで") if "から" in plain or "〜" in plain else plain
    plain = " ".join(plain.split())
    plain = re.sub(r"^between (.+) and (.+)$", r"\1 to \2", plain)
    return plain.removeprefix("from ") if " to " in plain or " until " in plain else plain


def _number(kanji: str) -> int:
    """Convert a number in kanji, such as 二〇二四, 十二 or 二十."""
    tens, ten, ones = kanji.rpartition("十")
    digits = "".join(str(_KANJI_DIGITS.index(digit)) for digit in ones)
    return (10 * (_number(tens) if tens else 1) if ten else 0) + int(digits or 0)


def _read(plain: str) -> Written:
    unmarked, about = _without_about(plain)
    if span := _one(unmarked):
        return Written(span, about)
    if _DAY_AND_MONTH.fullmatch(unmarked):
        raise _MisreadError(_TWO_DATES)
    message: StrOrPromise = _INVALID
    for first_text, sign, last_text in _halves(plain):
        try:
            return _range(first_text, sign, last_text)
        except _MisreadError as misread:
            message = misread.message if message is _INVALID else message
    if message is not _INVALID:
        raise _MisreadError(message)
    if _IS_OPEN.search(plain):
        raise _MisreadError(_OPEN)
    if re.fullmatch(r"\d{3}年?", plain):
        raise _MisreadError(_SHORT_YEAR)
    if _has_short_year(plain):
        raise _MisreadError(_SHORT_YEARS)
    unsaid = (message for pattern, message in _UNSAID if pattern.search(plain))
    raise _MisreadError(next(unsaid, _INVALID))


def _has_short_year(plain: str) -> bool:
    """Return whether a text has a year of two digits: FY24, June ’24, 2024-25."""
    span = re.fullmatch(r"(\d{4})[-/](\d{2})", plain, re.ASCII)
    if span:
        return (int(span[1]) + 1) % 100 == int(span[2])
    return bool(_SHORT_YEAR_ALONE.fullmatch(plain))


def _halves(plain: str) -> Iterator[tuple[str, str, str]]:
    """Yield the two parts of a text and the sign between them, for each possible range."""
    found = [(match.group(), match.span()) for match in _BETWEEN.finditer(plain)]
    # Hyphens and slashes are tried last, since they may be part of a date, as in 2024/06.
    for sign, (begin, end) in sorted(found, key=lambda item: "/-".find(item[0].strip())):
        yield plain[:begin], sign, plain[end:]


def _without_about(text: str) -> tuple[str, bool]:
    if match := _ABOUT.fullmatch(text):
        return match["first"] or match["last"], True
    return text, False


@dataclass(frozen=True)
class _Form:
    """A parsed text before it is completed: the year and the parts of it, down to the day."""

    year: int | None = None
    half: int | None = None
    quarter: int | None = None
    month: int | None = None
    day: int | None = None
    bare: int | None = None
    """A number without a unit."""
    fiscal: bool = False
    era: str = ""
    era_year: int | None = None
    """The year of an era, which only the other end of a range may name."""

    @property
    def precision(self) -> Precision | None:
        """Return the finest unit that is named, None for a number alone."""
        for precision in reversed(Precision):
            if getattr(self, precision.name.lower()) is not None:
                return precision
        return Precision.YEAR if self.era_year is not None else None


def _one(text: str) -> UnitRange | None:
    """Return the units of a text that is a complete date, or None."""
    for form in _forms(text):
        if form.year is not None and form.bare is None:
            try:
                return _span(form)
            except ValueError:
                continue
    return None


def _range(first_text: str, sign: str, last_text: str) -> Written:
    """Return the range between two texts, which may complete each other."""
    first_text, about_first = _without_about(first_text)
    last_text, about_last = _without_about(last_text)
    misread = _MisreadError(_INVALID)
    for first in _forms(first_text):
        for last in _forms(last_text):
            try:
                begin, end = (_span(form) for form in _completed(first, last))
            except ValueError:
                continue
            if sign == "-" and begin.first.precision != end.last.precision:
                continue  # such as a year with a digit too many
            span = UnitRange(begin.first, end.last)
            if (
                span.first.first_day <= span.last.first_day
                and span.first.last_day <= span.last.last_day
            ):
                return Written(span, about_first or about_last)
            misread = _MisreadError(_REVERSED)
    raise misread


def _completed(first: _Form, last: _Form) -> tuple[_Form, _Form]:
    """Return both ends of a range, completed by what only the other one names.

    Raises ValueError if they are not the ends of a range.
    """
    if first.bare is not None:
        first = _with_unit(first, last.precision)
    if last.bare is not None:
        last = _with_unit(last, first.precision)
    own_years = first.year is not None and last.year is not None
    if first.precision != last.precision and not own_years:
        raise ValueError("the ends are of different units")
    if last.era_year is not None and not last.era and first.era:
        last = replace(last, year=_ERAS[first.era] + last.era_year)
    if last.fiscal and first.precision == Precision.YEAR:
        first = replace(first, fiscal=True)
    if first.fiscal and last.year is None:
        last = replace(last, fiscal=True)
    first, last = (
        replace(first, year=first.year if first.year is not None else last.year),
        replace(last, year=last.year if last.year is not None else first.year),
    )
    if first.precision == last.precision == Precision.DAY:
        first, last = (
            replace(first, month=first.month or last.month),
            replace(last, month=last.month or first.month),
        )
    return first, last


def _with_unit(form: _Form, precision: Precision | None) -> _Form:
    """Return a form whose number gets the unit of the other end."""
    if precision is None or (precision == Precision.YEAR and not form.era):
        raise ValueError("a year has four digits")
    if form.precision is not None and form.precision >= precision:
        raise ValueError("the unit is named already")
    named: dict[str, Any] = {precision.name.lower(): form.bare, "bare": None}
    return replace(form, **named)


def _forms(text: str) -> Iterator[_Form]:
    """Yield the forms as which a text can be parsed, the likeliest first."""
    for pattern in _FORMS:
        match = pattern.fullmatch(text)
        if match and text:
            yield _form({name: value for name, value in match.groupdict().items() if value})


def _form(found: dict[str, str]) -> _Form:
    """Return the form for the groups of a matched pattern."""
    numbers: dict[str, int] = {
        name: int(found[name])
        for name in ("year", "half", "quarter", "month", "day", "bare")
        if name in found
    }
    if name := found.get("name"):
        numbers["month"] = _MONTHS.index(name[:3]) + 1
    if "quarter_too" in found:
        numbers["quarter"] = int(found["quarter_too"])
    if "japanese_half" in found:
        numbers["half"] = "上下".index(found["japanese_half"]) + 1
    if "ordinal" in found:
        ordinal = found["ordinal"]
        numbers[found["span"]] = _ORDINALS.get(ordinal) or int(ordinal)
    if found.get("sign") == "-" and "day" not in found and numbers["month"] in _EDTF_CODES:
        precision, number = _EDTF_CODES[numbers.pop("month")]
        numbers[precision.name.lower()] = number
    if "fiscal_year" in found:
        numbers["year"] = int(found["fiscal_year"])
    era, era_year = found.get("era", ""), None
    if "era_year" in found:
        era_year = 1 if found["era_year"] == "元" else int(found["era_year"])
        if era and era_year:
            numbers["year"] = _ERAS[era] + era_year
    end = found.get("fiscal_end")
    if end and not f"{numbers['year'] + 1:04}".endswith(end):
        return _Form()
    return _Form(
        **numbers,
        fiscal="fiscal" in found or "fiscal_year" in found,
        era=era,
        era_year=era_year,
    )


def _span(form: _Form) -> UnitRange:
    """Return the units of a complete form. Raises ValueError if there is no such date."""
    precision = form.precision
    if form.year is None or precision is None:
        raise ValueError("no year is named")
    number: int = getattr(form, precision.name.lower())
    if form.fiscal and precision < Precision.MONTH:
        if not (start := fiscal_start()):
            raise _MisreadError(_NO_FISCAL_YEARS)
        return fiscal_span(
            form.year, start, precision, 1 if precision == Precision.YEAR else number
        )
    unit = CalendarUnit(_first_day(form, precision, number), precision)
    return UnitRange(unit, unit)


def _first_day(form: _Form, precision: Precision, number: int) -> datetime.date:
    year, month, day = form.year or 0, 1, 1
    match precision:
        case Precision.HALF:
            month = 6 * number - 5
        case Precision.QUARTER:
            month = 3 * number - 2
        case Precision.MONTH:
            month = number
        case Precision.DAY:
            month, day = form.month or 0, number
    # Months of a fiscal year before its first one are in the next calendar year: 2024年度3月.
    if form.fiscal and precision >= Precision.MONTH:
        if not (start := fiscal_start()):
            raise _MisreadError(_NO_FISCAL_YEARS)
        year += month < start
    return datetime.date(year, month, day)
