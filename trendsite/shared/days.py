"""Days as the site has them, in its time zone.

`today()` is the only place where pages learn the day. It returns a date that also notes what is
learned from it, so that a page that is kept (`trendsite.kept`) knows until when it is true:

- a comparison notes the day on which it turns out otherwise, the year and the month the day on
  which they end, and anything else, such as the day of the month, tomorrow;
- a query gets it as a `Today` or a `DayText`, whose `at()` returns the same of another day, so that
  the query can be asked as of then.
"""

import datetime
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Self

from django.utils import timezone

_ONE_DAY = datetime.timedelta(days=1)


def today() -> "Today":
    """Return the day in the site's time zone."""
    return Today(timezone.localdate())


def day_of(moment: datetime.datetime) -> datetime.date:
    """Return the day of a moment in the site's time zone."""
    return timezone.localdate(moment)


def beginning_of(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day begins."""
    return timezone.make_aware(datetime.datetime(day.year, day.month, day.day))


def first_of(day: datetime.date, months: int) -> datetime.date:
    """Return the first day of the unit of 1, 3, 6 or 12 months that holds a day."""
    return day.replace(month=day.month - (day.month - 1) % months, day=1)


def text_of(day: datetime.date, months: int = 0) -> str:
    """Return a day as a query has it, or the first day of the unit of `months` that holds it."""
    if isinstance(day, Today):
        return DayText(day, months)
    return (first_of(day, months) if months else day).isoformat()


class NextChange:
    """The first day on which something that was learned from today is otherwise."""

    def __init__(self) -> None:
        self.day = datetime.date.max


_noted: ContextVar[NextChange | None] = ContextVar("noted", default=None)


@contextmanager
def next_change() -> Iterator[NextChange]:
    """Note what the block learns from today, but for what it learns by queries."""
    noted = NextChange()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def _comparison(compare: Callable[[Any, Any], bool]) -> Callable[["Today", Any], bool]:
    def method(self: "Today", other: Any) -> bool:
        if isinstance(other, Today):
            return compare(self.date, other.date)  # both move on alike
        found = compare(self.date, other)
        if isinstance(other, datetime.date):
            with suppress(OverflowError):  # after the year 9999
                for day in (other, other + _ONE_DAY):
                    if compare(day, other) != found:
                        self.note_reaching(day)
        return found

    return method


class Today(datetime.date):
    """The day that is `offset` days after `now`, the present day. `date` is the same, unnoted."""

    now: datetime.date
    offset: int
    date: datetime.date

    def __new__(cls, now: datetime.date, offset: int = 0) -> Self:
        date = now + datetime.timedelta(days=offset)
        self = super().__new__(cls, date.year, date.month, date.day)
        self.now, self.offset, self.date = now, offset, date
        return self

    def at(self, now: datetime.date) -> "Today":
        """Return what this day is when the present day is `now`."""
        return Today(now, self.offset)

    def note_reaching(self, day: datetime.date) -> None:
        """Note when this day will be `day`, if it is earlier."""
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
        # The 32nd day of a month is in the next one.
        self.note_reaching(first_of(first_of(self.date, 1) + 31 * _ONE_DAY, 1))
        return self.date.month

    @property
    def day(self) -> int:
        self.note_tomorrow()
        return self.date.day

    def replace(  # type: ignore[override]
        self, year: int | None = None, month: int | None = None, day: int | None = None
    ) -> datetime.date:
        """Return a date with other parts; those that stay are noted."""
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
        """Let SQLite have the day."""
        return self.date.isoformat()

    def __reduce__(self) -> Any:
        return Today, (self.now, self.offset)

    def __deepcopy__(self, _memo: Any) -> Self:
        return self


class DayText(str):
    """A day that follows from the present one, as a query has it; perhaps with a text behind.

    `months` says that it is the first day of the unit of so many months that holds `day`.
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
        """Return what this text is when the present day is `now`."""
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
