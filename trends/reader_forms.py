"""What readers may ask in the query string of a page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from trends.forecasts import State


class ForecastsForm(forms.Form):
    """Which forecasts?"""

    outcome = forms.ChoiceField(
        choices=[("", _("all")), *State.choices],
        required=False,
        error_messages={
            "invalid_choice": _("“%(value)s” is not an outcome; all forecasts are shown.")
        },
    )
