"""Reading lists of trends in their kept order."""

import datetime
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, QuerySet

from trends.models import VOCABULARIES, ListedTrend, Trend, TrendQuerySet
from trends.queries.compiled import CompiledRows, listed, parameter
from trends.queries.filters import Frozen, Retired, Sort, filtered
from trends.queries.kept_lists.counts import CROSSED, IN_FORCE, PUBLISHED, number_of
from trends.queries.lazy_lists import LazyList, in_order, read_from_nearer_end
from trendsite.shared.translated import languages

_FEW = 2000
"""So many trends of a row of a vocabulary are sorted; of more, those of a page are looked for in
their order."""
_FEW_OF_SEVERAL = 300
"""The same of several filters. To sort these, all trends of a row of a vocabulary are read."""


def kept_trends(
    show: Callable[[datetime.date], TrendQuerySet],
    today: datetime.date,
    chosen: Frozen,
    sort: str,
    language: str,
    retired: str = "",
) -> LazyList[Trend]:
    """Return the trends in force, filtered, in an order and language, for a paginator.

    `show` is called with a day and returns all trends with what lists show of them; it is filtered
    by the primary keys of a page. `retired` is a value of `Retired`.

    One query for the number of trends, and two for a page.
    """
    number = None if retired else _kept_number(chosen)
    if number is None:
        number = sum(_number.fetch(chosen, retired))
    is_rare = len(chosen) > 0 and number <= (_FEW if len(chosen) == 1 else _FEW_OF_SEVERAL)

    def read(*part: int) -> list[Trend]:
        pks = _page.fetch(chosen, retired, sort, language, is_rare, *part)
        return in_order(_rows.fetch(show, today, found=pks), pks)

    return read_from_nearer_end(number, read)


def kept_a_to_z(language: str, number: int) -> LazyList[tuple[int, int]]:
    """Return the published trends in a language from A to Z, as (place of the letter, primary key).

    For a paginator. `number` is the number of trends. One query for a page.
    """
    return read_from_nearer_end(number, partial(_a_z.fetch, language))


@CompiledRows
def _a_z(language: str, from_end: bool, first: int, last: int) -> QuerySet[Any, tuple[int, int]]:
    rows = ListedTrend.objects.filter(language=language, is_public=1)
    rows = rows.order_by("letter", "title_key", "slug")
    ordered = rows.reverse() if from_end else rows
    return ordered.values_list("letter", "trend_id")[first:last]


class LinkedOrder(models.TextChoices):
    """The order of the published trends of a row of a vocabulary."""

    IN_FORCE_FIRST = "in force first"
    BY_STATUS = "by status"


_LINKED_ORDERS = {
    LinkedOrder.IN_FORCE_FIRST: ("-in_force", "-published", "slug"),
    LinkedOrder.BY_STATUS: ("stage", "-published", "slug"),
}
"""Retired trends are last in each."""


def trends_linked_to(
    vocabulary: str, row: int, order: LinkedOrder, fetch: Callable[[list[int]], Iterable[Trend]]
) -> LazyList[Trend]:
    """Return the published trends that are linked to a row of a vocabulary, for a paginator.

    `fetch` returns the trends with some primary keys, with what lists show of them. One query for
    the number of trends, and one for the primary keys of a page.
    """
    number = number_of(PUBLISHED, vocabulary, [str(row)])

    def read(*part: int) -> list[Trend]:
        pks = _linked_page.fetch(vocabulary, order, number <= _FEW, *part, row=row)
        return in_order(fetch(pks), pks)

    return read_from_nearer_end(number, read)


@CompiledRows
def _linked_page(
    name: str, order: LinkedOrder, is_rare: bool, from_end: bool, first: int, last: int
) -> QuerySet[Any, int]:
    vocabulary = VOCABULARIES[name]
    links = vocabulary.links._default_manager.filter(**{vocabulary.row: parameter("row")})
    links = links.order_by()
    rows = ListedTrend.objects.filter(language=languages()[0], is_public=1)
    if is_rare:
        rows = rows.filter(trend_id__in=links.values(vocabulary.trend))
    else:
        rows = rows.filter(Exists(links.filter(**{vocabulary.trend: OuterRef("trend_id")})))
    rows = rows.order_by(*_LINKED_ORDERS[order])
    ordered = rows.reverse() if from_end else rows
    pks: QuerySet[Any, int] = ordered.values_list("trend_id", flat=True)[first:last]
    return pks


@CompiledRows
def _rows(show: Callable[[datetime.date], TrendQuerySet], today: datetime.date) -> QuerySet[Trend]:
    return show(today).filter(pk__in=listed("found")).order_by()


_AMONG = {
    "": {"in_force": 1},
    Retired.INCLUDE.value: {"is_public": 1},
    Retired.ONLY.value: {"is_public": 1, "in_force": 0},
}
_ORDERS = {
    Sort.CHANGED: ("-reviewed", "-published", "slug"),
    Sort.SINCE: ("-since", "slug"),
    Sort.CONFIDENCE: ("rank", "-reviewed", "-published", "slug"),
    Sort.TITLE: ("title_key", "slug"),
}


@CompiledRows
def _page(
    chosen: Frozen,
    retired: str,
    sort: str,
    language: str,
    is_rare: bool,
    from_end: bool,
    first: int,
    last: int,
) -> QuerySet[Any, int]:
    rows = _filtered(chosen, retired, language, is_rare).order_by(*_ORDERS[Sort(sort)])
    ordered = rows.reverse() if from_end else rows
    pks: QuerySet[Any, int] = ordered.values_list("trend_id", flat=True)[first:last]
    return pks


@CompiledRows
def _number(chosen: Frozen, retired: str) -> QuerySet[Any, int]:
    """Return the number of trends; no row if there are none."""
    rows = _filtered(chosen, retired, languages()[0], is_rare=False).order_by()
    numbers = rows.values("language").annotate(number=Count("pk"))
    counted: QuerySet[Any, int] = numbers.values_list("number", flat=True)
    return counted


def _filtered(chosen: Frozen, retired: str, language: str, is_rare: bool) -> QuerySet[ListedTrend]:
    rows = ListedTrend.objects.filter(language=language, **_AMONG[retired])
    return filtered(rows, chosen, "trend_id", links_are_few=is_rare)


def _kept_number(chosen: Frozen) -> int | None:
    """Return the kept number of trends in force with a filter, None if it is not kept."""
    if not chosen:
        return number_of()
    for (name, values), others in ((chosen[-1], chosen[:-1]), (chosen[0], chosen[1:])):
        is_exclusive = name not in VOCABULARIES or len(values) == 1
        if is_exclusive and (of := lists_of(others)):
            return number_of(of, name, _keys(name, map(str, values)))
    return None


def _keys(name: str, values: Iterable[str]) -> list[str]:
    """Return the values of a facet as counts have them: for vocabularies the primary keys.

    At most one query.
    """
    if name not in VOCABULARIES:
        return list(values)
    rows = VOCABULARIES[name].model._default_manager.filter(slug__in=list(values)).order_by()
    return [str(pk) for pk in rows.values_list("pk", flat=True)] or ["0"]


def lists_of(chosen: Frozen) -> list[str]:
    """Return the names in `ListCount.of` of lists that filters select, none if not all are kept.

    They have no trend in common, so that their numbers can be added. One query for a filter by a
    vocabulary.
    """
    if not chosen:
        return [IN_FORCE]
    ((name, values), *others) = chosen
    are_exclusive = name not in VOCABULARIES or len(values) == 1
    if others or not are_exclusive or name not in CROSSED:
        return []
    return [f"{name}:{key}" for key in _keys(name, map(str, values))]
