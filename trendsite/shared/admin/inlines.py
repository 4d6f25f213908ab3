"""Base classes of inlines."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from modeltranslation.admin import TranslationStackedInline

from trendsite.shared.admin.fields import EditorsFields
from trendsite.shared.forms import OrderedFormSet, OrderedRowForm, RowForm, RowsFormSet

# The most rows of one inline that a form may have. Thousands would take half a minute.
_MOST_ROWS = 500


class EditorsInline(EditorsFields, admin.options.InlineModelAdmin[Any, Any]):
    """Base of inlines. `list_select_related` is as in `ModelAdmin`."""

    list_select_related: Sequence[str] = ()
    extra = 0
    max_num = _MOST_ROWS
    form = RowForm
    formset = RowsFormSet

    def row_label(self, row: models.Model) -> str:
        """Return what a saved row is called where it is folded."""
        return str(row)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        names = self.list_select_related
        return rows.select_related(*names) if names else rows

    def get_formset(
        self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any
    ) -> Any:
        return super().get_formset(request, obj, absolute_max=_MOST_ROWS, **kwargs)


class OrderedInline(EditorsInline):
    """Base of inlines whose rows have an order."""

    form = OrderedRowForm
    formset = OrderedFormSet


class TableInline(OrderedInline, admin.TabularInline[Any, Any]):
    """An inline of ordered links, a line each. Their first field points to the linked row."""

    @property
    def links_to(self) -> str:
        """Return the name of the field that points to the linked row."""
        return str(self.fields[0]) if self.fields else ""

    template = "admin/edit_inline/table.html"

    def row_label(self, row: models.Model) -> str:
        return str(getattr(row, self.links_to))


class FoldedInline(EditorsInline, TranslationStackedInline[Any, Any]):
    """An inline of rows with several translated texts. Saved rows are folded to a line each."""

    template = "admin/edit_inline/rows.html"
