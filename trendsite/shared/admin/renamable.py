"""The base class of admins of a `RenamableModel`."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.contenttypes.admin import GenericTabularInline
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from trendsite.shared.admin.editors import EditorsAdmin
from trendsite.shared.former_slugs import FormerSlug, RenamableModel
from trendsite.shared.forms import GenericRowsFormSet, RowForm
from trendsite.shared.look_alikes import look_alikes
from trendsite.shared.paths import form_path

# The prefix of former slugs in a form.
_FORMER_SLUGS = "trendsite-formerslug-content_type-object_id"


class FormerSlugInline(GenericTabularInline):
    """The former slugs of a row, which can be deleted but not added."""

    model = FormerSlug
    form = RowForm
    formset = GenericRowsFormSet  # type: ignore[assignment]  # the stubs want another class
    template = "admin/edit_inline/table.html"
    fields = ["slug"]
    readonly_fields = ["slug"]
    extra = max_num = 0

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        opts = self.parent_model._meta
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")

    has_delete_permission = has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class Renamable(EditorsAdmin):
    """Base of admins of a `RenamableModel`, which shows former slugs.

    A slug is derived from the name only while a row is added. With a `label_field`, the form names
    other rows with the same label, beside the field and in a message after a save.
    """

    label_field = ""

    def existing_row(self, form: ModelForm[Any]) -> models.Model | None:
        """Return the saved row that has the slug of a refused form. One query."""
        name = self.model.address_field
        slug = form[name].value() if name in form.errors else ""
        return self.model._default_manager.filter(**{name: slug}).first() if slug else None

    def save_related(
        self, request: HttpRequest, form: ModelForm[Any], formsets: list[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        for note in dict.fromkeys(self._notes_on_labels(form.instance).values()):
            self.message_user(request, note, messages.WARNING)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            form = context["adminform"].form
            for name, note in self._notes_on_labels(obj).items():
                if name in form.fields:
                    form[name].help_text = note  # the bound field may exist already
        return super().render_change_form(request, context, *args, **kwargs)

    def _notes_on_labels(self, obj: models.Model) -> dict[str, SafeString]:
        """Return a note for each label that another row has as well, by column.

        One query, and one more if there is any.
        """
        if not self.label_field:
            return {}
        rows = self.model._default_manager.all()
        return {
            name: format_html(
                _("Probably the same as <a href='{url}'>{label}</a> ({slug})."),
                url=form_path(other),
                label=getattr(other, name),
                slug=other.slug,
            )
            for name, other in look_alikes(obj, self.label_field, rows).items()
        }

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> dict[str, Any]:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_inline_instances(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> list[admin.options.InlineModelAdmin[Any, Any]]:
        inlines = super().get_inline_instances(request, obj)
        if isinstance(obj, RenamableModel) and self._shows_former_slugs(request, obj):
            inlines.append(FormerSlugInline(self.model, self.admin_site))
        return inlines

    def _shows_former_slugs(self, request: HttpRequest, obj: RenamableModel) -> bool:
        if request.method == "POST":  # the same as when the form was opened
            return f"{_FORMER_SLUGS}-TOTAL_FORMS" in request.POST
        return bool(obj.former_slugs.exists())
