"""Ordering lists of trends, and other rows by name.

Names are sorted in Python: SQLite sorts by bytes, PostgreSQL by the locale of its machine, and
neither follows the rules of all languages. It takes one query for the names and one for the rows of
a page.
"""

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, F, QuerySet, Value, When

from trends.levels import Confidence
from trends.models import Trend, TrendQuerySet
from trends.queries.compiled import CompiledList
from trends.queries.filters import Sort
from trendsite.shared.paging import SlicesPaginator
from trendsite.shared.translated import column, languages

_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def ordered_pages(
    trends: Callable[..., TrendQuerySet], *args: Hashable, sort: str, language: str, size: int
) -> Paginator[Trend]:
    """Return a paginator of the trends of `trends(*args)`, whose pages are lazy.

    `trends` is called as the function of a `CompiledRows`, and returns trends of `for_list()`.
    `sort` is a value of `Sort`. To sort by title, one query reads all titles in `language`.
    """
    if sort == Sort.TITLE:
        rows = trends(*args)
        return Paginator(InOrder(rows, by_name(rows, "title", language, "title_reading")), size)
    return SlicesPaginator(_lists.of(trends, args, sort), size)


@CompiledList
def _lists(
    trends: Callable[..., TrendQuerySet], args: tuple[Any, ...], sort: str
) -> QuerySet[Trend]:
    return _ordered(trends(*args), sort)


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


class InOrder(Sequence[Any]):
    """A lazy sequence of rows in the order of given primary keys.

    A slice is lazy as well. The rows are fetched with one query when they are first read, and
    `complete` is called with each.
    """

    def __init__(
        self,
        rows: QuerySet[Any],
        pks: Sequence[int],
        complete: Callable[[Any], None] = lambda row: None,
    ) -> None:
        self._rows = rows
        self._pks = pks
        self._complete = complete

    def __len__(self) -> int:
        return len(self._pks)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return InOrder(self._rows, self._pks[index], self._complete)
        return self._fetched[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._fetched)

    @cached_property
    def _fetched(self) -> list[Any]:
        found = in_order(self._rows, self._pks)
        for row in found:
            self._complete(row)
        return found


def by_name(rows: QuerySet[Any], name: str, language: str, reading: str = "") -> list[int]:
    """Return the primary keys of rows ordered by a translated field in a language. One query.

    `reading` is the field with the reading of the text, if the model has one.
    """
    names = read_names(rows, name, language, reading)
    return [pk for _text, _slug, pk in sorted(names, key=lambda row: (title_key(row[0]), row[1:]))]


def read_names(
    rows: QuerySet[Any], name: str, language: str, reading: str = ""
) -> list[tuple[str, str, int]]:
    """Return (text, slug, primary key) of rows, in no particular order. One query.

    The text is the one that readers of the language get or, if it has one, its reading.
    """
    columns = name_columns(name, language, reading)
    read = dict.fromkeys(["pk", "slug", *chain.from_iterable(columns)])
    # Any: rows are named tuples.
    found: Iterable[Any] = rows.order_by().values_list(*read, named=True)
    return [(first_name(row, columns), row.slug, row.pk) for row in found]


def name_columns(name: str, language: str, reading: str = "") -> list[tuple[str, str]]:
    """Return pairs of columns, of a text and of its reading, that of `language` first."""
    codes = [language, *(code for code in languages() if code != language)]
    return [(column(name, code), column(reading or name, code)) for code in codes]


def first_name(row: Any, columns: Iterable[tuple[str, str]]) -> str:
    """Return the first text of `name_columns()` that a row has or, if it has one, its reading."""
    for text, reading in columns:
        if getattr(row, text):
            name: str = getattr(row, reading) or getattr(row, text)
            return name
    return ""


def in_order(rows: QuerySet[Any], pks: Sequence[int]) -> list[Any]:
    """Return the rows that exist, in the order of the given primary keys. One query."""
    found = rows.order_by().in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


@lru_cache(maxsize=20_000)
def title_key(title: str) -> tuple[str, str]:
    """Return a sort key that ignores case, accents, width and punctuation.

    Digits come first, then Latin letters, kana and kanji. Hiragana and katakana are equal, and so
    are small and large kana. The long mark and voicing count only between titles that are otherwise
    equal. Kanji are sorted by code point, roughly by radical, unless there is a reading.
    """
    plain = unicodedata.normalize("NFKC", title).casefold()
    letters = unicodedata.normalize("NFKD", plain).translate(_HIRAGANA).translate(_SMALL)
    return "".join(c for c in letters if (c.isalnum() and c != "ー") or c.isspace()).strip(), plain
