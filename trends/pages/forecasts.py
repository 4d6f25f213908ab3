"""The page of all forecasts and their record."""

from itertools import groupby
from operator import attrgetter

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trends.formats.structured_data import forecasts_data
from trends.levels import ForecastState
from trends.pages._page import filtered_page, list_page, page_view, render_page
from trends.queries.forecasts import Record, count_states
from trends.queries.forecasts import forecasts as all_forecasts

FORECASTS_A_PAGE = 30


class ForecastsForm(forms.Form):
    """Which forecasts?"""

    outcome = forms.ChoiceField(
        choices=[("", _("all")), *ForecastState.choices],
        required=False,
        error_messages={
            "invalid_choice": _("“%(value)s” is not an outcome; all forecasts are shown.")
        },
    )


@page_view
def forecasts_page(request: HttpRequest) -> HttpResponse:
    """All forecasts, those of one outcome where that is asked for, and the record so far."""
    form = ForecastsForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data.get("outcome", "")
    found = all_forecasts(timezone.localdate())
    counts = count_states(found)
    total = sum(counts.values())
    shown = found.filter(state=wanted) if wanted else found
    page = list_page(
        request, shown, FORECASTS_A_PAGE, count=counts[ForecastState(wanted)] if wanted else total
    )
    context = {
        "form": form,
        "wanted": wanted,
        "counts": counts,
        "total": total,
        "record": Record(found),
        "groups": [
            (ForecastState(state), list(entries))
            for state, entries in groupby(page, attrgetter("state"))
        ],
        "forecasts": page,
        **filtered_page(request, page, outcome=wanted),
        "structured_data": forecasts_data(page, get_language()),
    }
    return render_page(request, "pages/forecasts.html", context)
