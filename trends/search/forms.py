"""What readers may ask of the search."""

from django import forms
from django.utils.translation import gettext_lazy as _

from trends.models import Confidence, Status
from trends.search.models import Kind


class SearchForm(forms.Form):
    """The words, and what narrows the results."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        error_messages={"max_length": _("Write at most %(limit_value)d characters.")},
    )
    kind = forms.ChoiceField(choices=Kind.choices, required=False)
    status = forms.ChoiceField(choices=Status.choices, required=False)
    confidence = forms.ChoiceField(choices=Confidence.choices, required=False)
    tag = forms.SlugField(required=False)
    audience = forms.SlugField(required=False)
    expert = forms.SlugField(required=False)
    year = forms.RegexField(r"\A[0-9]{4}\Z", required=False)
