"""The orders of a list of trends, and of other rows by name.

By name is an order of a language, which databases know differently or not at all: SQLite sorts
by bytes, PostgreSQL by whatever its machine was set up with. So it is made here, the same on
both: two queries, one for the names and one for the rows of the page.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, F, QuerySet, Value, When

from trends.levels import Confidence
from trends.models import TrendQuerySet
from trends.queries.filters import Sort
from trendsite.shared.paging import RowsPaginator
from trendsite.shared.translated import column, languages

_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def ordered_pages(trends: TrendQuerySet, sort: str, language: str, size: int) -> Paginator:
    """Pages of trends of `for_list()` in an order of `Sort`; titles are those of a language."""
    if sort == Sort.TITLE:
        by_title = InOrder(trends, by_name(trends, "title", language, "title_reading"))
        return Paginator(by_title, size)
    return RowsPaginator(_ordered(trends, sort), size)


def _ordered(trends: TrendQuerySet, sort: str) -> TrendQuerySet:
    changed = (F("reviewed").desc(nulls_last=True), F("published").desc(nulls_last=True), "slug")
    match sort:
        case Sort.SINCE:
            return trends.order_by("-since", "slug")
        case Sort.CONFIDENCE:
            levels = [Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW]
            rank = Case(*(When(confidence=c, then=Value(n)) for n, c in enumerate(levels)))
            return trends.order_by(rank, *changed)
        case _:
            return trends.order_by(*changed)


class InOrder(Sequence):
    """Rows in an order made here, as primary keys, to slice. Asks for the rows of each slice."""

    def __init__(self, rows: QuerySet, pks: Sequence[int]) -> None:
        self._rows = rows
        self._pks = pks

    def __len__(self) -> int:
        return len(self._pks)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return self[index : index + 1][0]
        return in_order(self._rows, self._pks[index])


def by_name(rows: QuerySet, name: str, language: str, reading: str = "") -> list[int]:
    """The primary keys of rows in the order of a text, as readers of a language see it.

    `reading` is the text, if there is one, that tells how it is read. One query.
    """
    keyed = [(title_key(text), *row) for text, *row in read_names(rows, name, language, reading)]
    return [pk for _name, _slug, pk in sorted(keyed)]


def read_names(
    rows: QuerySet, name: str, language: str, reading: str = ""
) -> list[tuple[str, str, int]]:
    """(text as it is read, slug, primary key) of rows, in no order. One query.

    The text is the one that readers of the language get.
    """
    codes = [language, *(code for code in languages() if code != language)]
    fields = [name, reading] if reading else [name]
    shown = [column(field, code) for code in codes for field in fields]
    read = []
    for pk, slug, *texts in rows.order_by().values_list("pk", "slug", *shown):
        found = (texts[n : n + len(fields)] for n in range(0, len(texts), len(fields)))
        # The last of them is the reading, where there is one.
        text = next((read_as[-1] or read_as[0] for read_as in found if read_as[0]), "")
        read.append((text, slug, pk))
    return read


def in_order(rows: QuerySet, pks: Sequence[int]) -> list:
    """The rows in the order of their primary keys as given."""
    found = rows.order_by().in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


@lru_cache(maxsize=20_000)
def title_key(title: str) -> tuple[str, str]:
    """Sorts titles without regard to case, accents, width and marks of punctuation.

    Figures stand first, then Latin, kana, kanji. Hiragana and katakana sort as one, small kana
    as large, the long mark and voicing only where all else is equal. Kanji sort by code, roughly
    by radical: how a title is read, its letters do not tell, and so `Trend.title_reading` does.
    """
    plain = unicodedata.normalize("NFKC", title).casefold()
    letters = unicodedata.normalize("NFKD", plain).translate(_HIRAGANA).translate(_SMALL)
    return "".join(c for c in letters if (c.isalnum() and c != "ー") or c.isspace()).strip(), plain
