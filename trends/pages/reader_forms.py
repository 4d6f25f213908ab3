"""What readers may ask in the query string of a page."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trends.models import Trend
from trends.queries.changes import Span
from trends.queries.forecasts import State
from trendsite.shared.partial_dates import PartialDateFormField


class ForecastsForm(forms.Form):
    """Which forecasts?"""

    outcome = forms.ChoiceField(
        choices=[("", _("all")), *State.choices],
        required=False,
        error_messages={
            "invalid_choice": _("“%(value)s” is not an outcome; all forecasts are shown.")
        },
    )


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
