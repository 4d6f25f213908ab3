"""The units of the calendar that partial dates are made of, and fiscal years."""

import calendar
import datetime
import enum
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings

from trendsite.shared.days import first_of


class Precision(enum.IntEnum):
    """How exact a partial date is. A coarser precision compares as less than a finer one."""

    YEAR = 1
    HALF = 2
    QUARTER = 3
    MONTH = 4
    DAY = 5


MONTHS = {Precision.YEAR: 12, Precision.HALF: 6, Precision.QUARTER: 3, Precision.MONTH: 1}
"""The number of months of each precision but the day."""


@dataclass(frozen=True)
class CalendarUnit:
    """A year, half, quarter, month or day, given by its first day and its precision.

    Raises ValueError if no unit of that precision begins on `first_day`.
    """

    first_day: datetime.date
    precision: Precision

    def __post_init__(self) -> None:
        day = self.first_day
        months = MONTHS.get(self.precision)
        if months and (day.day != 1 or (day.month - 1) % months):
            raise ValueError(f"{day} does not begin a {self.precision.name.lower()}")

    @classmethod
    def holding(cls, day: datetime.date, precision: Precision) -> "CalendarUnit":
        """Return the unit of a precision that contains a day."""
        months = MONTHS.get(precision)
        if months:
            day = first_of(day, months)
        return cls(day, precision)

    @property
    def last_day(self) -> datetime.date:
        """Return the last day of the unit."""
        first = self.first_day
        if self.precision == Precision.DAY:
            return first
        month = first.month + MONTHS[self.precision] - 1
        return first.replace(month=month, day=calendar.monthrange(first.year, month)[1])

    @property
    def number(self) -> int:
        """Return the number of a half or quarter in its year, from 1."""
        return (self.first_day.month - 1) // MONTHS[self.precision] + 1


class UnitRange(NamedTuple):
    """The first and the last unit of a span of time. They are equal if it is one unit."""

    first: CalendarUnit
    last: CalendarUnit


def fiscal_start() -> int | None:
    """Return the month in which the site's fiscal years begin, or None."""
    month: int | None = settings.FISCAL_YEAR_START
    return month


def fiscal_span(year: int, start: int, precision: Precision, number: int = 1) -> UnitRange:
    """Return a fiscal year, or its half or quarter `number`, as units of the calendar.

    A fiscal year has the number of the calendar year in which it begins. `start` is its first
    month. Raises ValueError for a date after the year 9999.
    """
    months = MONTHS[precision]
    if not 1 <= number <= 12 // months:
        raise ValueError(f"a year has no {precision.name.lower()} {number}")
    begin = year * 12 + start - 1 + (number - 1) * months
    first_day = _first_of(begin)
    if not begin % 12 % months:
        unit = CalendarUnit(first_day, precision)
        return UnitRange(unit, unit)
    return UnitRange(
        CalendarUnit(first_day, Precision.MONTH),
        CalendarUnit(_first_of(begin + months - 1), Precision.MONTH),
    )


def fiscal_year_of(span: UnitRange) -> int | None:
    """Return the number of a fiscal year of the site, None if the span is not one."""
    start = fiscal_start()
    first = span.first
    if start and first.precision == Precision.MONTH and first.first_day.month == start:
        year = first.first_day.year
        if year < datetime.MAXYEAR and span == fiscal_span(year, start, Precision.YEAR):
            return year
    return None


def _first_of(months: int) -> datetime.date:
    """Return the first day of a month, given as months since the year 0."""
    return datetime.date(months // 12, months % 12 + 1, 1)
