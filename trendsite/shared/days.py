"""The present day in the site's time zone, which records how long what depends on it stays valid.

Pages get the day from `today()` alone. It returns a date that records how it is used, so that the
cache of pages (`trendsite.kept`) knows until when a page is valid:

- a comparison records the first day on which its result changes; reading the year or the month
  records the day on which it ends; any other use, such as the day of the month, records tomorrow
- a query gets the day as a `Today` or a `DayText`. Their method `at()` returns the same parameter
  for another day, so that the query can be run as of that day
"""

import datetime
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Self

from django.utils import timezone

_ONE_DAY = datetime.timedelta(days=1)
_FIRST_MOMENT = datetime.datetime.min.replace(tzinfo=datetime.UTC) + _ONE_DAY


def today() -> "Today":
    """Return the present day in the site's time zone."""
    return Today(timezone.localdate())


def day_of(moment: datetime.datetime) -> datetime.date:
    """Return the day of a moment in the site's time zone."""
    return timezone.localdate(moment)


def beginning_of(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day begins, of the first day of all that of the second.

    Python cannot convert the first moments of the year 1 to all time zones.
    """
    moment = timezone.make_aware(datetime.datetime(day.year, day.month, day.day))
    return max(moment, _FIRST_MOMENT)


def first_of(day: datetime.date, months: int) -> datetime.date:
    """Return the first day of the month, quarter, half or year (`months`) that a day is in."""
    return day.replace(month=day.month - (day.month - 1) % months, day=1)


def text_of(day: datetime.date, months: int = 0) -> str:
    """Return a day in ISO format for a query; with `months`, the day that `first_of()` returns."""
    if isinstance(day, Today):
        return DayText(day, months)
    return (first_of(day, months) if months else day).isoformat()


class NextChange:
    """The first day on which something that depends on today changes."""

    def __init__(self) -> None:
        self.day = datetime.date.max


_noted: ContextVar[NextChange | None] = ContextVar("noted", default=None)


@contextmanager
def next_change() -> Iterator[NextChange]:
    """Record how the block uses `today()`, except in queries."""
    noted = NextChange()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def _comparison(compare: Callable[[Any, Any], bool]) -> Callable[["Today", Any], bool]:
    def method(self: "Today", other: Any) -> bool:
        if isinstance(other, Today):
            return compare(self.date, other.date)  # the same on every day
        found = compare(self.date, other)
        if isinstance(other, datetime.date):
            with suppress(OverflowError):  # after the year 9999
                for day in (other, other + _ONE_DAY):
                    if compare(day, other) != found:
                        self.note_reaching(day)
        return found

    return method


class Today(datetime.date):
    """The day `offset` days after `now`, the present day.

    `date` is the same day as a plain date, whose uses are not recorded.
    """

    now: datetime.date
    offset: int
    date: datetime.date

    def __new__(cls, now: datetime.date, offset: int = 0) -> Self:
        date = now + datetime.timedelta(days=offset)
        self = super().__new__(cls, date.year, date.month, date.day)
        self.now, self.offset, self.date = now, offset, date
        return self

    def at(self, now: datetime.date) -> "Today":
        """Return the day with the same offset from another present day."""
        return Today(now, self.offset)

    def note_reaching(self, day: datetime.date) -> None:
        """Record the present day on which this day will be `day`, if that is the earliest."""
        noted = _noted.get()
        if noted and self.date < day:
            with suppress(OverflowError):
                noted.day = min(noted.day, day - datetime.timedelta(days=self.offset))

    def note_tomorrow(self) -> None:
        self.note_reaching(self.date + _ONE_DAY)

    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)
    __eq__, __ne__ = _comparison(operator.eq), _comparison(operator.ne)
    __hash__ = datetime.date.__hash__

    @property
    def year(self) -> int:
        if self.date.year < datetime.MAXYEAR:
            self.note_reaching(datetime.date(self.date.year + 1, 1, 1))
        return self.date.year

    @property
    def month(self) -> int:
        # 31 days after the first of a month is a day of the next month.
        self.note_reaching(first_of(first_of(self.date, 1) + 31 * _ONE_DAY, 1))
        return self.date.month

    @property
    def day(self) -> int:
        self.note_tomorrow()
        return self.date.day

    def replace(  # type: ignore[override]
        self, year: int | None = None, month: int | None = None, day: int | None = None
    ) -> datetime.date:
        """Return a plain date with other parts. The use of those that stay is recorded."""
        return datetime.date(
            self.year if year is None else year,
            self.month if month is None else month,
            self.day if day is None else day,
        )

    def __add__(self, span: datetime.timedelta) -> "Today":
        return Today(self.now, self.offset + span.days)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, datetime.timedelta):
            return Today(self.now, self.offset - other.days)
        self.note_tomorrow()
        return self.date - other

    def __rsub__(self, other: datetime.date) -> datetime.timedelta:
        self.note_tomorrow()
        return other - self.date

    def isoformat(self) -> str:
        return DayText(self)

    __str__ = isoformat

    def __conform__(self, _protocol: Any) -> str:
        """Return the value for SQLite. Its use is not recorded, as in any query."""
        return self.date.isoformat()

    def __reduce__(self) -> Any:
        return Today, (self.now, self.offset)

    def __deepcopy__(self, _memo: Any) -> Self:
        return self


class DayText(str):
    """The text of a `Today`, as a parameter of a query, followed by `suffix`.

    With `months`, it is the text of the day that `first_of()` returns.
    """

    day: Today
    months: int
    suffix: str

    def __new__(cls, day: Today, months: int = 0, suffix: str = "") -> Self:
        date = first_of(day.date, months) if months else day.date
        self = super().__new__(cls, date.isoformat() + suffix)
        self.day, self.months, self.suffix = day, months, suffix
        return self

    def at(self, now: datetime.date) -> "DayText":
        """Return the text for another present day."""
        return DayText(self.day.at(now), self.months, self.suffix)

    def __add__(self, suffix: str) -> "DayText":
        return DayText(self.day, self.months, self.suffix + suffix)

    __hash__ = str.__hash__

    def __reduce__(self) -> Any:
        return DayText, (self.day, self.months, self.suffix)

    def __deepcopy__(self, _memo: Any) -> Self:
        return self


def _noting_tomorrow(name: str, kind: type[Any]) -> Callable[..., Any]:
    inner = getattr(kind, name)

    def method(self: Any, *args: Any) -> Any:
        (self.day if isinstance(self, DayText) else self).note_tomorrow()
        return inner(self, *args)

    return method


for _name in (
    *("__format__", "ctime", "isocalendar", "isoweekday", "strftime", "timetuple", "toordinal"),
    "weekday",
):
    setattr(Today, _name, _noting_tomorrow(_name, datetime.date))
for _name in (
    *("__str__", "__format__", "__getitem__", "__iter__", "__lt__", "__le__", "__gt__", "__ge__"),
    *("__eq__", "__ne__"),
):
    setattr(DayText, _name, _noting_tomorrow(_name, str))
