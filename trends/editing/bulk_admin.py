"""The bulk actions of the list of trends, each with a page that shows what it will do."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from trends.editing.bulk_actions import BulkAction, BulkOutcome, Publish, Retag, Retire, Submit
from trends.editing.publishing.publishing_admin import PublishingAdmin

_MOST = 50
"""As many are done at once: each takes some tenths of a second."""


class BulkAdmin(PublishingAdmin):
    """Base of the admin of trends: bulk actions."""

    actions = ["submit_selected", "publish_selected", "retag_selected", "retire_selected"]

    @admin.action(description=_("Submit selected trends for review"), permissions=["change"])
    def submit_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return self._bulk(request, queryset, Submit)

    @admin.action(description=_("Publish selected trends"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return self._bulk(request, queryset, Publish)

    @admin.action(description=_("Change tags of selected trends"), permissions=["change_all"])
    def retag_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return self._bulk(request, queryset, Retag)

    @admin.action(description=_("Retire selected trends"), permissions=["publish"])
    def retire_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return self._bulk(request, queryset, Retire)

    def has_change_all_permission(self, request: HttpRequest) -> bool:
        """Return whether a user may change all of a trend, which translators may not."""
        return self.may_change_all(request)

    def count_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> int:
        """Return the number of selected trends that exist, and show a message on the others."""
        count = queryset.count()
        selected = len(set(request.POST.getlist(ACTION_CHECKBOX_NAME)))
        if selected > count and "select_across" not in request.POST:
            text = ngettext(
                "%(count)d selected trend is not in this list any more: somebody changed or "
                "deleted it.",
                "%(count)d selected trends are not in this list any more: somebody changed or "
                "deleted them.",
                selected - count,
            )
            self.message_user(request, text % {"count": selected - count}, messages.WARNING)
        return count

    def _bulk(
        self, request: HttpRequest, queryset: QuerySet[Any], action: type[BulkAction]
    ) -> HttpResponse | None:
        """Show what an action will do, or run it if the editor has confirmed."""
        count = self.count_selected(request, queryset)
        if count > _MOST:
            text = gettext("Select at most %(most)d trends at once; these are %(count)d.")
            self.message_user(request, text % {"most": _MOST, "count": count}, messages.WARNING)
            return None
        if not count:
            return None
        rows = list(queryset.order_by("slug"))
        is_sent = "_show" in request.POST or "_do" in request.POST
        form = action.form(request.POST if is_sent else None)
        is_agreed = form.is_valid() and "_do" in request.POST
        values = form.cleaned_data if form.is_valid() else {}
        provenance, may_publish = self.provenance(request), self.may_publish(request)
        wanted = action(provenance, values, may_publish=may_publish)
        outcomes = None
        is_told = form.is_valid() or not action.asks_first
        if is_told and (wanted.lacks_reason or not is_agreed):
            outcomes = wanted.foreseen(rows)
        if is_agreed and any(outcome.warnings for outcome in outcomes or ()):
            message = _("There are warnings: enter why it is published anyway.")
            form.add_error("reason", message)
        elif is_agreed:
            # In English, as Django stores it, and translated when it is shown.
            change = [{"changed": {"fields": [action.logged]}}]
            done = wanted.done(rows, lambda trend: self.log_change(request, trend, change))
            self._tell(request, action, done)
            return None
        context = {
            "title": action.title,
            "form": form,
            "action": request.POST.get("action", ""),
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "selected": [row.pk for row in rows],
            "button": action.button,
            "outcomes": outcomes,
            "accepted": [item for item in outcomes or () if not item.refused],
            "refused": [item for item in outcomes or () if item.refused],
        }
        return self._page(request, "admin/trends/trend/bulk.html", context)

    def _tell(
        self, request: HttpRequest, action: type[BulkAction], outcomes: list[BulkOutcome]
    ) -> None:
        done = [outcome for outcome in outcomes if not outcome.refused]
        if done:
            text = ngettext(
                "%(action)s: done with %(count)d trend.",
                "%(action)s: done with %(count)d trends.",
                len(done),
            )
            values = {"action": action.title, "count": len(done)}
            self.message_user(request, text % values, messages.SUCCESS)
        for outcome in outcomes:
            if outcome.refused:
                text = format_html("{}: {}", outcome.trend, outcome.refused)
                self.message_user(request, text, messages.WARNING)
