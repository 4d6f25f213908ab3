"""Offering an existing row to an editor who adds it again."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from trendsite.shared.forms import is_key


class OfferingAdmin(admin.ModelAdmin[Any]):
    """Base of admins: the refused form of a new row offers the row that exists already.

    In a popup that another form has opened to choose a row, a button chooses the existing row.
    """

    def existing_row(self, form: ModelForm[Any]) -> models.Model | None:
        """Return the saved row that a refused form would add again. None by default."""
        return None

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        pk = request.POST.get("_use", "")
        if IS_POPUP_VAR in request.POST and is_key(pk):
            row = self.get_object(request, pk)
            if row is not None:
                if not self.has_view_or_change_permission(request, row):
                    raise PermissionDenied
                return self.response_add(request, row)  # writes nothing
        return super().add_view(request, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if kwargs.get("obj") is None and form.is_bound and form.errors:
            context["existing_row"] = self.existing_row(form)
        return super().render_change_form(request, context, *args, **kwargs)
