"""Base classes of all admins, and the admin of tags."""

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.contenttypes.admin import GenericTabularInline
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import Error, models, transaction
from django.db.models import CASCADE, QuerySet
from django.forms import Field, Media, ModelChoiceField, ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modeltranslation.admin import TabbedTranslationAdmin, TranslationStackedInline
from modeltranslation.fields import TranslationField

from trendsite.shared.deletions import Deletion, deletion
from trendsite.shared.form_parts import form_parts, mistakes
from trendsite.shared.former_slugs import FormerSlug, RenamableModel
from trendsite.shared.forms import (
    EditorsForm,
    EditorsTextarea,
    EditorsTextInput,
    GenericRowsFormSet,
    MarkdownTextarea,
    OrderedFormSet,
    OrderedRowForm,
    RowChoice,
    RowForm,
    RowsChoice,
    RowsFormField,
    RowsFormSet,
    VersionedForm,
    citing_attributes,
    is_key,
)
from trendsite.shared.look_alikes import look_alikes
from trendsite.shared.merging.held_requests import (
    BEGAN,
    TYPED,
    SaveRefusedError,
    began_with,
    held_of,
    prepare,
)
from trendsite.shared.models import Tag
from trendsite.shared.outages import RETRY_SECONDS, Outage, one_line, outage_of
from trendsite.shared.revisions.version_pages import VersionsAdmin
from trendsite.shared.snapshots import snapshot
from trendsite.shared.translated import columns, languages
from trendsite.shared.translations.lists import MissingFilter, StaleFilter, TranslatedList
from trendsite.shared.translators import TranslatedForms
from trendsite.shared.writes import delete, save_form

logger = logging.getLogger(__name__)

# At most as many of the uses that forbid to delete a row are named.
_NAMED_USES = 50

# At most as many rows of one kind are read from a form. Thousands would take half a minute.
_MOST_ROWS = 500

# The id that `typing.js` gives a form, and how long a browser may take to open the next page.
_TYPED_ID = re.compile(r"[a-z0-9]{1,40}")
_TYPED_SECONDS = 24 * 60 * 60

# The prefix of former slugs in a form.
_FORMER_SLUGS = "trendsite-formerslug-content_type-object_id"


class EditorsList(ChangeList):
    """A change list with what only lists show; see `EditorsAdmin.for_list()`."""

    model_admin: "EditorsAdmin"

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        self.root_queryset = self.model_admin.for_list(self.model_admin.get_queryset(request))
        try:
            return super().get_queryset(request, *args, **kwargs)
        except OverflowError as error:  # a year in the address that no date has
            raise IncorrectLookupParameters from error


class EditorsFields(TranslatedForms):
    """Base of admins and inlines: how the fields of their forms look.

    The input of a translated text has the `lang` of its language; those named in
    `markdown_fields` have a preview. The one that marks sources has a button for it, which looks
    them up at the address named `cite_url`. What a row points to can be added and changed beside
    its name, but not deleted from there.
    """

    markdown_fields: Iterable[str] = ()
    cite_url = ""
    formfield_overrides = {
        models.CharField: {"widget": EditorsTextInput},
        models.TextField: {"widget": EditorsTextarea},
    }

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        if db_field.name in self.markdown_fields:
            kwargs["widget"] = MarkdownTextarea
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and self.cite_url and db_field.name == self.model.marked_text:
            field.widget.attrs.update(citing_attributes(self.cite_url))
        translated: Any = db_field  # of a class that modeltranslation makes for each field
        if field and issubclass(type(db_field), TranslationField):
            field.widget.attrs["lang"] = translated.language
            if translated.translated_field.name in self.model.own_texts:
                field.widget.attrs["data-own"] = "yes"
            if translated.translated_field.name in self.model.required_texts:
                field.help_text = field.help_text or _("Required in at least one language.")
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False
            field.widget.can_view_related = False
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RowChoice(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RowsChoice(db_field, self.admin_site))
            kwargs.setdefault("form_class", RowsFormField)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class EditorsAdmin(EditorsFields, VersionsAdmin):
    """Base of admins: saves through the door for writes, refuses to overwrite, shows uses.

    Also links to a row's pages on the site, and to its previews.
    """

    form = VersionedForm
    save_on_top = True
    view_on_site = False  # one link is not enough: there is a page in each language

    @property
    def media(self) -> Media:
        scripts = [
            "autocomplete",
            "rows",
            "languages",
            "ordering",
            "markdown",
            "citing",
            "shortcut",
            "clashes",
            "presence",
        ]
        return super().media + Media(js=[f"admin_site/{name}.js" for name in scripts])

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EditorsList

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with what their list shows and filters by, but no form needs."""
        return rows

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse regular expressions in an address: a broken one is an error of the database."""
        if lookup.endswith(("__regex", "__iregex")):
            return False
        return super().lookup_allowed(lookup, value, request)

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Refuse a selection that no list offers: Django hands it to the database."""
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest
        response = super().response_action(request, *args, **kwargs)
        context = getattr(response, "context_data", None) or {}
        if "deletable_objects" in context:  # Django asks whether to delete what was selected
            context["deletion"] = self.deletion(request, list(context["queryset"]))
        return response

    # Deleting

    def deletion(self, request: HttpRequest, rows: list[models.Model]) -> Deletion:
        """Return what deleting rows does, in words. One query for each inline."""
        inlines = self.get_inline_instances(request)
        warnings = [warning for row in rows if (warning := self.delete_warning(row))]
        return deletion(inlines, rows, warnings)

    def delete_warning(self, row: models.Model) -> SafeString | None:
        """Return what an editor should think of before deleting a row."""
        return None

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        context["deletion"] = self.deletion(request, [context["object"]])
        return super().render_delete_form(request, context)

    # The form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Merge what was sent with what others saved after the form was opened, then save it.

        Shows the form again, as it was sent, where the database or a disk failed to save it, or
        `check_saved()` refused what was saved.
        """
        self.refuse_other_languages(request)
        try:
            if request.method == "POST":
                prepare(self, request, object_id)
            response = super().changeform_view(request, object_id, form_url, extra_context)
            return self._told_to_forget(request, response)
        except SaveRefusedError as refusal:
            held = held_of(request)
            held.reason, held.errors = refusal.reason, refusal.errors
            with transaction.atomic():  # the form locks its row
                form_view: Any = self._changeform_view  # type: ignore[attr-defined]
                return form_view(request, object_id, form_url, extra_context)
        except (Error, OSError) as error:
            outage = outage_of(error)
            if request.method != "POST" or outage in (None, Outage.GONE):
                raise
            logger.error("%s was not saved: %s: %s", request.path, outage, one_line(error))
            request.outage = outage  # type: ignore[attr-defined]
        with snapshot():  # which takes no lock
            form_view = self._changeform_view  # type: ignore[attr-defined]
            response = form_view(request, object_id, form_url, extra_context)
        response.status_code = 503
        response["Retry-After"] = str(RETRY_SECONDS)
        return response

    def _told_to_forget(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Tell the browser, if the form was saved, to forget what it keeps of the typing.

        By a cookie, which any page of the admin that comes next reads and deletes.
        """
        typed = request.POST.get(TYPED, "")
        is_answered = response.status_code == 302 or IS_POPUP_VAR in request.POST
        if held_of(request).is_saved and is_answered and _TYPED_ID.fullmatch(typed):
            response.set_cookie(
                f"typed-{typed}",
                "saved",
                max_age=_TYPED_SECONDS,
                path=settings.SESSION_COOKIE_PATH,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response

    def get_form(
        self,
        request: HttpRequest,
        obj: models.Model | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[ModelForm[Any]]:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.outage = getattr(request, "outage", None)  # of a class that is made for each request
        form.held_back = held_of(request).reason
        return cast(type[ModelForm[Any]], form)

    def get_fieldsets(  # Any: django-stubs keeps the name of the type to itself
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> Any:
        """Return the fieldsets with the hidden version that `VersionedForm` compares."""
        (name, first), *others = super().get_fieldsets(request, obj)
        if obj and self.has_change_permission(request, obj):
            fields = [field for field in first["fields"] if field != "version_seen"]
            first = {**first, "fields": [*fields, "version_seen"]}
        return [(name, first), *others]

    def get_inline_formsets(
        self, request: HttpRequest, formsets: list[Any], *args: Any, **kwargs: Any
    ) -> list[Any]:
        for formset in formsets:
            if formset.is_bound:
                formset.show_submitted_rows()
        return super().get_inline_formsets(request, formsets, *args, **kwargs)

    # Writes

    def refuse_other_languages(self, request: HttpRequest) -> None:
        """Refuse a request of a translator that has more than texts in their languages."""
        if self.languages_translated(request):
            every = [self, *(inline(self.model, self.admin_site) for inline in self.inlines)]
            refused = {name for part in every for name in part.get_readonly_fields(request)}
            if refused & {name.rpartition("-")[2] for name in request.POST}:
                raise PermissionDenied

    def save_model(
        self, request: HttpRequest, obj: models.Model, form: ModelForm[Any], change: bool
    ) -> None:
        """Leave it to `save_related()`: a row and what is edited with it are one write."""

    def save_related(
        self, request: HttpRequest, form: ModelForm[Any], formsets: list[Any], change: bool
    ) -> None:
        if save_form(cast(EditorsForm, form), formsets, self.provenance(request)):
            self.check_saved(request, form, formsets)
        held = held_of(request)
        held.is_saved = True
        if held.taken:
            text = _(
                "%(who)s saved this %(kind)s while you were editing it. Both changes are saved. "
                "Changed by %(who)s: %(things)s."
            )
            words = {"who": held.who, "kind": self.opts.verbose_name, "things": held.taken_words()}
            self.message_user(request, text % words, messages.WARNING)

    def check_saved(self, request: HttpRequest, form: ModelForm[Any], formsets: list[Any]) -> None:
        """Raise SaveRefusedError to undo what was saved. Does nothing by default."""

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        delete([obj], self.provenance(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        delete(queryset, self.provenance(request))

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Enter a change into the row's history, if anything was changed."""
        return super().log_change(request, obj, message) if message else None

    # The page

    def site_links(self, obj: models.Model) -> list[dict[str, str]]:
        """Return the pages of a row that readers see: language, its name, address."""
        if not hasattr(obj, "get_absolute_url"):
            return []
        return links_in_each_language(obj.get_absolute_url)

    def preview_links(self, obj: models.Model) -> list[dict[str, str]]:
        """Return the pages on which editors see a row before readers do."""
        return []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["site_links"] = self.site_links(obj)
            context["preview_links"] = self.preview_links(obj)
        parts = (context["adminform"], context["inline_admin_formsets"])
        form = context["adminform"].form
        if errors := held_of(request).errors:
            rows = (row for inline in parts[1] for row in inline.formset.forms)
            forms = {each.prefix or "": each for each in (form, *rows)}
            for (prefix, name), told in errors.items():
                forms[prefix].add_error(name, told)
        if obj is not None and "version_seen" in form.fields:
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            is_sent = form.is_bound
            context["began_with"] = (
                request.POST.get(BEGAN, "") if is_sent else began_with(form, formsets)
            )
        context["held"] = held_of(request)
        context["form_parts"] = form_parts(*parts)
        context["mistakes"] = mistakes(*parts)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(
        self, objs: Sequence[Any] | QuerySet[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return whether an account may not delete the rows, and what uses them and so forbids it.

        Django's own answer names every row that goes along, with several queries for each, and
        leaves out citations, which it would delete. `deletion()` says what goes in words.
        """
        refused = {
            str(self.opts.verbose_name)
            for row in objs
            if not self.has_delete_permission(request, row)
        }
        return [], {}, refused, self._uses(objs)

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
        """Return the foreign key to what a row without a form of its own is edited with."""
        if self.admin_site.is_registered(model):
            return None
        for field in model._meta.fields:
            if (
                isinstance(field, models.ForeignKey)
                and field.remote_field.on_delete is CASCADE
                and self.admin_site.is_registered(field.related_model)
            ):
                return field.name
        return None

    def _use(
        self, row: models.Model, owner: str | None, field: models.Field[Any, Any]
    ) -> SafeString:
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
    """The former slugs of a row, each of which can be given up."""

    model = FormerSlug
    form = RowForm
    formset = GenericRowsFormSet  # type: ignore[assignment]  # as Django has it for these inlines
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
    """Base of admins of a `RenamableModel`: lists former slugs.

    The slug is made from the name only while a row is added. With a `label_field`, its form
    points out other rows with the same label: beside the field, and in a message after a save.
    """

    label_field = ""

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
                    form[name].help_text = note  # of what is shown: it may have been made already
        return super().render_change_form(request, context, *args, **kwargs)

    def _notes_on_labels(self, obj: models.Model) -> dict[str, SafeString]:
        """Return a note for each label that another row has as well. One query."""
        if not self.label_field:
            return {}
        rows = self.model._default_manager.order_by("pk")
        opts = self.opts
        return {
            name: format_html(
                _("Probably the same as <a href='{url}'>{label}</a> ({slug})."),
                url=reverse(
                    f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_change",
                    args=[other.pk],
                ),
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
        if request.method == "POST":  # as when the form was opened
            return f"{_FORMER_SLUGS}-TOTAL_FORMS" in request.POST
        return bool(obj.former_slugs.exists())


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


def links_in_each_language(address: Any) -> list[dict[str, str]]:
    """Return what `address()` returns in each language of the site."""
    links = []
    for code in languages():
        with translation.override(code):
            name = translation.get_language_info(code)["name_local"]
            links.append({"language": code, "name": name, "url": address()})
    return links


@admin.register(Tag)
class TagAdmin(TranslatedList, Renamable, TabbedTranslationAdmin[Tag]):
    label_field = "label"
    list_display = ["slug", *columns("label"), "the_languages"]
    list_filter = [MissingFilter, StaleFilter]
    search_fields = ["slug", *columns("label")]
    fields = ["label", "slug"]
    prepopulated_fields = {"slug": ["label"]}
