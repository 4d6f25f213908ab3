"""The letters under which titles are listed from A to Z; in Japanese, kana come first."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from trends.queries.ordering import title_key

_ROWS = {
    "a": "あいうえお",
    "ka": "かきくけこ",
    "sa": "さしすせそ",
    "ta": "たちつてと",
    "na": "なにぬねの",
    "ha": "はひふへほ",
    "ma": "まみむめも",
    "ya": "やゆよ",
    "ra": "らりるれろ",
    "wa": "わゐゑをん",
}
_ROW_OF = {letter: name for name, letters in _ROWS.items() for letter in letters}
_LATIN = re.compile(r"LATIN SMALL (?:LETTER|LIGATURE) ([A-Z])[A-Z]?\b")


class Letter(NamedTuple):
    """A letter under which titles are listed. `place` is its sort key, `name` its anchor."""

    place: int
    name: str

    @classmethod
    def at(cls, place: int) -> "Letter":
        """Return the letter with a place."""
        if place < 100:
            return cls(place, f"kana-{list(_ROWS)[place]}")
        if place < 200:
            return cls(place, f"letter-{chr(place - 100).lower()}")
        return DIGITS if place == DIGITS.place else OTHERS

    @property
    def label(self) -> str:
        match self.name.split("-"):
            case ["kana", row]:
                return f"{_ROWS[row][0]}行"
            case ["letter", letter]:
                return letter.upper()
            case ["digits"]:
                return "0–9"
        return _("Others")


DIGITS = Letter(200, "digits")
OTHERS = Letter(300, "others")


@lru_cache(maxsize=20_000)
def letter_of(title: str, language: str) -> Letter:
    """Return the letter for a title, which is given by its reading, on a page in a language.

    Accents, case, width, voicing, small kana and leading signs are ignored. Only Japanese pages
    have letters for kana.
    """
    first = title_key(title)[0][:1]
    if not first or first.isdecimal():
        return DIGITS
    if language == "ja" and (row := _ROW_OF.get(first)):
        return Letter(list(_ROWS).index(row), f"kana-{row}")
    if latin := _LATIN.match(unicodedata.name(first, "")):
        return Letter(100 + ord(latin[1]), f"letter-{latin[1].lower()}")
    return OTHERS
