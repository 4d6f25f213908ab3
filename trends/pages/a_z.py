"""All published trends by title, under letters: of a Japanese page under kana first.

A title stands where it is read. Of kanji the letters do not tell that, so an editor writes it
beside the title; one without stands under “Others”. The order is made here, as `ordering` says
why: the same on every database, and known before any page is asked for, since each letter links
to the page on which it begins.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trends.formats.structured_data import a_z_data
from trends.models import Trend, TrendQuerySet
from trends.pages._page import page_path, page_view, render_page
from trends.queries.ordering import in_order, read_names, title_key

ROWS_A_PAGE = 200

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
    """What titles stand under; sorts as a reader looks for it. `name` is for addresses."""

    place: int
    name: str

    @property
    def label(self) -> str:
        match self.name.split("-"):
            case ["kana", row]:
                return _ROWS[row][0]
            case ["letter", letter]:
                return letter.upper()
            case ["digits"]:
                return "0–9"
        return _("Others")


DIGITS = Letter(200, "digits")
OTHERS = Letter(300, "others")


@lru_cache(maxsize=20_000)
def letter_of(title: str, language: str) -> Letter:
    """Under what a title stands, as it is read, on a page in a language.

    Accents, case, width, voicing, small kana and leading signs do not count. Kana have letters
    of their own in Japanese alone.
    """
    first = title_key(title)[0][:1]
    if not first or first.isdecimal():
        return DIGITS
    if language == "ja" and (row := _ROW_OF.get(first)):
        return Letter(list(_ROWS).index(row), f"kana-{row}")
    if latin := _LATIN.match(unicodedata.name(first, "")):
        return Letter(100 + ord(latin[1]), f"letter-{latin[1].lower()}")
    return OTHERS


@dataclass(frozen=True)
class Beginning:
    """A letter, and the number of the page on which its titles begin."""

    letter: Letter
    page: int


@dataclass(frozen=True)
class Group:
    """Trends under one letter; `continued` from the page before."""

    letter: Letter
    trends: list[Trend]
    continued: bool = False


class AToZ:
    """A page of the A–Z. Takes trends that readers see; three queries, whatever they are."""

    def __init__(self, trends: TrendQuerySet, language: str, page: str | None) -> None:
        self._trends = trends
        self._rows = sorted(
            (letter_of(text, language), title_key(text), slug, pk)
            for text, slug, pk in read_names(trends, "title", language, "title_reading")
        )
        self.page: Page = Paginator(self._rows, ROWS_A_PAGE).get_page(page)

    @cached_property
    def letters(self) -> list[Beginning]:
        """Those under which a title stands, on whatever page."""
        first: dict[Letter, int] = {}
        for number, row in enumerate(self._rows):
            first.setdefault(row[0], number // ROWS_A_PAGE + 1)
        return [Beginning(letter, page) for letter, page in first.items()]

    @cached_property
    def groups(self) -> list[Group]:
        """The trends of the page, with their successors, by letter."""
        rows = list(self.page)
        trends = {
            trend.pk: trend
            for trend in in_order(self._trends.with_successors(), [row[3] for row in rows])
        }
        begins_on = {beginning.letter: beginning.page for beginning in self.letters}
        return [
            Group(
                letter,
                [trends[pk] for *_place, pk in group if pk in trends],
                continued=begins_on[letter] < self.page.number,
            )
            for letter, group in groupby(rows, lambda row: row[0])
        ]

    @property
    def trends(self) -> list[Trend]:
        """Those of the page, in order."""
        return [trend for group in self.groups for trend in group.trends]


@page_view
def a_z_page(request: HttpRequest) -> HttpResponse:
    """Every published trend by title, those that are retired with what succeeds them."""
    found = AToZ(Trend.objects.published(), get_language(), request.GET.get("page"))
    context = {
        "a_z": found,
        "page_path": page_path(request, page=found.page),
        "structured_data": a_z_data(found.page, found.trends, get_language()),
    }
    return render_page(request, "pages/a_z.html", context)
