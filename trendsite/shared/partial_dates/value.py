"""The type of a partial date."""

import datetime
import functools
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import get_language

from trendsite.shared.partial_dates import reading, showing
from trendsite.shared.partial_dates.units import CalendarUnit, Precision, UnitRange, fiscal_start

COLUMN_CODES = {
    Precision.YEAR: "1",
    Precision.QUARTER: "2",
    Precision.MONTH: "3",
    Precision.DAY: "4",
    Precision.HALF: "5",
}
"""The digits of the precisions in a column."""
_PRECISIONS = {code: precision for precision, code in COLUMN_CODES.items()}
_IN_A_SHORT_COLUMN = (Precision.YEAR, Precision.QUARTER, Precision.MONTH, Precision.DAY)


@functools.total_ordering
@dataclass(frozen=True)
class PartialDate:
    """A year, half, quarter, month or day, or a range of these; it may be approximate (`about`).

    `first_day` and `precision` are those of the unit or, for a range, of its first unit. `last` is
    the last unit of a range, else None. Raises ValueError if no unit of that precision begins on
    `first_day`, or if a range ends before it begins.

    Dates are ordered by first day, then coarser ones first. Halves, ranges and approximate dates
    come before the coarsest of year, quarter and month that they contain from their first day on.
    Of two of these the one that ends earlier is first.

    `str()` returns the form for files and programs, which `parse()` reads. It is EDTF (ISO 8601-2),
    except that a quarter is `2024-Q3`.
    """

    first_day: datetime.date
    precision: Precision
    last: CalendarUnit | None = None
    about: bool = False

    def __post_init__(self) -> None:
        first = CalendarUnit(self.first_day, self.precision)
        if self.last and (
            self.last == first
            or self.last.first_day < first.first_day
            or self.last.last_day < first.last_day
        ):
            raise ValueError(f"{self.last} does not end a range that begins with {first}")

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Parse a date that a person wrote, such as `2024 Q3`, “March–June 2024” or 令和6年6月.

        `trendsite.shared.partial_dates.reading` describes the forms. Raises ValidationError for
        anything else, also for days that do not exist.
        """
        (first, last), about = reading.read(text)
        return cls(first.first_day, first.precision, None if last == first else last, about)

    @classmethod
    def from_date(cls, day: datetime.date) -> "PartialDate":
        """Return the partial date for an exact day."""
        return cls(day, Precision.DAY)

    @property
    def _span(self) -> UnitRange:
        first = CalendarUnit(self.first_day, self.precision)
        return UnitRange(first, self.last or first)

    @property
    def last_day(self) -> datetime.date:
        """Return the last day of the date."""
        return self._span.last.last_day

    @property
    def coarsest(self) -> Precision:
        """Return the precision or, for a range, that of the coarser end."""
        return min(self.precision, self.last.precision) if self.last else self.precision

    @property
    def html_datetime(self) -> str:
        """Return the value of `<time datetime>`.

        It is "" for halves, quarters, ranges and approximate dates, for which HTML has no form.
        """
        if self.last or self.about or self.precision in (Precision.HALF, Precision.QUARTER):
            return ""
        return str(self)

    def display(self) -> str:
        """Return the date in the active language: `2024 Q2`, 2025年6月."""
        return _displayed(self, get_language(), fiscal_start())

    @property
    def typed(self) -> str:
        """Return the text for a form field: `2024-H1`, `2024-Q1/2024-Q3`."""
        return self._in_units(_typed)

    def __str__(self) -> str:
        if self.precision == Precision.QUARTER and not self.last and not self.about:
            return self.typed
        return self._in_units(_in_edtf)

    def _in_units(self, write: Callable[[CalendarUnit], str]) -> str:
        mark = "~" if self.about else ""
        units = self._span if self.last else self._span[:1]
        return "/".join(write(unit) + mark for unit in units)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PartialDate):
            return NotImplemented
        return self.to_column() < other.to_column()

    def to_column(self) -> str:
        """Return the text that a database column stores.

        A year, quarter, month or day is `2024-07-01.2`: the first day and the precision. Any other
        date is `2024-03-01.1.2024-06-30.330`: the first day, a digit for its place in the order,
        the last day, the precisions of the first and the last unit, and 1 if it is approximate.
        The place is 0 for a date that contains a year from its first day on, 1 for a shorter one,
        2 if it contains no quarter, 3 if it contains no month. So texts and dates have the same
        order, in every collation.
        """
        if self.precision in _IN_A_SHORT_COLUMN and not self.last and not self.about:
            return self.first_day.isoformat() + f".{COLUMN_CODES[self.precision]}"
        first, last = self._span
        codes = f"{COLUMN_CODES[first.precision]}{COLUMN_CODES[last.precision]}{self.about:d}"
        return f"{first.first_day.isoformat()}.{self._place}.{last.last_day.isoformat()}.{codes}"

    @property
    def _place(self) -> int:
        coarse = (Precision.YEAR, Precision.QUARTER, Precision.MONTH)
        holding = [CalendarUnit.holding(self.first_day, precision) for precision in coarse]
        last_day = self.last_day
        return sum(unit.last_day > last_day for unit in holding)

    @classmethod
    def from_column(cls, column: str) -> "PartialDate":
        """Return the date that `to_column()` wrote as `column`."""
        first_text, code, *more = column.split(".")
        first_day = datetime.date.fromisoformat(first_text)
        if not more:
            return cls(first_day, _PRECISIONS[code])
        last_text, codes = more
        first_code, last_code, about = tuple(codes)
        first = CalendarUnit(first_day, _PRECISIONS[first_code])
        last = CalendarUnit.holding(datetime.date.fromisoformat(last_text), _PRECISIONS[last_code])
        return cls(first_day, first.precision, None if last == first else last, about == "1")


def _typed(unit: CalendarUnit) -> str:
    """Return a unit as people type it."""
    match unit.precision:
        case Precision.YEAR:
            return f"{unit.first_day.year:04}"
        case Precision.HALF:
            return f"{unit.first_day.year:04}-H{unit.number}"
        case Precision.QUARTER:
            return f"{unit.first_day.year:04}-Q{unit.number}"
        case Precision.MONTH:
            return unit.first_day.isoformat()[:7]
        case Precision.DAY:
            return unit.first_day.isoformat()


def _in_edtf(unit: CalendarUnit) -> str:
    """Return a unit in EDTF, where quarters are 33 to 36 and halves 40 and 41."""
    match unit.precision:
        case Precision.HALF:
            return f"{unit.first_day.year:04}-{39 + unit.number}"
        case Precision.QUARTER:
            return f"{unit.first_day.year:04}-{32 + unit.number}"
        case _:
            return _typed(unit)


@functools.lru_cache(maxsize=4096)
def _displayed(date: PartialDate, _language: str | None, _fiscal_start: int | None) -> str:
    """Return a date in the active language. Cached, since a page repeats the same dates."""
    return showing.show(date._span, date.about)
