"""Rules that span the rows of one trend. Fixtures and the admin's forms call them alike."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from trends.models import Assessment, Trend


def check_newest_assessment(trend: Trend, assessments: Iterable[Assessment]) -> None:
    """The trend's badges show its newest assessment.

    Raises ValidationError under `status` and `confidence`, those that differ.
    """
    newest = max(assessments, key=lambda assessment: assessment.date, default=None)
    if newest is None:
        return
    errors = {
        name: ValidationError(
            _("The newest assessment, of %(date)s, says “%(value)s”; make them agree."),
            code="disagrees",
            params={"date": newest.date, "value": display},
        )
        for name, display in (
            ("status", newest.get_status_display()),
            ("confidence", newest.get_confidence_display()),
        )
        if getattr(trend, name) and getattr(newest, name) != getattr(trend, name)
        if getattr(newest, name)
    }
    if errors:
        raise ValidationError(errors)


def check_not_related_to_itself(trend: Trend, related: Iterable[Trend]) -> None:
    """Raises ValidationError where a trend is among those that it is related to."""
    if trend.pk is not None and trend in related:
        raise ValidationError(_("A trend is not related to itself."), code="itself")
