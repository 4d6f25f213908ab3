"""The addresses of a trend for machines: absolute, one for each form and language."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from trends.models import Trend


def addresses(trend: Trend, language: str) -> dict[str, str]:
    """Where the trend's page stands in a language, and the same content in other forms."""
    with translation.override(language):
        return {
            form: settings.SITE_URL + reverse(name, args=[trend.slug])
            for form, name in (
                ("html", "trend"),
                ("json", "trend-json"),
                ("markdown", "trend-markdown"),
            )
        }
