"""What moved of late: computed from the assessments of a trend, never set by hand.

A trend is *new* while its first assessment is recent. It has *moved* while its newest
assessment is recent and differs in status or confidence from the one before; a trend may be
both. Recent is what lies within the last `RECENT_DAYS` days (a setting), a vague date counting
from its first day. An assessment dated ahead counts at once, as it does for the badges.

The database says the same by `TrendQuerySet.with_movement()`; one test runs both over the same
cases.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from django.conf import settings

from trendsite.shared.partial_dates import PartialDate, Precision

_STATUSES = ["emerging", "growing", "established", "declining"]
_CONFIDENCES = ["low", "medium", "high"]

Direction = Literal["", "forward", "back", "surer", "less-sure"]


class Judged(Protocol):
    """An assessment, or what is known of one."""

    date: PartialDate
    status: str
    confidence: str


@dataclass(frozen=True)
class Movement:
    """How a trend moved of late; false where it did not.

    `before` and `after` are the two assessments that differ, both None where none do.
    """

    is_new: bool = False
    before: Judged | None = None
    after: Judged | None = None

    def __bool__(self) -> bool:
        return self.is_new or self.moved

    @property
    def moved(self) -> bool:
        return self.before is not None

    @property
    def status_moved(self) -> bool:
        return self.moved and self.before.status != self.after.status

    @property
    def confidence_moved(self) -> bool:
        return self.moved and self.before.confidence != self.after.confidence

    @property
    def direction(self) -> Direction:
        """Along the way from emerging to declining; of a status that stays, how sure of it."""
        if self.status_moved:
            ahead = _STATUSES.index(self.after.status) > _STATUSES.index(self.before.status)
            return "forward" if ahead else "back"
        if self.confidence_moved:
            surer = _CONFIDENCES.index(self.after.confidence) > _CONFIDENCES.index(
                self.before.confidence
            )
            return "surer" if surer else "less-sure"
        return ""


def recent_from(today: datetime.date) -> PartialDate:
    """The least date that is recent on a day: the coarsest one that begins `RECENT_DAYS` ago."""
    first_day = today - datetime.timedelta(days=settings.RECENT_DAYS)
    # A year, quarter or month sorts before the day on which it begins.
    begins = {
        Precision.YEAR: first_day.month == first_day.day == 1,
        Precision.QUARTER: first_day.day == 1 and first_day.month % 3 == 1,
        Precision.MONTH: first_day.day == 1,
        Precision.DAY: True,
    }
    return PartialDate(first_day, next(precision for precision in begins if begins[precision]))


def movement_of(assessments: Iterable[Judged], today: datetime.date) -> Movement:
    """How a trend with these assessments, in any order, had moved on a day."""
    by_date = sorted(assessments, key=lambda assessment: assessment.date)
    if not by_date:
        return Movement()
    recent = recent_from(today)
    is_new = by_date[0].date >= recent
    if len(by_date) > 1 and by_date[-1].date >= recent:
        before, after = by_date[-2:]
        if (before.status, before.confidence) != (after.status, after.confidence):
            return Movement(is_new, before, after)
    return Movement(is_new)
