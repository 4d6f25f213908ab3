"""Base classes of inlines: the rows that are edited in the form of another."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from modeltranslation.admin import TranslationStackedInline

from trendsite.shared.admin.fields import EditorsFields
from trendsite.shared.forms import OrderedFormSet, OrderedRowForm, RowForm, RowsFormSet

# At most as many rows of one kind are read from a form. Thousands would take half a minute.
_MOST_ROWS = 500


class EditorsInline(EditorsFields, admin.options.InlineModelAdmin[Any, Any]):
    """Base of inlines: rows that an editor adds one by one."""

    extra = 0
    max_num = _MOST_ROWS
    form = RowForm
    formset = RowsFormSet

    def get_formset(
        self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any
    ) -> Any:
        return super().get_formset(request, obj, absolute_max=_MOST_ROWS, **kwargs)


class OrderedInline(EditorsInline):
    """Base of inlines: rows that an editor puts in an order."""

    form = OrderedRowForm
    formset = OrderedFormSet


class TableInline(OrderedInline, admin.TabularInline[Any, Any]):
    """Links in an order, a line each, to the rows that the first field points to."""

    @property
    def links_to(self) -> str:
        """The name of the field that says what a row links to, which stays when it is deleted."""
        return str(self.fields[0]) if self.fields else ""

    template = "admin/edit_inline/table.html"


class FoldedInline(EditorsInline, TranslationStackedInline[Any, Any]):
    """Rows of several translated texts, the saved ones folded to a line each."""

    template = "admin/edit_inline/rows.html"
