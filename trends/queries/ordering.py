"""Ordering rows by name.

Names are sorted in Python: SQLite sorts by bytes, PostgreSQL by the locale of its machine, and
neither follows the rules of all languages.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from trendsite.shared.translated import columns, translated

_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def by_name(rows: QuerySet[Any], name: str, language: str) -> list[int]:
    """Return the primary keys of rows ordered by a translated field in a language. One query."""
    # Any: rows are named tuples.
    found: Iterable[Any] = rows.order_by().values_list("pk", "slug", *columns(name), named=True)
    names = ((title_key(translated(row, name, language).text), row.slug, row.pk) for row in found)
    return [pk for _key, _slug, pk in sorted(names)]


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
