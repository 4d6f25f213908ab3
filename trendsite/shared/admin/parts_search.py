"""The search of the admin's lists and of fields that complete what is typed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

from trendsite.shared.text_parts import MOST_FOUND, PartsIndex

_MOST_NAMED = 20
"""The most rows of another model, by whose texts a search finds rows: those added last."""

Found = tuple[set[int], bool]
"""At most `MOST_FOUND` primary keys for each way to find them, and whether there are others."""


@dataclass(frozen=True)
class NamedBy:
    """Texts of another model, by which a row is found as well: a trend by the names of its tags."""

    model: type[Model]
    fields: Sequence[str]
    links: type[Model]
    """The model whose rows link the two, which may be the searched one."""
    named: str
    """Lookup from a link to the other model."""
    key: str = "pk"
    """The field of a link with the primary key of the searched row."""
    parts: PartsIndex | None = None
    """The index of these texts, for a model with many rows."""

    def rows_with(self, word: str) -> Found:
        """Return the rows linked to one that has a word in its texts. At most three queries."""
        others = self.model._default_manager.filter(
            reduce(or_, (Q(**{f"{field}__icontains": word}) for field in self.fields))
        )
        if self.parts:
            others = others.filter(pk__in=self.parts.rows_with([word]))
        pks = list(others.order_by("-pk").values_list("pk", flat=True)[: _MOST_NAMED + 1])
        if not pks:
            return set(), False
        links = self.links._default_manager.filter(**{f"{self.named}__in": pks[:_MOST_NAMED]})
        keys = links.order_by(f"-{self.key}").values_list(self.key, flat=True).distinct()
        found, is_cut = _without_others(list(keys[: MOST_FOUND + 1]))
        return found, is_cut or len(pks) > _MOST_NAMED


class PartsSearchAdmin(admin.ModelAdmin[Any]):
    """Base of admins whose rows are found by any part of their texts, with an index.

    A search finds the rows that have each word of a term. Of many, it finds those that were added
    last, and the list says so.
    """

    parts: PartsIndex
    named_by: ClassVar[Sequence[NamedBy]] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that are found.

        A query for all words, and for each word those of `named_by`, and one more if there are
        several.
        """
        words = list(_words(search_term))
        if not words:
            return queryset, False
        found, is_cut = self._rows_with(words)
        request.is_search_cut = is_cut  # type: ignore[attr-defined]
        return queryset.filter(pk__in=found), False

    def _rows_with(self, words: list[str]) -> Found:
        found = _without_others(self.parts.rows_with(words))
        named = [_either(by.rows_with(word) for by in self.named_by) for word in words]
        if not any(keys for keys, _is_cut in named):
            return found
        own = [found]
        if len(words) > 1:
            own = [_without_others(self.parts.rows_with([word])) for word in words]
        each = [_either(ways) for ways in zip(own, named, strict=True)]
        in_all = set.intersection(*(keys for keys, _is_cut in each))
        return _either([found, (in_all, any(is_cut for _keys, is_cut in each))])


def _either(ways: Iterable[Found]) -> Found:
    """Return what was found in any of several ways."""
    ways = list(ways)
    return set[int]().union(*(keys for keys, _ in ways)), any(is_cut for _, is_cut in ways)


def _without_others(found: list[int]) -> Found:
    return set(found[:MOST_FOUND]), len(found) > MOST_FOUND


def _words(term: str) -> Iterator[str]:
    """Yield the words of a term, and what is in quotation marks, as Django's search does."""
    for word in smart_split(term):
        if word[0] in "\"'" and word[0] == word[-1]:
            word = unescape_string_literal(word)
        if word:
            yield word
