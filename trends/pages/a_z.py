"""The page of all published trends by title, grouped by letter; in Japanese, kana come first.

Titles are sorted by how they are read. The reading of kanji is given by an editor; without it, a
title in kanji is under “Others”. Python sorts the titles, for the reasons in
`trends.queries.ordering`. All titles have to be sorted for any page, since each letter links to
the page on which it begins.
"""

import datetime
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from trends.formats.structured_data import a_z_data
from trends.models import Trend, TrendQuerySet
from trends.pages._page import page_path, page_view, render_page
from trends.queries.kept_lists.counts import PUBLISHED, KeptCounts, are_kept
from trends.queries.kept_lists.kept_trends import KeptAToZ
from trends.queries.letters import Letter, letter_of
from trends.queries.ordering import in_order, read_names, title_key
from trendsite.shared import days
from trendsite.shared.head import Head
from trendsite.shared.paging import SlicesPaginator
from trendsite.shared.translated import active_language

ROWS_A_PAGE = 200


@dataclass(frozen=True)
class Beginning:
    """A letter, and the number of the page on which it begins."""

    letter: Letter
    page: int

    @property
    def query(self) -> str:
        """Return the query string of the page."""
        return f"?page={self.page}" if self.page > 1 else ""


@dataclass(frozen=True)
class LetterGroup:
    """The trends of a page under one letter; `continued` if the letter began on an earlier page."""

    letter: Letter
    trends: list[Trend]
    continued: bool = False


@dataclass(frozen=True)
class AToZ:
    """A page of the A–Z: the letters of all pages, and the page's trends grouped by letter."""

    page: Page[Any]
    letters: list[Beginning]
    groups: list[LetterGroup]

    @property
    def trends(self) -> list[Trend]:
        """Return the trends of the page, in order."""
        return [trend for group in self.groups for trend in group.trends]


def gather_a_z(trends: TrendQuerySet, language: str, number: str | None) -> AToZ:
    """Sort trends by title, and return a page of them with their successors. Three queries."""
    rows = sorted(
        (letter_of(text, language), title_key(text), slug, pk)
        for text, slug, pk in read_names(trends, "title", language, "title_reading")
    )
    page = Paginator(rows, ROWS_A_PAGE).get_page(number)
    begins_on: dict[Letter, int] = {}
    for place, (letter, *_rest) in enumerate(rows):
        begins_on.setdefault(letter, place // ROWS_A_PAGE + 1)
    return _a_z(page, begins_on, trends)


def _a_z(page: Page[Any], begins_on: dict[Letter, int], trends: TrendQuerySet) -> AToZ:
    """Return the content of a page of tuples, of a letter first and a primary key last.

    `begins_on` is the page on which each letter begins. Two queries.
    """
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


def gather_kept_a_z(today: datetime.date, language: str, number: str | None) -> AToZ:
    """Return a page of all published trends in their kept order. Four queries."""
    counts = KeptCounts.by_value(PUBLISHED, f"letter-{language}")
    rows = KeptAToZ(language, sum(counts.values()))
    page = SlicesPaginator(rows, ROWS_A_PAGE).get_page(number)
    begins_on: dict[Letter, int] = {}
    before = 0
    for place in sorted(map(int, counts)):
        begins_on[Letter.at(place)] = before // ROWS_A_PAGE + 1
        before += counts[str(place)]
    page.object_list = [(Letter.at(place), pk) for place, pk in page.object_list]
    return _a_z(page, begins_on, Trend.objects.published(today))


@page_view
def a_z_page(request: HttpRequest) -> HttpResponse:
    """Show every published trend by title, retired trends with their successors."""
    language = active_language()
    today, number = days.today(), request.GET.get("page")
    if are_kept(today):
        a_z = gather_kept_a_z(today, language, number)
    else:
        a_z = gather_a_z(Trend.objects.published(today), language, number)
    head = Head(
        title=_("All trends from A to Z"),
        description=_("All trends by title. Retired trends point to their successors."),
        path=page_path(request, page=a_z.page),
        structured_data=a_z_data(a_z.page, a_z.trends, language),
    )
    return render_page(request, "pages/a_z.html", head, {"a_z": a_z})
