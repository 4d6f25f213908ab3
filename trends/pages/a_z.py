"""The page of all published trends by title, grouped by letter; in Japanese, kana come first.

Titles are sorted by how they are read. The reading of kanji is given by an editor; without it, a
title in kanji is under “Others”. Each letter links to the page on which it begins.
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
from trends.models import Trend
from trends.pages._page import page_path, page_view, render_page
from trends.queries.kept_lists.counts import PUBLISHED, counts_by_value
from trends.queries.kept_lists.kept_trends import kept_a_to_z
from trends.queries.letters import Letter
from trendsite.shared import days
from trendsite.shared.head import Head
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


def gather_a_z(today: datetime.date, language: str, number: str | None) -> AToZ:
    """Return a page of all published trends by title, with their successors. Four queries."""
    counts = counts_by_value(PUBLISHED, f"letter-{language}")
    rows = kept_a_to_z(language, sum(counts.values()))
    page = Paginator(rows, ROWS_A_PAGE).get_page(number)
    begins_on: dict[int, int] = {}
    before = 0
    for place in sorted(map(int, counts)):
        begins_on[place] = before // ROWS_A_PAGE + 1
        before += counts[str(place)]
    pks = [pk for _place, pk in page]
    trends = Trend.objects.published(today).filter(pk__in=pks).order_by().with_successors()
    found = {trend.pk: trend for trend in trends}
    return AToZ(
        page=page,
        letters=[Beginning(Letter.at(place), first) for place, first in begins_on.items()],
        groups=[
            LetterGroup(
                Letter.at(place),
                [found[pk] for _place, pk in group if pk in found],
                continued=begins_on[place] < page.number,
            )
            for place, group in groupby(page, itemgetter(0))
        ],
    )


@page_view
def a_z_page(request: HttpRequest) -> HttpResponse:
    """Show every published trend by title, retired trends with their successors."""
    language = active_language()
    a_z = gather_a_z(days.today(), language, request.GET.get("page"))
    head = Head(
        title=_("All trends from A to Z"),
        description=_("All trends by title. Retired trends point to their successors."),
        path=page_path(request, page=a_z.page),
        structured_data=a_z_data(a_z.page, a_z.trends, language),
    )
    return render_page(request, "pages/a_z.html", head, {"a_z": a_z})
