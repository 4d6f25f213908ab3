"""The page of all forecasts and their record."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trends.formats.structured_data import forecasts_data
from trends.levels import ForecastState
from trends.pages._page import filtered_address, list_page, page_view, render_page
from trends.queries.forecasts import Record, by_state, hold_back
from trends.queries.kept_lists.kept_forecasts import KeptForecasts
from trendsite.shared import days
from trendsite.shared.head import Head
from trendsite.shared.translated import active_language

FORECASTS_A_PAGE = 30


class ForecastsForm(forms.Form):
    """The filter by state, which is named `outcome` in the query string."""

    outcome = forms.ChoiceField(
        choices=[("", gettext_lazy("all")), *ForecastState.choices],
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy(
                "“%(value)s” is not an outcome. All forecasts are shown."
            )
        },
    )


@page_view
def forecasts_page(request: HttpRequest) -> HttpResponse:
    """Show all forecasts, or those of one outcome, and the record so far."""
    form = ForecastsForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data.get("outcome", "")
    today = days.today()
    found = KeptForecasts(today)
    counts = found.counts()
    total = sum(counts.values())
    page = list_page(request, found.listed(wanted), FORECASTS_A_PAGE)
    hold_back(page, today)
    address = filtered_address(request, page, outcome=wanted)
    head = Head(
        title=_("Forecasts"),
        description=_("What was forecast for each trend, and how it turned out."),
        path=address.path,
        query=address.query,
        structured_data=forecasts_data(page, active_language()),
    )
    data = {
        "form": form,
        "wanted": wanted,
        "counts": counts,
        "total": total,
        "record": Record(found),
        "groups": by_state(page),
        "forecasts": page,
        "kept": address.kept,
    }
    return render_page(request, "pages/forecasts.html", head, data)
