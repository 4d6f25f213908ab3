"""What editors do to a trend besides saving its form, each as one write through the door.

`trendsite.shared.writes` is the door, and has what is done to rows of every kind.
"""

import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from trends.models import Trend
from trendsite.shared.writes import Action, Provenance, writing


def publish(trend: Trend, provenance: Provenance, on: datetime.date | None = None) -> Trend:
    """Publish a draft or scheduled trend on a day, today by default. Returns the saved trend.

    Raises ValidationError if readers see it already.
    """
    with writing(provenance) as write:
        saved = Trend.locked(trend.pk)
        if saved.is_published():
            raise ValidationError(_("This trend is already published."), code="published")
        write.announce([saved])
        saved.published = on or timezone.localdate()
        _save(saved)
        write.record(Action.PUBLISHED, saved)
    return saved


def retire(trend: Trend, provenance: Provenance, on: datetime.date | None = None) -> Trend:
    """Retire a published trend on a day, today by default. Returns the saved trend.

    Raises ValidationError if it is not published by then, or is retired already.
    """
    with writing(provenance) as write:
        saved = Trend.locked(trend.pk)
        if saved.is_retired():
            raise ValidationError(_("This trend is already retired."), code="retired")
        write.announce([saved])
        saved.retired = on or timezone.localdate()
        _save(saved)
        write.record(Action.RETIRED, saved)
    return saved


def _save(trend: Trend) -> None:
    """Save a trend that is locked and was changed, if its dates agree."""
    trend.clean()
    trend.count_change()
    trend.save()
