"""The base class of all admins."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import Error, models, transaction
from django.db.models import QuerySet
from django.forms import Media, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from trendsite.shared.admin.fields import EditorsFields
from trendsite.shared.admin.offering import OfferingAdmin
from trendsite.shared.admin.shown_on import shown_on
from trendsite.shared.admin.uses import uses
from trendsite.shared.deletions import Deletion, deletion
from trendsite.shared.folded_rows import fold, has_left_rows, rows_asked
from trendsite.shared.form_parts import form_parts, mistakes
from trendsite.shared.forms import EditorsForm, VersionedForm, is_key, nothing_saved, typed_texts
from trendsite.shared.merging.held_requests import (
    BEGAN,
    TYPED,
    SaveRefusedError,
    began_with,
    held_of,
    prepare,
)
from trendsite.shared.outages import RETRY_SECONDS, Outage, one_line, outage_of
from trendsite.shared.revisions.version_pages import VersionsAdmin
from trendsite.shared.snapshots import snapshot
from trendsite.shared.text_parts import MOST_FOUND
from trendsite.shared.translated import languages
from trendsite.shared.writes import delete, save_form

logger = logging.getLogger(__name__)

# The form of the id that `typing.js` gives a form, and the lifetime of the cookie with it.
_TYPED_ID = re.compile(r"[a-z0-9]{1,40}")
_TYPED_SECONDS = 24 * 60 * 60


class EditorsList(ChangeList):
    """A change list whose queryset has the annotations of `EditorsAdmin.for_list()`."""

    model_admin: "EditorsAdmin"

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        self.root_queryset = self.model_admin.for_list(self.model_admin.get_queryset(request))
        try:
            found = super().get_queryset(request, *args, **kwargs)
        except OverflowError as error:  # a year in the query string that no date can have
            raise IncorrectLookupParameters from error
        self.most_found = MOST_FOUND if getattr(request, "is_search_cut", False) else None
        return found

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except OverflowError as error:  # a number that is too large for SQLite
            raise IncorrectLookupParameters from error


class EditorsAdmin(EditorsFields, OfferingAdmin, VersionsAdmin):
    """Base of all admins.

    It saves and deletes rows with `trendsite.shared.writes`, merges simultaneous changes, names
    the uses of a row that cannot be deleted, and links to a row's pages and previews.
    """

    form = VersionedForm
    save_on_top = True
    view_on_site = False  # `site_links()` has a link for each language

    @property
    def media(self) -> Media:
        scripts = [
            "autocomplete",
            "rows",
            "folded_rows",
            "languages",
            "ordering",
            "markdown",
            "citing",
            "shortcut",
            "clashes",
            "presence",
        ]
        own = [f"admin_site/{name}.js" for name in scripts]
        return super().media + Media(js=["admin/js/jquery.init.js", *own])  # which they need

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EditorsList

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Annotate and prefetch what the list shows and filters by."""
        return rows

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse regular expressions in a query string: an invalid one is a database error."""
        if lookup.endswith(("__regex", "__iregex")):
            return False
        return super().lookup_allowed(lookup, value, request)

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Refuse selected values that are no keys, which Django passes to the database."""
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest
        response = super().response_action(request, *args, **kwargs)
        context = getattr(response, "context_data", None) or {}
        if "deletable_objects" in context:  # Django asks whether to delete what was selected
            context["deletion"] = self.deletion(request, list(context["queryset"]))
        return response

    # Deleting

    def deletion(self, request: HttpRequest, rows: list[models.Model]) -> Deletion:
        """Describe what deleting rows does. One query for each inline."""
        inlines = self.get_inline_instances(request)
        warnings = [warning for row in rows if (warning := self.delete_warning(row))]
        return deletion(inlines, rows, warnings)

    def delete_warning(self, row: models.Model) -> SafeString | None:
        """Return a warning for the page that confirms a deletion, or None."""
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
        """Merge a submitted form with what others saved after it was opened, then save it.

        Shows the submitted form again if an outage kept it from being saved, or if `check_saved()`
        refused what was saved.
        """
        self.refuse_other_languages(request)
        try:
            if request.method == "POST":
                prepare(self, request, object_id)
            response = super().changeform_view(request, object_id, form_url, extra_context)
            return self._with_saved_cookie(request, response)
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
            if has_left_rows(request.POST):  # the outage came before they were filled in
                prepare(self, request, object_id)
            form_view = self._changeform_view  # type: ignore[attr-defined]
            response = form_view(request, object_id, form_url, extra_context)
        response.status_code = 503
        response["Retry-After"] = str(RETRY_SECONDS)
        return response

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, *args: Any) -> Any:
        """Show what was typed in the form of a row that somebody deleted or merged meanwhile."""
        texts = typed_texts(request) if request.method == "POST" else []
        if not texts:
            gone: Any = super()
            return gone._get_obj_does_not_exist_redirect(request, *args)
        return nothing_saved(request, self.admin_site, texts, is_gone=True)

    def _with_saved_cookie(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Set a cookie for `typing.js` to delete the stored typing of a form that was saved.

        The script reads and deletes the cookie on the next page of the admin.
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
        form.outage = getattr(request, "outage", None)  # the class is made for each request
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

    def get_formsets_with_inlines(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> Iterator[Any]:
        """Yield the formsets of a form, or only that whose rows are asked for."""
        asked = rows_asked(request)
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            if not asked or formset.get_default_prefix() == asked:
                yield formset, inline

    def get_inline_formsets(
        self, request: HttpRequest, formsets: list[Any], *args: Any, **kwargs: Any
    ) -> list[Any]:
        for formset in formsets:
            if formset.is_bound:
                formset.show_submitted_rows()
        return super().get_inline_formsets(request, formsets, *args, **kwargs)

    # Writes

    def refuse_other_languages(self, request: HttpRequest) -> None:
        """Raise PermissionDenied if a translator sends more than texts in their languages."""
        if self.languages_translated(request):
            every = [self, *(inline(self.model, self.admin_site) for inline in self.inlines)]
            refused = {name for part in every for name in part.get_readonly_fields(request)}
            if refused & {name.rpartition("-")[2] for name in request.POST}:
                raise PermissionDenied

    def save_model(
        self, request: HttpRequest, obj: models.Model, form: ModelForm[Any], change: bool
    ) -> None:
        """Do nothing: `save_related()` saves a row and its inlines as one write."""

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
        """Check saved rows; raise SaveRefusedError to undo the save. Does nothing by default."""

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        delete([obj], self.provenance(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        delete(queryset, self.provenance(request))

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Add an entry to Django's log if anything was changed."""
        return super().log_change(request, obj, message) if message else None

    # The page

    def site_links(self, obj: models.Model) -> list[dict[str, str]]:
        """Return links to a row's pages on the site: language code, its name, address."""
        if not hasattr(obj, "get_absolute_url"):
            return []
        return links_in_each_language(obj.get_absolute_url)

    def preview_links(self, obj: models.Model) -> list[dict[str, str]]:
        """Return links to previews of a row, as `site_links()` does."""
        return []

    def shown_with(self, obj: models.Model) -> list[Any]:
        """Return the rows of which those that show them show this one, too; none by default."""
        return []

    def told_of_showing(self, obj: models.Model) -> tuple[str, bool]:
        """Return how a row is called among those that show another, and if readers see it."""
        return str(obj), True

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if rows_asked(request):
            return self._rows(request, context)
        if obj is not None:
            if showing := self.shown_with(obj):
                context["shown_on"] = shown_on(showing, self.admin_site)
            context["site_links"] = self.site_links(obj)
            context["preview_links"] = self.preview_links(obj)
        parts = (context["adminform"], context["inline_admin_formsets"])
        form = context["adminform"].form
        if errors := held_of(request).errors:
            rows = (row for inline in parts[1] for row in inline.formset.forms)
            forms = {each.prefix or "": each for each in (form, *rows)}
            for (prefix, name), messages in errors.items():
                forms[prefix].add_error(name, messages)
        if obj is not None and "version_seen" in form.fields:
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            is_sent = form.is_bound
            context["began_with"] = (
                request.POST.get(BEGAN, "") if is_sent else began_with(form, formsets)
            )
        fold(request, parts[1])
        context["held"] = held_of(request)
        context["form_parts"] = form_parts(*parts)
        context["mistakes"] = mistakes(*parts)
        return super().render_change_form(request, context, *args, **kwargs)

    def _rows(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        """Return the part of a form with the rows of an inline, which is folded in the form."""
        if not context["inline_admin_formsets"]:
            raise Http404
        [inline] = context["inline_admin_formsets"]
        context["inline_admin_formset"] = inline
        return TemplateResponse(request, inline.opts.template, context)

    def get_deleted_objects(
        self, objs: Sequence[Any] | QuerySet[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return the missing permissions for deleting rows, and links to what protects them.

        Django's own method lists every row that is deleted in cascade, with several queries for
        each, and does not protect cited sources. `deletion()` describes what is deleted.
        """
        refused = {
            str(self.opts.verbose_name)
            for row in objs
            if not self.has_delete_permission(request, row)
        }
        return [], {}, refused, self.uses(objs)

    def uses(self, rows: Iterable[models.Model]) -> list[str]:
        """Return links to the rows that protect rows from deletion; see `uses.uses()`."""
        return uses(self.model, rows, self.admin_site)


def links_in_each_language(address: Any) -> list[dict[str, str]]:
    """Return links to what `address()` returns while each language of the site is active.

    None for a row whose part of the address was emptied in a form that is shown again.
    """
    links = []
    for code in languages():
        with translation.override(code):
            name = translation.get_language_info(code)["name_local"]
            with suppress(NoReverseMatch):
                links.append({"language": code, "name": name, "url": address()})
    return links
