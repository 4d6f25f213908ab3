"""Pagination whose cost does not grow with the list.

To sort rows, a database carries along every column that is selected, for every row of the
list: texts, and what is annotated. So the rows of a page are found in a subquery that selects
primary keys alone, and everything else is selected for these. It is one query all the same.
"""

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def rows_between(rows: QuerySet[Row], start: int, stop: int) -> QuerySet[Row]:
    """Return the rows of `rows[start:stop]`. The result cannot be filtered or ordered again."""
    return rows.filter(pk__in=rows.values("pk")[start:stop])


class RowsPaginator(Paginator[Row]):
    """A paginator of an ordered queryset."""

    object_list: QuerySet[Row]

    def page(self, number: int | str) -> Page[Row]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        return Page(rows_between(self.object_list, start, start + self.per_page), number, self)
