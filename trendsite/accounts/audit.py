"""The audit list: who did what and when, merged from three tables.

These are the versions of content, Django's log of the admin, and logins.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import CharField, F, QuerySet, Value
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trendsite.accounts.models import LoginEvent
from trendsite.shared.days import beginning_of
from trendsite.shared.revisions.kinds import kinds
from trendsite.shared.revisions.models import FOUND, Revision
from trendsite.shared.revisions.shown import ShownVersion

_CONTENT, _ADMIN, _LOGIN = "content", "admin", "login"


@dataclass(frozen=True)
class AuditEntry:
    """A line of the list. `url` is the page of what was changed, or empty."""

    at: datetime.datetime
    who: str
    what: str
    kind: str = ""
    row: str = ""
    url: str = ""


class AuditFilters(forms.Form):
    """The filters of the audit list."""

    source = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[
            ("", _("everything")),
            (_CONTENT, _("content")),
            (_ADMIN, _("accounts and groups")),
            (_LOGIN, _("logins")),
        ],
    )
    who = forms.CharField(label=_("Account"), required=False, max_length=150)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def found(self) -> QuerySet[Any, Any]:
        """Return the filtered entries for `audit_entries()`, the latest first.

        Each is a tuple of source, primary key and time. An invalid form filters nothing.
        """
        wanted = self.cleaned_data if self.is_valid() else {}
        sources: dict[str, tuple[QuerySet[Any], str, str]] = {
            _CONTENT: (Revision.objects.exclude(action=FOUND), "stored_at", "username"),
            # Without models that have versions: their changes are among the content.
            _ADMIN: (
                LogEntry.objects.exclude(content_type__in=_versioned()),
                "action_time",
                "user__username",
            ),
            _LOGIN: (LoginEvent.objects.all(), "at", "username"),
        }
        parts = []
        for source, (rows, moment, name) in sources.items():
            if wanted.get("source") not in (None, "", source):
                continue
            if who := wanted.get("who"):
                rows = rows.filter(**{f"{name}__icontains": who})
            if since := wanted.get("since"):
                rows = rows.filter(**{f"{moment}__gte": beginning_of(since)})
            # After the last day there is none.
            if (until := wanted.get("until")) and until < datetime.date.max:
                rows = rows.filter(**{f"{moment}__lt": beginning_of(until + datetime.timedelta(1))})
            entry = {
                "source": Value(source, output_field=CharField()),
                "entry": F("pk"),
                "moment": F(moment),
            }
            parts.append(rows.order_by().annotate(**entry).values_list(*entry))
        first, *others = parts
        found: QuerySet[Any, Any] = first.union(*others, all=True)
        return found.order_by("-moment", "-entry")


def audit_entries(found: Sequence[tuple[str, int, datetime.datetime]]) -> list[AuditEntry]:
    """Return the lines for a page of `AuditFilters.found()`. Three queries at most."""
    revisions = Revision.objects.without_content().select_related("content_type")
    rows: dict[str, QuerySet[Any]] = {
        _CONTENT: revisions,
        _ADMIN: LogEntry.objects.select_related("user", "content_type"),
        _LOGIN: LoginEvent.objects.all(),
    }
    by_key: dict[tuple[str, int], Any] = {}
    for source, queryset in rows.items():
        keys = [key for name, key, _moment in found if name == source]
        if keys:
            by_key.update({(source, row.pk): row for row in queryset.filter(pk__in=keys)})
    entries = [by_key[source, key] for source, key, _moment in found if (source, key) in by_key]
    return [_ENTRIES[type(entry)](entry) for entry in entries]


def _of_revision(revision: Revision) -> AuditEntry:
    shown = ShownVersion(revision, 0)
    return AuditEntry(
        revision.stored_at,
        shown.who,
        shown.what,
        _kind(revision.content_type),
        str(revision),
        _address(revision.content_type, "version", revision.object_id, revision.pk),
    )


def _of_log_entry(entry: LogEntry) -> AuditEntry:
    deleted = entry.is_deletion()
    return AuditEntry(
        entry.action_time,
        entry.user.get_username(),
        entry.get_action_flag_display(),
        _kind(entry.content_type),
        entry.object_repr,
        "" if deleted else _address(entry.content_type, "change", entry.object_id),
    )


def _of_login(event: LoginEvent) -> AuditEntry:
    who = event.username or gettext("no such account")
    return AuditEntry(event.at, who, event.get_kind_display())


_ENTRIES: dict[type[models.Model], Any] = {
    Revision: _of_revision,
    LogEntry: _of_log_entry,
    LoginEvent: _of_login,
}


def _kind(content_type: ContentType | None) -> str:
    model = content_type and content_type.model_class()
    return capfirst(str(model._meta.verbose_name)) if model else ""


def _address(content_type: ContentType | None, page: str, *args: Any) -> str:
    if content_type is None:
        return ""
    try:
        return reverse(f"admin:{content_type.app_label}_{content_type.model}_{page}", args=args)
    except NoReverseMatch:  # its rows have no form of their own
        return ""


def _versioned() -> list[int]:
    models_of = [kind.model for kind in kinds()]
    return [found.pk for found in ContentType.objects.get_for_models(*models_of).values()]
