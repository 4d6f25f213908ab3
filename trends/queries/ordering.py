"""Ordering rows by name.

Names are sorted in Python: SQLite sorts by bytes, PostgreSQL by the locale of its machine, and
neither follows the rules of all languages. It takes one query for the names and one for the rows of
a page.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from trendsite.shared.translated import column, languages

_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


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
