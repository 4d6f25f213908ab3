"""The page of all published trends by title, under letters; in Japanese, kana come first.

A title is sorted by how it is read. Kanji do not tell that, so an editor writes it beside the
title; a title of kanji without a reading is under “Others”. Python sorts, not the database, for
the reasons that `trends.queries.ordering` gives: each letter links to the page on which it
begins, so the order of all titles must be known anyway.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from trends.formats.structured_data import a_z_data
from trends.models import Trend, TrendQuerySet
from trends.pages._page import page_path, page_view, render_page
from trends.queries.ordering import in_order, read_names, title_key
from trendsite.shared.head import Head
from trendsite.shared.translated import active_language

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
    """A letter that titles are listed under, sorted by `place`; `name` is its anchor."""

    place: int
    name: str

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
    """Return the letter for a title, given as it is read, on a page in a language.

    Accents, case, width, voicing, small kana and leading signs do not count. Only Japanese pages
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


@dataclass(frozen=True)
class Beginning:
    """A letter, and the number of the page on which its titles begin."""

    letter: Letter
    page: int

    @property
    def query(self) -> str:
        """The query string of the page."""
        return f"?page={self.page}" if self.page > 1 else ""


@dataclass(frozen=True)
class LetterGroup:
    """The trends of a page under one letter; `continued` if the letter began on an earlier page."""

    letter: Letter
    trends: list[Trend]
    continued: bool = False


@dataclass(frozen=True)
class AToZ:
    """A page of the A–Z: the letters of all pages, and its own trends under theirs."""

    page: Page[Any]
    letters: list[Beginning]
    groups: list[LetterGroup]

    @property
    def trends(self) -> list[Trend]:
        """The trends of the page, in order."""
        return [trend for group in self.groups for trend in group.trends]


def gather_a_z(trends: TrendQuerySet, language: str, number: str | None) -> AToZ:
    """Sort trends by title, and gather a page of them with their successors. Three queries."""
    rows = sorted(
        (letter_of(text, language), title_key(text), slug, pk)
        for text, slug, pk in read_names(trends, "title", language, "title_reading")
    )
    page = Paginator(rows, ROWS_A_PAGE).get_page(number)
    begins_on: dict[Letter, int] = {}
    for place, (letter, *_rest) in enumerate(rows):
        begins_on.setdefault(letter, place // ROWS_A_PAGE + 1)
    pks = [pk for *_rest, pk in page]
    found = {trend.pk: trend for trend in in_order(trends.with_successors(), pks)}
    return AToZ(
        page=page,
        letters=[Beginning(letter, first) for letter, first in begins_on.items()],
        groups=[
            LetterGroup(
                letter,
                [found[pk] for *_rest, pk in group],
                continued=begins_on[letter] < page.number,
            )
            for letter, group in groupby(page, itemgetter(0))
        ],
    )


@page_view
def a_z_page(request: HttpRequest) -> HttpResponse:
    """Show every published trend by title, retired trends with their successors."""
    language = active_language()
    a_z = gather_a_z(Trend.objects.published(), language, request.GET.get("page"))
    head = Head(
        title=_("All trends from A to Z"),
        description=_("All trends by title. Retired trends point to their successors."),
        path=page_path(request, page=a_z.page),
        structured_data=a_z_data(a_z.page, a_z.trends, language),
    )
    return render_page(request, "pages/a_z.html", head, {"a_z": a_z})
