"""Pagination whose cost does not grow with the list.

To sort rows, a database carries along every selected column of every row of the list, texts and
annotations too. So a subquery selects the primary keys of a page, and the outer query everything
else for these. It is still one query.
"""

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def rows_between(rows: QuerySet[Row], start: int, stop: int) -> QuerySet[Row]:
    """Return the rows of `rows[start:stop]`. The result cannot be filtered or ordered again."""
    return rows.filter(pk__in=rows.values("pk")[start:stop])


class RowsPaginator(Paginator[Any]):
    """A paginator of an ordered queryset."""

    object_list: QuerySet[Any]

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        return Page(self.between(start, start + self.per_page), number, self)

    def between(self, start: int, stop: int) -> QuerySet[Any]:
        """Return the rows of a page, not yet fetched."""
        if self.object_list.query.combinator:  # a union, which cannot be filtered
            return self.object_list[start:stop]
        return rows_between(self.object_list, start, stop)


class KeysPaginator(RowsPaginator):
    """A paginator of an ordered queryset with many joins, which fetches the keys of a page first.

    SQLite would not begin with a subquery for these but read the whole table in order. One query
    more than `RowsPaginator` for a page. A page in the second half is looked for from the end, so
    the order must be total.
    """

    def between(self, start: int, stop: int) -> QuerySet[Any]:
        rows, number = self.object_list, self.count
        if start > number // 2:
            rows, start, stop = rows.reverse(), max(0, number - stop), number - start
        return self.object_list.filter(pk__in=list(rows.values_list("pk", flat=True)[start:stop]))
