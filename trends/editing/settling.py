"""The page of the admin on which overdue forecasts get their outcomes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms.models import BaseModelFormSet, modelformset_factory
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from trends.editing.actions import settle
from trends.editing.publishing.publishing_admin import PUBLISH, PublishingAdmin
from trends.levels import OUTCOMES, EntryKind, ForecastState
from trends.models import TimelineEntry
from trends.queries.forecasts import forecasts
from trends.queries.kept_lists.kept_forecasts import KeptForecasts
from trendsite.shared.forms import EditorsForm
from trendsite.shared.revisions.version_pages import AdminPage
from trendsite.shared.translated import TranslatedText, column, columns, languages, translated

A_PAGE = 20


class SettlingForm(EditorsForm):
    """The form of the outcome of one forecast."""

    class Meta:
        model = TimelineEntry
        fields = ["outcome", "settled", *columns("note")]
        widgets = {name: forms.Textarea(attrs={"rows": 2, "cols": 60}) for name in columns("note")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcomes: Any = self.fields["outcome"]
        outcomes.choices = [(item.value, item.label) for item in OUTCOMES[EntryKind.FORECAST]]
        for code in languages():
            note = self.fields[column("note", code)]
            note.label = _("Why (%(language)s)") % {
                "language": get_language_info(code)["name_local"]
            }
            note.widget.attrs["lang"] = code

    @property
    def criterion(self) -> TranslatedText:
        """Return the criterion that decides the outcome of the forecast."""
        return translated(self.instance, "criterion")


_FormSet = modelformset_factory(
    TimelineEntry, form=SettlingForm, extra=0, absolute_max=A_PAGE, max_num=A_PAGE
)


class SettlingAdmin(PublishingAdmin):
    """Base of the admin of trends: the page of all overdue forecasts."""

    def pages(self) -> dict[str, AdminPage]:
        return {**super().pages(), "due": ("forecasts-due/", self.due_view)}

    def due_view(self, request: HttpRequest) -> HttpResponse:
        """List the overdue forecasts, the oldest first, and save submitted outcomes.

        An outcome that another editor saved meanwhile is not overwritten: see `settle()`.
        """
        if not request.user.has_perms([PUBLISH, "trends.change_timelineentry"]):
            raise PermissionDenied
        today = timezone.localdate()
        due = KeptForecasts(today).listed(ForecastState.DUE)
        if request.method == "POST":
            formset = _FormSet(request.POST, queryset=forecasts(today))
            if formset.is_valid() and self._settle_all(request, formset):
                return HttpResponseRedirect(self._address("due"))
        else:
            first = forecasts(today).filter(pk__in=[entry.pk for entry in due[:A_PAGE]])
            formset = _FormSet(queryset=first.order_by("date", "pk"))
        context = {
            "title": _("Forecasts to settle"),
            "formset": formset,
            "left": max(0, len(due) - A_PAGE),
        }
        return self._page(request, "admin/trends/trend/due.html", context)

    def _settle_all(self, request: HttpRequest, formset: BaseModelFormSet[Any, Any]) -> bool:
        """Save the outcomes that were chosen; return whether all of these were saved."""
        count, is_done = 0, True
        for form in formset.forms:
            if not form.has_changed():
                continue
            try:
                with transaction.atomic():
                    trend = settle(form.instance, self.provenance(request))
                    self.log_change(request, trend, [{"changed": {"fields": ["Outcome"]}}])
            except ValidationError as error:
                form.add_error(None, error)
                is_done = False
            else:
                count += 1
        if count:
            text = ngettext(
                "%(count)d forecast was settled.", "%(count)d forecasts were settled.", count
            )
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
        return is_done
