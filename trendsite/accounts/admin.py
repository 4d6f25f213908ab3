"""Sessions and the audit list in the admin."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from trendsite.accounts.audit import AuditFilters, audit_entries
from trendsite.accounts.events import end_session
from trendsite.accounts.models import EditorSession, LoginEvent
from trendsite.shared.paging import RowsPaginator

_ROWS_A_PAGE = 50


class _ListOnly(admin.ModelAdmin[Any]):
    """Base of admins whose rows cannot be added or changed. Their only page is the list."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        return [url for url in super().get_urls() if url.name and url.name.endswith("_changelist")]

    def _page(self, request: HttpRequest, paginator: RowsPaginator) -> dict[str, Any]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = paginator.get_page(request.GET.get("p"))
        return {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
        }


@admin.register(EditorSession)
class EditorSessionAdmin(_ListOnly):
    """The list of all editors' sessions, which can be ended. It does not show session keys."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List the sessions, the latest first, or end the one that a POST names. Two queries."""
        sessions = EditorSession.objects.filter(user__isnull=False).select_related("user")
        sessions = sessions.defer("session_data")
        if request.method == "POST":
            if not self.has_delete_permission(request):
                raise PermissionDenied
            end_session(sessions, request.POST.get("session", ""))
            return HttpResponseRedirect(request.get_full_path())
        context = self._page(request, RowsPaginator(sessions, _ROWS_A_PAGE))
        context["may_end"] = self.has_delete_permission(request)
        return TemplateResponse(request, "admin/accounts/sessions.html", context)


@admin.register(LoginEvent)
class AuditListAdmin(_ListOnly):
    """The audit list, in place of Django's list of login events."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show a page of the audit list. Five queries at most."""
        filters = AuditFilters(request.GET)
        context = self._page(request, RowsPaginator(filters.found(), _ROWS_A_PAGE))
        asked = {name: request.GET[name] for name in filters.fields if request.GET.get(name)}
        context |= {
            "filters": filters,
            "entries": audit_entries(list(context["page"].object_list)),
            "query": f"&{urlencode(asked)}" if asked else "",
        }
        return TemplateResponse(request, "admin/accounts/audit.html", context)
