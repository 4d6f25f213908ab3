"""The facts of a text that a translation has to keep: numbers, dates, links and sources.

Values are compared: “37.5 billion” and 「375億」 are the same number, “8 December 2025” and
「2025年12月8日」 the same day. Neither order nor units are compared. A number is lost if it is
nowhere in the translation.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

FactKind = Literal["number", "date", "link", "source"]


@dataclass(frozen=True)
class Fact:
    """A fact of a text: how it is written there, its value, and its place."""

    kind: FactKind
    shown: str
    values: tuple[object, ...]
    start: int
    end: int


_MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
]  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join([*_MONTHS, *(name[:3] for name in _MONTHS if name != 'may')])})"
_LINK = re.compile(r"https?://[^\s()<>「」（）、。\]]+|(?<=\]\()[^\s()]+(?=[\s)])")
_SOURCE = re.compile(r"\[\^([a-z0-9-]+)\]")
_ENGLISH_DATE = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)? )?\b{_MONTH}\b\.?(?: (?P<day_after>\d{{1,2}}),)?"
    r"(?: (?P<year>\d{4}))?",
    re.IGNORECASE,
)
_JAPANESE_DATE = re.compile(
    r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?(?![\d間])"
)
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_ENGLISH_NUMBER = re.compile(
    rf"(?P<digits>{_NUMBER})"
    r"(?:[ -]?(?P<unit>thousand|million|billion|trillion|bn|tn|[kM](?![a-z])))?"
)
_JAPANESE_NUMBER = re.compile(rf"(?:{_NUMBER}[兆億万千百]?)+")
# A power of a number, as in 10²⁶ (but not of a unit, as in m²), an index, or ①.
_APART = re.compile(r"(?<=\d)[+−]?(?P<power>[⁰¹²³⁴-⁹]+)|[₀-₉]+|[①-⑨]")
_PART = re.compile(rf"({_NUMBER})([兆億万千百]?)")
_UNITS = {
    "thousand": 10**3, "k": 10**3, "million": 10**6, "M": 10**6, "billion": 10**9, "bn": 10**9,
    "trillion": 10**12, "tn": 10**12,
    "百": 100, "千": 10**3, "万": 10**4, "億": 10**8, "兆": 10**12, "": 1,
}  # fmt: skip
_SMALL = [
    ("one", "一"), ("two", "二"), ("three", "三"), ("four", "四"), ("five", "五"), ("six", "六"),
    ("seven", "七"), ("eight", "八"), ("nine", "九"), ("ten", "十"),
]  # fmt: skip


def facts_in(text: str, language: str) -> list[Fact]:
    """Return the facts of a text in a language, in their order."""
    found: list[Fact] = []
    plain = _plain(text)
    taken = bytearray(len(plain))  # 1 where a character belongs to a fact
    for fact in (*_links(plain), *_dates(plain, language), *_numbers(plain, language)):
        if not any(taken[fact.start : fact.end]):
            taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
            found.append(fact)
    return sorted(found, key=lambda fact: fact.start)


def lost_facts(source: str, language: str, translation: str, into: str) -> list[Fact]:
    """Return the facts of a text that its translation lacks, each once."""
    if not (facts := facts_in(source, language)):
        return []
    there: set[object] = set()
    for fact in facts_in(translation, into):
        there.update(fact.values)
    there |= _small_numbers(translation)
    lost: dict[tuple[object, ...], Fact] = {}
    for fact in facts:
        if not set(fact.values) <= there:
            lost.setdefault(fact.values, fact)
    return list(lost.values())


def _plain(text: str) -> str:
    """Return a text of the same length with full-width and similar digits and signs as ASCII.

    Raised, lowered and circled digits stay, since they are not part of the number before them.
    """
    return "".join(map(_plain_character, text))


@lru_cache(maxsize=8192)  # a language has some thousands
def _plain_character(char: str) -> str:
    if char.isdigit() and not char.isdecimal():
        return char
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def _links(text: str) -> Iterator[Fact]:
    for match in _LINK.finditer(text):
        yield Fact("link", match[0], (match[0].rstrip(".,;:"),), *match.span())
    for match in _SOURCE.finditer(text):
        yield Fact("source", match[0], (match[0],), *match.span())


def _dates(text: str, language: str) -> Iterator[Fact]:
    pattern = _JAPANESE_DATE if language == "ja" else _ENGLISH_DATE
    for match in pattern.finditer(text):
        parts = match.groupdict()
        day = parts.get("day") or parts.get("day_after")
        if language != "ja" and not (day or parts["year"]):
            continue  # the verbs “may” and “march”
        month = parts["month"].lower()
        number = month if month.isdecimal() else str(_month(month))
        written = [parts["year"], number, day]
        values = tuple(Decimal(part) for part in written if part)
        yield Fact("date", match[0], values, *match.span())


def _month(name: str) -> int:
    return next(place for place, full in enumerate(_MONTHS, 1) if full.startswith(name[:3]))


def _numbers(text: str, language: str) -> Iterator[Fact]:
    for match in _APART.finditer(text):
        digits = unicodedata.normalize("NFKC", match["power"] or match[0])
        yield Fact("number", match[0], (Decimal(digits).normalize(),), *match.span())
    if language == "ja":
        for match in _JAPANESE_NUMBER.finditer(text):
            parts = _PART.findall(match[0])
            value = sum((_value(digits) * _UNITS[unit] for digits, unit in parts), Decimal(0))
            yield Fact("number", match[0], (value.normalize(),), *match.span())
        return
    for match in _ENGLISH_NUMBER.finditer(text):
        value = _value(match["digits"]) * _UNITS[match["unit"] or ""]
        yield Fact("number", match[0], (value.normalize(),), *match.span())


def _value(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _small_numbers(text: str) -> set[object]:
    """Return the numbers up to ten that are written as words in a text."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    return {
        Decimal(number)
        for number, (english, kanji) in enumerate(_SMALL, 1)
        if english in words or kanji in text
    }
