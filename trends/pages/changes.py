"""The page of what moved and why."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trends.formats.structured_data import changes_data
from trends.models import Trend
from trends.pages._page import filtered_page, list_page, page_view, render_page
from trends.queries.changes import Changes, Span
from trendsite.shared.partial_dates import PartialDateFormField

CHANGES_A_PAGE = 30


class ChangesForm(forms.Form):
    """Changes of which trend, and between which dates? What cannot be read is left out."""

    trend = forms.CharField(required=False, widget=forms.HiddenInput)
    since = PartialDateFormField(label=_("From"), required=False)
    until = PartialDateFormField(label=_("To"), required=False)

    def add_prefix(self, field_name: str) -> str:
        """`from` is a word of Python, and so no name for a field."""
        return {"since": "from", "until": "to"}.get(field_name, field_name)

    def clean_trend(self) -> Trend | None:
        slug = self.cleaned_data["trend"]
        if not slug:
            return None
        trend = Trend.objects.published(timezone.localdate()).filter(slug=slug).first()
        if trend is None:
            raise forms.ValidationError(
                _("No published trend is called “%(slug)s”; those of all trends are shown."),
                code="unknown",
                params={"slug": slug},
            )
        return trend

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until.last_day < since.first_day:
            self.add_error("until", _("This is before the first date."))
        return self.cleaned_data

    @property
    def span(self) -> Span:
        """What is asked, as far as it can be read."""
        self.is_valid()
        return Span(**{name: self.cleaned_data.get(name) for name in ("trend", "since", "until")})


@page_view
def changes_page(request: HttpRequest) -> HttpResponse:
    """What moved and why, the latest first: of all trends or one, between two dates or ever."""
    form = ChangesForm(request.GET)
    span = form.span
    found = Changes(span, timezone.localdate())
    counts = found.counts()
    page = list_page(request, found.keys(), CHANGES_A_PAGE, count=sum(counts.values()))
    rows = found.gather(list(page))
    asked = {"trend": span.trend and span.trend.slug, "from": span.since, "to": span.until}
    context = {
        "form": form,
        "span": span,
        "counts": counts,
        "changes": rows,
        "page": page,
        **filtered_page(request, page, **asked),
        "structured_data": changes_data(page, rows, get_language()),
    }
    return render_page(request, "pages/changes.html", context)
