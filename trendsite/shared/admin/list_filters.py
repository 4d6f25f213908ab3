"""Filters of the admin's lists."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest


class LinkedRowsFilter(admin.RelatedFieldListFilter):
    """A filter by the rows to which any row of a linking table refers, found one by one.

    Django's `RelatedOnlyFieldListFilter` reads the whole linking table.
    """

    # Any: as Django's types have it.
    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        links = field.model._default_manager.filter(**{field.name: OuterRef("pk")}).order_by()
        return field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to=Q(Exists(links)),
        )
