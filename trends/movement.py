"""The recent movement of a trend, as pages show it.

A trend is *new* while its first assessment is recent. It has *moved* while its newest assessment
is recent and differs in status or confidence from the one before. It may be both. Assessments that
were reconstructed afterwards or are dated in the future do not count. Recent means within the last
`RECENT_DAYS` days (a setting); a vague date counts by its first day.

`TrendQuerySet.with_movement()` applies these rules in the database.
"""

import datetime
from dataclasses import dataclass
from typing import Literal, Self

from django.conf import settings

from trends.levels import Confidence, Status

Direction = Literal["", "forward", "back", "surer", "less-sure"]


@dataclass(frozen=True)
class Judgement:
    """The status and the confidence of an assessment."""

    status: Status
    confidence: Confidence

    @classmethod
    def of(cls, status: str, confidence: str) -> Self:
        """Return the judgement with two values of the database."""
        return cls(Status(status), Confidence(confidence))


@dataclass(frozen=True)
class Movement:
    """The recent movement of a trend; falsy if there is none.

    `before` and `after` are two judgements that differ, or both None.
    """

    is_new: bool = False
    before: Judgement | None = None
    after: Judgement | None = None

    def __bool__(self) -> bool:
        return self.is_new or self.moved

    @property
    def moved(self) -> bool:
        return self.before is not None

    @property
    def status_moved(self) -> bool:
        return bool(self.before and self.after and self.before.status != self.after.status)

    @property
    def confidence_moved(self) -> bool:
        return bool(self.before and self.after and self.before.confidence != self.after.confidence)

    @property
    def direction(self) -> Direction:
        """Return the direction of the status from emerging to declining, else of the confidence."""
        if not self.before or not self.after:
            return ""
        before, after = (list(Status).index(one.status) for one in (self.before, self.after))
        if before != after:
            return "forward" if after > before else "back"
        before, after = (
            list(Confidence).index(one.confidence) for one in (self.before, self.after)
        )
        if before != after:
            return "surer" if after > before else "less-sure"
        return ""


def recent_from(today: datetime.date) -> datetime.date:
    """Return the first day that is recent, `RECENT_DAYS` ago."""
    return today - datetime.timedelta(days=settings.RECENT_DAYS)
