"""The page of the admin that merges two rows."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trendsite.shared.deletions import counted
from trendsite.shared.forms import is_key
from trendsite.shared.merged_rows import Merge, merge_rows, planned
from trendsite.shared.paths import form_path
from trendsite.shared.revisions.differences import differences
from trendsite.shared.revisions.shown import shown_differences
from trendsite.shared.revisions.version_pages import AdminPage, VersionsAdmin
from trendsite.shared.snapshots import snapshot
from trendsite.shared.translated import active_language

# The most changed rows that are named.
_NAMED = 50


class MergingAdmin(VersionsAdmin):
    """Base of admins whose list has an action that merges two rows."""

    actions = ["merge_selected"]

    def pages(self) -> dict[str, AdminPage]:
        return {**super().pages(), "merge": ("<int:kept>/merge/<int:gone>/", self.merge_view)}

    def rewritten_by_merge(self, kept: Any, gone: Any) -> str:
        """Return a sentence on what a merge rewrites in texts. Empty by default."""
        return ""

    def has_merge_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may merge rows, for which the right to delete is needed as well."""
        return self.may_change_all(request) and self.has_delete_permission(request)

    @admin.action(description=_("Merge two that are the same"), permissions=["merge"])
    def merge_selected(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponseRedirect | None:
        pks = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
        if len(pks) != 2:
            self.message_user(request, gettext("Select the two to merge."), messages.WARNING)
            return None
        return HttpResponseRedirect(self._address("merge", *pks))

    def merge_view(self, request: HttpRequest, kept: int, gone: int) -> HttpResponse:
        """Show what merging two rows will do, or merge them."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        if not (is_key(str(kept)) and is_key(str(gone))):
            raise Http404
        problem = ""
        if request.method == "POST":
            try:
                return self._merge(request, kept, gone)
            except ValidationError as error:
                problem = " ".join(error.messages)
        with snapshot():
            rows = self.model._base_manager.in_bulk([kept, gone])
            if len(rows) != 2:
                text = gettext("One of them is no longer here: somebody merged or deleted it.")
                self.message_user(request, text, messages.WARNING)
                return HttpResponseRedirect(self._address("changelist"))
            context = self._merge_context(rows[kept], rows[gone])
            response = self._page(request, "admin/merge.html", {**context, "problem": problem})
            return response.render()

    def _merge(self, request: HttpRequest, kept: int, gone: int) -> HttpResponse:
        other = self.get_object(request, str(gone))
        name = f"“{other}” ({other.present_name()})" if other else ""
        provenance = self.provenance(request)
        note = gettext("Merged with %(name)s") % {"name": name}
        with transaction.atomic():
            merged = merge_rows(self.model, kept, gone, replace(provenance, note=note[:300]))
            self.log_change(request, merged, note)
        text = gettext("%(name)s is merged into “%(kept)s”. Its addresses lead there now.")
        self.message_user(request, text % {"name": name, "kept": merged}, messages.SUCCESS)
        return HttpResponseRedirect(self._address("change", merged.pk))

    def _merge_context(self, kept: Any, gone: Any) -> dict[str, Any]:
        merge = planned(kept, gone)
        kind = self._kind()
        texts = kind.texts([kept.pk, gone.pk])
        differing = differences(
            kind.read(texts[gone.pk].text),
            kind.read(texts[kept.pk].text),
            kind.layout,
            active_language(),
        )
        return {
            "title": gettext("Merge “%(gone)s” into “%(kept)s”") % {"gone": gone, "kept": kept},
            "kept": kept,
            "gone": gone,
            "former": [*gone.former_names(), gone.present_name()],
            "marks": self.rewritten_by_merge(kept, gone),
            "changed": [
                (counted(count, model), self._links(rows), max(count - _NAMED, 0))
                for model in sorted(merge.changed, key=lambda model: model._meta.label)
                for rows in [merge.changed_rows(model)]
                if (count := rows.count())
            ],
            "doubled": self._doubled(merge),
            "parts": shown_differences(differing),
            "days": settings.BIN_DAYS,
            "other_way": self._address("merge", gone.pk, kept.pk),
        }

    def _links(self, rows: QuerySet[Any]) -> list[tuple[str, str]]:
        """Return the names of rows and the addresses of their forms."""
        return [(str(row), form_path(row)) for row in rows[:_NAMED]]

    def _doubled(self, merge: Merge) -> list[str]:
        """Return descriptions of the rows with forms that will be deleted as duplicates."""
        return [
            str(row)
            for model, pks in merge.gone.items()
            if self.admin_site.is_registered(model)
            for row in model._base_manager.filter(pk__in=pks).order_by("pk")
        ]
