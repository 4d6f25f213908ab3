"""Pages of long lists, of which a page takes as long whatever the list holds.

To order rows a database carries along all that is asked of each, for every row of the list:
texts, and what is computed for show. So a page's rows are found by what orders them alone, and
the rest is asked of these. It is one query all the same.
"""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


def rows_between(rows: QuerySet, start: int, stop: int) -> QuerySet:
    """The same as `rows[start:stop]`, and to be filtered and ordered no more."""
    return rows.filter(pk__in=rows.values("pk")[start:stop])


class RowsPaginator(Paginator):
    """Pages of ordered rows of a table."""

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        rows = rows_between(self.object_list, start, start + self.per_page)
        return self._get_page(rows, number, self)
