"""The pages of the admin for versions: list, comparison, restoring, and the bin."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from trendsite.shared.paging import RowsPaginator
from trendsite.shared.revisions.differences import PartDifference, differences
from trendsite.shared.revisions.kinds import RevisedKind, has_versions, kind_of
from trendsite.shared.revisions.models import Revision
from trendsite.shared.revisions.restored_parts import UnknownPartError, restored_part
from trendsite.shared.revisions.shown import (
    ShownVersion,
    label_of,
    shown_differences,
    summary,
)
from trendsite.shared.text.enumerations import enumerated
from trendsite.shared.translated import active_language
from trendsite.shared.translations.kept_states import KEPT
from trendsite.shared.writes import Origin, Provenance

_VERSIONS_A_PAGE = 20

AdminPage = tuple[str, Callable[..., HttpResponseBase]]
"""The route of a page below the list of rows, and its view."""


class VersionsAdmin(admin.ModelAdmin[Any]):
    """Base of admins: a list of versions instead of Django's history, and a bin."""

    def provenance(self, request: HttpRequest) -> Provenance:
        """Return the provenance of a write by this request, with the note of the form."""
        user = request.user if request.user.is_authenticated else None
        note = request.POST.get("version_note", "").strip()[:300]
        is_correction = "is_correction" in request.POST
        return Provenance(Origin.ADMIN, user, note, is_correction=is_correction)

    def pages(self) -> dict[str, AdminPage]:
        """Return the pages of the admin beside Django's own, by name."""
        return {
            "bin": ("bin/", require_safe(self.bin_view)),
            "version": ("<int:pk>/history/<int:version>/", require_safe(self.version_view)),
            "compare": ("<int:pk>/history/compare/", require_safe(self.compare_view)),
            "restore": ("<int:pk>/history/restore/", require_POST(self.restore_view)),
        }

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(route, self.admin_site.admin_view(view), name=self._name(name))
            for name, (route, view) in self.pages().items()
        ]
        return [*own, *super().get_urls()]

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _address(self, page: str, *args: Any) -> str:
        return reverse(f"{self.admin_site.name}:{self._name(page)}", args=args)

    # The list

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """List the versions of a row, the latest first."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        kind = self._kind()
        paginator = RowsPaginator(Revision.objects.of(self.model, [obj.pk]), _VERSIONS_A_PAGE)
        page = paginator.get_page(request.GET.get("p"))
        newest = paginator.count - page.start_index() + 1
        # With the version before the earliest one of the page, for its summary.
        shown = list(Revision.objects.of(self.model, [obj.pk])[: page.end_index() + 1])
        shown = shown[page.start_index() - 1 if page.object_list else 0 :]
        versions = [
            ShownVersion(version, newest - place, summary(kind, before, version))
            for place, (version, before) in enumerate(zip(shown, [*shown[1:], None], strict=False))
            if place < _VERSIONS_A_PAGE
        ]
        context = {
            "title": gettext("Versions of “%(row)s”") % {"row": obj},
            "object": obj,
            "versions": versions,
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "entries": self._earlier_entries(obj, paginator.count),
            "compare_url": self._address("compare", obj.pk),
            "may_restore": self._may_restore(request, obj),
        }
        return self._page(request, "admin/versions/list.html", context | (extra_context or {}))

    def _earlier_entries(self, obj: models.Model, count: int) -> list[LogEntry]:
        """Return Django's log entries from before the first version, the latest first."""
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(obj), object_id=str(obj.pk)
        )
        if count:
            first = Revision.objects.of(type(obj), [obj.pk]).order_by("pk")
            entries = entries.filter(action_time__lt=first.values("stored_at")[:1])
        return list(entries.select_related("user").order_by("-action_time")[:50])

    # One version, and two

    def version_view(self, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """Show the content of a version."""
        obj = self._row(request, pk)
        revision = self._revision(pk, version)
        kind = self._kind()
        parts = differences({}, kind.read(revision.text), kind.layout, active_language())
        return self._parts_page(request, obj, revision, parts, whole=True)

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the differences between two versions, or between one and the present row."""
        obj = self._row(request, pk)
        before = self._revision(pk, request.GET.get("from"))
        after = self._revision(pk, request.GET["to"]) if request.GET.get("to") else None
        if after and after.pk < before.pk:
            before, after = after, before
        kind = self._kind()
        present = after.text if after else self._present_text(pk)
        parts = differences(
            kind.read(before.text), kind.read(present), kind.layout, active_language()
        )
        return self._parts_page(request, obj, before, parts, after=after)

    def _parts_page(
        self,
        request: HttpRequest,
        obj: models.Model | None,
        revision: Revision,
        parts: list[PartDifference],
        *,
        after: Revision | None = None,
        whole: bool = False,
    ) -> HttpResponse:
        label = label_of(revision, self._number(revision))
        if whole:
            title = gettext("%(row)s: %(version)s") % {"row": revision, "version": label}
        else:
            title = gettext("%(row)s: from %(before)s to %(after)s") % {
                "row": revision,
                "before": label,
                "after": label_of(after, self._number(after)) if after else gettext("now"),
            }
        context = {
            "title": title,
            "object": obj,
            "revision": revision,
            "version": ShownVersion(revision, self._number(revision)),
            "after": after,
            "parts": shown_differences(parts),
            "whole": whole,
            "is_now": not whole and after is None,
            "may_restore": self._may_restore(request, obj),
            "restore_url": self._address("restore", revision.object_id),
            "compare_url": self._address("compare", revision.object_id),
            "bin_url": self._address("bin"),
        }
        return self._page(request, "admin/versions/compare.html", context)

    # Restoring

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Restore a version, or its part with the submitted `path`, unless nothing differs."""
        obj = self._row(request, pk)
        if not self._may_restore(request, obj):
            raise PermissionDenied
        revision = self._revision(pk, request.POST.get("version"))
        try:
            with transaction.atomic():
                notices = self._restore(request, pk, revision)
                if notices is not None:
                    text = gettext("Restored from %(version)s.") % {
                        "version": label_of(revision, self._number(revision))
                    }
                    self.log_change(request, self.model._base_manager.get(pk=pk), text)
        except UnknownPartError as error:
            raise Http404 from error
        except ValidationError as error:
            text = gettext("Nothing was restored.")
            self.message_user(request, " ".join([text, *error.messages]), messages.ERROR)
            back = self._address("history", pk) if obj else self._address("bin")
            return HttpResponseRedirect(back)
        if notices is None:
            text = gettext("It is already like this: there is nothing to restore.")
            self.message_user(request, text, messages.INFO)
            return HttpResponseRedirect(self._address("history", pk))
        self.message_user(request, text, messages.SUCCESS)
        for notice in notices:
            self.message_user(request, notice, messages.WARNING)
        return HttpResponseRedirect(self._address("change" if obj is None else "history", pk))

    def _restore(self, request: HttpRequest, pk: int, revision: Revision) -> list[str] | None:
        """Restore what is asked for; return what the editor should know, None if it is so already.

        Raises UnknownPartError and ValidationError.
        """
        kind = self._kind()
        document, extra = kind.read(revision.text), dict(revision.extra)
        # Of two clicks, the second waits here.
        locked = self.model._base_manager.select_for_update(no_key=True).filter(pk=pk)
        now = kind.texts([pk]).get(pk) if list(locked.values("pk")) else None
        present = kind.read(now.text) if now else {}
        part = request.POST.get("path", "")
        if now and part:
            extra.pop(KEPT, None)  # states of all texts, most of which are not restored
            changed = restored_part(present, document, kind.layout, part)
            document = kind.completed(changed, document)
        if now and document == present and (part or now.extra == extra):
            return None
        self._check_others(request, kind.changed_beside(present, document))
        return kind.restore(pk, document, extra, self.provenance(request))

    def _check_others(self, request: HttpRequest, changed: set[type[models.Model]]) -> None:
        """Raise ValidationError if a user may not change other rows that would be changed."""
        refused = [
            str(model._meta.verbose_name_plural)
            for model in sorted(changed, key=lambda model: model._meta.label)
            if not request.user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}")
        ]
        if refused:
            raise ValidationError(
                gettext("It would also change what you may not change: %(rows)s.")
                % {"rows": enumerated(refused)}
            )

    def _may_restore(self, request: HttpRequest, obj: models.Model | None) -> bool:
        if obj is None:
            return self.has_add_permission(request)
        return self.may_change_all(request, obj)

    def may_change_all(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether a user may change all fields of a row."""
        return self.has_change_permission(request, obj)

    # The bin

    def bin_view(self, request: HttpRequest) -> HttpResponse:
        """List the deleted rows that can be restored, the last deleted first."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        paginator = RowsPaginator(Revision.objects.in_bin(self.model), _VERSIONS_A_PAGE)
        page = paginator.get_page(request.GET.get("p"))
        revisions: Any = page.object_list  # a RevisionQuerySet
        context = {
            "title": gettext("Deleted: %(rows)s") % {"rows": self.opts.verbose_name_plural},
            "versions": [
                (
                    ShownVersion(revision, 0),
                    self._address("version", revision.object_id, revision.pk),
                    self._address("restore", revision.object_id),
                )
                for revision in revisions.without_content()
            ],
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "may_restore": self.has_add_permission(request),
        }
        return self._page(request, "admin/versions/bin.html", context)

    # Shared

    def _kind(self) -> RevisedKind:
        if not has_versions(self.model):
            raise Http404
        return kind_of(self.model)

    def _row(self, request: HttpRequest, pk: int) -> models.Model | None:
        """Return the row, None if it is in the bin. Raises PermissionDenied or Http404."""
        obj = self.get_object(request, str(pk))
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        if obj is None and not Revision.objects.in_bin(self.model).filter(object_id=pk).exists():
            raise Http404
        return obj

    def _revision(self, pk: int, version: Any) -> Revision:
        if not str(version).isdecimal() or not str(version).isascii():
            raise Http404
        found = Revision.objects.of(self.model, [pk]).filter(pk=min(int(version), 2**63 - 1))
        revision = found.first()
        if revision is None:
            raise Http404
        return revision

    def _number(self, revision: Revision) -> int:
        of_row = Revision.objects.of(self.model, [revision.object_id])
        return of_row.filter(pk__lte=revision.pk).count()

    def _present_text(self, pk: int) -> str:
        return self._kind().texts([pk])[pk].text

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        page = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "module_name": capfirst(self.opts.verbose_name_plural),
            "subtitle": None,
        }
        return TemplateResponse(request, template, page | context)
