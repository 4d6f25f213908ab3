"""Days as the site has them, in its time zone."""

import datetime

from django.utils import timezone


def beginning_of(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day begins."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
