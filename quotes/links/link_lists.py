"""The results of link checks in lists, filters and forms of the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from quotes.links.link_queries import PARAMETER, UNCHECKED, address_of, with_link_state
from quotes.links.models import CheckedLink, LinkState
from trendsite.shared.admin.editors import EditorsAdmin
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.web_addresses import archived_page


class LinkFilter(admin.SimpleListFilter):
    """A filter by the state of a row's link at the last check."""

    title = pgettext_lazy("filter", "link")
    parameter_name = PARAMETER

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        return [*LinkState.choices, (UNCHECKED, pgettext_lazy("link", "not checked yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return with_link_state(queryset, value) if value else queryset


class LinkedAdmin(EditorsAdmin):
    """Base of admins of rows with a link, which shows the last check in the list and the form.

    Add `LinkFilter` to `list_filter`, and `link_state` to `list_display`.
    """

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        links = CheckedLink.objects.filter(address=OuterRef("link_address"))
        listed: Any = super().for_list(rows).alias(link_address=address_of(self.model))
        annotated: QuerySet[Any] = listed.annotate(checked_state=Subquery(links.values("state")))
        return annotated

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "link_check"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields, with the result of the check where the row has a link."""
        fields = [name for name in super().get_fields(request, obj) if name != "link_check"]
        return [*fields, "link_check"] if obj is not None and self.link_of(obj) else fields

    def link_of(self, row: Any) -> str:
        """Return the address that a row links to."""
        return str(row.url)

    @admin.display(description=pgettext_lazy("filter", "link"))
    def link_state(self, row: Any) -> str:
        return str(LinkState(row.checked_state).label) if row.checked_state else ""

    @admin.display(description=gettext_lazy("link check"))
    def link_check(self, row: Any) -> SafeString | str:
        """Return the result of the last check, with a new address and a copy if any. One query."""
        link = CheckedLink.objects.exclude(state="").filter(address=self.link_of(row)).first()
        return result_in_words(link) if link else _("This address has not been checked yet.")


def result_in_words(link: CheckedLink) -> SafeString:
    """Return the result of a check as sentences with links."""
    assert link.checked_at is not None
    day = _day(link.checked_at)
    since = _day(link.failing_since or link.checked_at)
    sentences: dict[str, str | SafeString] = {
        LinkState.ALIVE: _("Alive on %(day)s.") % {"day": day},
        LinkState.MOVED: format_html(
            _("Moved for good, on {day}: {address}. Check the page, then enter its new address."),
            day=day,
            address=_link(link.moved_to),
        ),
        LinkState.REFUSED: _(
            "Refuses programs on %(day)s (%(reason)s). Open it yourself to see whether it is there."
        )
        % {"day": day, "reason": link.reason or _("too many redirects")},
        LinkState.UNREACHABLE: _(
            "Unreachable since %(since)s (%(reason)s), last tried on %(day)s. It is tried again."
        )
        % {"since": since, "reason": link.reason, "day": day},
        LinkState.GONE: _("Gone since %(since)s (%(reason)s), last tried on %(day)s.")
        % {"since": since, "reason": link.reason, "day": day},
    }
    parts = [sentences[LinkState(link.state)]]
    if link.state == LinkState.GONE:
        copied = archived_page(link.archived_copy) if link.archived_copy else None
        if copied and copied.day:
            words = _("The Internet Archive has a copy of {day}: {address}.")
            copy_day = PartialDate.from_date(copied.day).display()
            parts.append(format_html(words, day=copy_day, address=_link(link.archived_copy)))
        else:
            parts.append(_("No copy in the Internet Archive is known."))
    return format_html_join(" ", "{}", ((part,) for part in parts))


def _day(moment: Any) -> str:
    return PartialDate.from_date(timezone.localtime(moment).date()).display()


def _link(address: str) -> SafeString:
    return format_html('<a href="{0}" rel="noreferrer">{0}</a>', address)
