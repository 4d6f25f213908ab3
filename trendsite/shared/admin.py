"""The vocabulary in the admin, and what the admins of all apps share."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.contenttypes.admin import GenericTabularInline
from django.db import models
from django.db.models import CASCADE
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modeltranslation.admin import TabbedTranslationAdmin, TranslationStackedInline
from modeltranslation.fields import TranslationField

from trendsite.shared.former_slugs import FormerSlug
from trendsite.shared.forms import EditorsTextarea, MarkdownTextarea, OrderedFormSet, OrderedRowForm
from trendsite.shared.models import Tag
from trendsite.shared.translated import columns, languages

# So many of the rows that use another are named when it cannot be deleted.
_NAMED_USES = 50

# How the rows of former slugs are named in a form.
_FORMER_SLUGS = "trendsite-formerslug-content_type-object_id"


class EditorsFields:
    """Of admins and inlines: each text's input says in which language it is written.

    Those in `markdown_fields` have a preview. What a row points to can be added and changed
    beside its name, but not deleted from there.
    """

    markdown_fields: Iterable[str] = ()
    formfield_overrides = {models.TextField: {"widget": EditorsTextarea}}

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        if db_field.name in self.markdown_fields:
            kwargs["widget"] = MarkdownTextarea
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(db_field, TranslationField):
            field.widget.attrs["lang"] = db_field.language
            if db_field.translated_field.name in self.model.required_texts:
                field.help_text = field.help_text or _("Needed in at least one language.")
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False
            field.widget.can_view_related = False
        return field


class EditorsAdmin(EditorsFields):
    """Of admins: links to a row's pages on the site, and what a row is used by."""

    save_on_top = True
    view_on_site = False  # one link is not enough: there is a page in each language

    class Media:
        js = [
            "admin_site/autocomplete.js",
            "admin_site/rows.js",
            "admin_site/languages.js",
            "admin_site/ordering.js",
            "admin_site/markdown.js",
        ]

    def site_links(self, obj: models.Model) -> list[dict[str, str]]:
        """The pages of a row that readers see: language, its name, address."""
        if not hasattr(obj, "get_absolute_url"):
            return []
        return links_in_each_language(obj.get_absolute_url)

    def preview_links(self, obj: models.Model) -> list[dict[str, str]]:
        """The pages on which editors see a row before readers do."""
        return []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["site_links"] = self.site_links(obj)
            context["preview_links"] = self.preview_links(obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(self, objs: Iterable[models.Model], request: HttpRequest) -> tuple:
        """What goes with the rows, and what stands against it: every row that uses them.

        Django's own answer leaves out citations, which it would delete, and names what an
        editor cannot open, a driver for one; this one links to the trend that it stands on.
        """
        to_delete, counts, perms_needed, _protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, perms_needed, self._uses(objs)

    def _uses(self, objs: Iterable[models.Model]) -> list[str]:
        uses: list[str] = []
        left_out = 0
        for relation in self.model._meta.related_objects:
            if getattr(relation, "on_delete", None) is CASCADE:
                continue
            if relation.many_to_many and not relation.through._meta.auto_created:
                continue  # the rows between say so too, each in its own words
            rows = relation.related_model._base_manager.filter(
                **{f"{relation.field.name}__in": [obj.pk for obj in objs]}
            ).distinct()
            owner = self._owner_field(relation.related_model)
            if owner:
                rows = rows.select_related(owner)
            shown = list(rows[: max(_NAMED_USES - len(uses), 0)])
            uses += [self._use(row, owner, relation.field) for row in shown]
            left_out += rows.count() - len(shown)
        if left_out:
            uses.append(_("… and %(count)d more.") % {"count": left_out})
        return uses

    def _owner_field(self, model: type[models.Model]) -> str | None:
        """The relation of a row without a page of its own to what it is edited with."""
        if self.admin_site.is_registered(model):
            return None
        for field in model._meta.fields:
            if (
                field.is_relation
                and field.remote_field.on_delete is CASCADE
                and self.admin_site.is_registered(field.related_model)
            ):
                return field.name
        return None

    def _use(self, row: models.Model, owner: str | None, field: models.Field) -> SafeString:
        on = getattr(row, owner) if owner else row
        address = reverse(
            f"{self.admin_site.name}:{on._meta.app_label}_{on._meta.model_name}_change",
            args=[quote(on.pk)],
        )
        return format_html(
            # Translators: “Trend: Application over training (key driver)”.
            _("{kind}: {row} ({part})"),
            kind=capfirst(on._meta.verbose_name),
            row=format_html('<a href="{}">{}</a>', address, on),
            part=row._meta.verbose_name if owner else field.verbose_name,
        )


class FormerSlugInline(GenericTabularInline):
    """The addresses that lead to a row from before it was renamed; each can be given up."""

    model = FormerSlug
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


class Renamable:
    """Of admins: a slug follows the name while a row is added, and its former ones are shown."""

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> dict[str, Any]:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_inline_instances(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> list[admin.options.InlineModelAdmin]:
        inlines = super().get_inline_instances(request, obj)
        if obj and self._shows_former_slugs(request, obj):
            inlines.append(FormerSlugInline(self.model, self.admin_site))
        return inlines

    def _shows_former_slugs(self, request: HttpRequest, obj: models.Model) -> bool:
        if request.method == "POST":  # as when the form was opened
            return f"{_FORMER_SLUGS}-TOTAL_FORMS" in request.POST
        return obj.former_slugs.exists()


class EditorsInline(EditorsFields):
    """Of inlines: rows that an editor adds one by one."""

    extra = 0


class OrderedInline(EditorsInline):
    """Of inlines: rows that an editor puts in an order."""

    form = OrderedRowForm
    formset = OrderedFormSet


class TableInline(OrderedInline, admin.TabularInline):
    """Links in an order, a line each."""

    template = "admin/edit_inline/table.html"


class FoldedInline(EditorsInline, TranslationStackedInline):
    """Rows of several translated texts, the saved ones folded to a line each."""

    template = "admin/edit_inline/rows.html"


def links_in_each_language(address: Any) -> list[dict[str, str]]:
    """What `address()` gives under each language of the site."""
    links = []
    for code in languages():
        with translation.override(code):
            name = translation.get_language_info(code)["name_local"]
            links.append({"language": code, "name": name, "url": address()})
    return links


@admin.register(Tag)
class TagAdmin(Renamable, EditorsAdmin, TabbedTranslationAdmin):
    list_display = ["slug", *columns("label")]
    search_fields = ["slug", *columns("label")]
    fields = ["slug", "label"]
