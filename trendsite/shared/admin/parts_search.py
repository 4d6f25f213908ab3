"""The search of the admin's lists and of fields that complete what is typed."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

from trendsite.shared.text_parts import MOST_FOUND, PartsIndex


class PartsSearchAdmin(admin.ModelAdmin[Any]):
    """Base of admins whose rows are found by any part of their texts, with an index.

    A search finds the rows that have each word of a term. Of many, it finds those that were added
    last, and the list says so.
    """

    parts: PartsIndex

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = list(_words(search_term))
        if not words:
            return queryset, False
        found, is_cut = self.rows_with(words)
        request.is_search_cut = is_cut  # type: ignore[attr-defined]
        return queryset.filter(pk__in=found), False

    def rows_with(self, words: list[str]) -> tuple[set[int], bool]:
        """Return the primary keys of rows with each of some words, and if there are others."""
        return without_others(self.parts.rows_with(words))


def without_others(found: list[int]) -> tuple[set[int], bool]:
    """Return at most `MOST_FOUND` of the keys that were found, and whether there are others."""
    return set(found[:MOST_FOUND]), len(found) > MOST_FOUND


def _words(term: str) -> Iterator[str]:
    """Yield the words of a term, and what is in quotation marks, as Django's search does."""
    for word in smart_split(term):
        if word[0] in "\"'" and word[0] == word[-1]:
            word = unescape_string_literal(word)
        if word:
            yield word
