"""The page of changes: assessments, forecasts and retirements."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trends.formats.structured_data import changes_data
from trends.models import Trend
from trends.pages._page import filtered_address, list_page, page_view, render_page
from trends.queries.changes import Changes, Span
from trendsite.shared import days
from trendsite.shared.head import Head
from trendsite.shared.partial_dates import PartialDateFormField
from trendsite.shared.translated import active_language, translated

CHANGES_A_PAGE = 30


class ChangesForm(forms.Form):
    """The filters by trend and dates. Invalid values are ignored."""

    trend = forms.CharField(required=False, widget=forms.HiddenInput)
    since = PartialDateFormField(label=gettext_lazy("From"), required=False)
    until = PartialDateFormField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.TextInput(attrs={"size": 14, "placeholder": "2026-11"}),
    )

    def add_prefix(self, field_name: str) -> str:
        """Name the fields `from` and `to` in the query string; `from` is a keyword in Python."""
        return {"since": "from", "until": "to"}.get(field_name, field_name)

    def clean_trend(self) -> Trend | None:
        slug = self.cleaned_data["trend"]
        if not slug:
            return None
        trend: Trend | None = Trend.objects.published(days.today()).filter(slug=slug).first()
        if trend is None:
            raise forms.ValidationError(
                _("There is no published trend “%(slug)s”. Updates to all trends are shown."),
                code="unknown",
                params={"slug": slug},
            )
        return trend

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until.last_day < since.first_day:
            self.add_error("until", _("This is before the “From” date."))
        return self.cleaned_data

    @property
    def span(self) -> Span:
        """Return the valid filters."""
        self.is_valid()
        return Span(**{name: self.cleaned_data.get(name) for name in ("trend", "since", "until")})


@page_view
def changes_page(request: HttpRequest) -> HttpResponse:
    """Show changes of all trends or of one, perhaps between two dates, the latest first."""
    form = ChangesForm(request.GET)
    span = form.span
    today = days.today()
    found = Changes(span, today)
    counts = found.counts()
    page = list_page(request, found.keys(), CHANGES_A_PAGE)
    changes = found.gather(list(page))
    asked = {"trend": span.trend and span.trend.slug, "from": span.since, "to": span.until}
    address = filtered_address(request, page, **asked)
    head = Head(
        title=_("Updates: %(title)s") % {"title": translated(span.trend, "title")}
        if span.trend
        else _("Updates"),
        description=_(
            "Changed assessments and the reasons, forecasts that were made or settled, and trends "
            "that were retired."
        ),
        path=address.path,
        query=address.query,
        structured_data=changes_data(page, changes, active_language()),
    )
    data = {
        "form": form,
        "span": span,
        "counts": counts,
        "changes": changes,
        "page": page,
        "kept": address.kept,
    }
    return render_page(request, "pages/changes.html", head, data)
