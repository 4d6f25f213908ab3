"""The orders of a list of trends.

By title is an order of a language, which databases know differently or not at all: SQLite sorts
by bytes, PostgreSQL by whatever its machine was set up with. So it is made here, the same on
both: two queries, one for the titles and one for the trends of the page.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, F, Value, When

from trends.filters import Sort
from trends.models import Confidence, Trend, TrendQuerySet
from trendsite.paging import RowsPaginator
from trendsite.translated import column, languages

_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def ordered_pages(trends: TrendQuerySet, sort: str, language: str, size: int) -> Paginator:
    """Pages of trends of `for_list()` in an order of `Sort`; titles are those of a language."""
    if sort == Sort.TITLE:
        return Paginator(TrendsByTitle(trends, language), size)
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


class TrendsByTitle(Sequence):
    """Trends in the order of their titles as readers of a language see them, to slice.

    Asks for all titles once, and for the trends of each slice.
    """

    def __init__(self, trends: TrendQuerySet, language: str) -> None:
        self._trends = trends
        keyed = [(title_key(text), slug, pk) for text, slug, pk in read_titles(trends, language)]
        self._keys = [pk for _title, _slug, pk in sorted(keyed)]

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return self[index : index + 1][0]
        return in_order(self._trends, self._keys[index])


def read_titles(trends: TrendQuerySet, language: str) -> list[tuple[str, str, int]]:
    """(title as it is read, slug, primary key) of trends, in no order. One query.

    The title is the one that readers of the language get.
    """
    codes = [language, *(code for code in languages() if code != language)]
    shown = [column(field, code) for code in codes for field in ("title", "title_reading")]
    read = []
    for pk, slug, *texts in trends.order_by().values_list("pk", "slug", *shown):
        titles = zip(texts[::2], texts[1::2], strict=True)
        text = next((reading or title for title, reading in titles if title), "")
        read.append((text, slug, pk))
    return read


def in_order(trends: TrendQuerySet, pks: Sequence[int]) -> list[Trend]:
    """The trends in the order of their primary keys as given."""
    found: dict[int, Trend] = trends.order_by().in_bulk(pks)
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
