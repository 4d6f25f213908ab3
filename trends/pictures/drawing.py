"""Functions that all pictures share: lines of text, and numbers in paths."""

import datetime
from dataclasses import dataclass

from django.utils.safestring import SafeString

from trendsite.shared.partial_dates import PartialDate, Precision


@dataclass(frozen=True)
class Text:
    """One line of text, and the start of its baseline."""

    x: float
    y: float
    text: str

    @property
    def place(self) -> SafeString:
        """Return the attributes `x` and `y`. Formatting numbers in a template is slower."""
        return SafeString(f'x="{self.x}" y="{self.y}"')


def text_at(x: float, y: float, text: str) -> Text:
    """Return a text with its coordinates rounded to a tenth of a pixel."""
    return Text(round(x, 1), round(y, 1), text)


def month_of(day: datetime.date) -> PartialDate:
    """Return the month of a day. Pictures show the present as a month."""
    return PartialDate(day.replace(day=1), Precision.MONTH)


def middle_of(month: PartialDate) -> datetime.date:
    """Return the day in the middle of a month."""
    return month.first_day.replace(day=15)


def in_path(value: float) -> str:
    """Return a number as text for an SVG path."""
    return f"{round(value, 1):g}"
