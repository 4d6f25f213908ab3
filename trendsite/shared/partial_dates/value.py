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
    """A year, half, quarter, month or day, a range of them, or about one of these.

    `first_day` and `precision` are those of the unit or, of a range, of the first; `last` is the
    last unit of a range, else None. Raises ValueError where no unit of that precision begins on
    `first_day`, or where a range ends before it begins.

    Sorts by first day, then the coarser first. A half, a range and what is about right come
    before the coarsest of year, quarter and month that they fill from their first day on; of two
    of these the one that ends sooner is first.

    `str()` returns the form for files and programs, which `parse()` reads: EDTF (ISO 8601-2),
    but for a quarter alone, which has been written `2024-Q3` from the beginning.
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
        """Return the date that a person wrote, such as `2024 Q3`, “March–June 2024” or 令和6年6月.

        `trendsite.shared.partial_dates.reading` says which forms are read. Raises
        ValidationError for anything else, including days that do not exist.
        """
        (first, last), about = reading.read(text)
        return cls(first.first_day, first.precision, None if last == first else last, about)

    @classmethod
    def from_date(cls, day: datetime.date) -> "PartialDate":
        """Return a partial date as exact as a day."""
        return cls(day, Precision.DAY)

    @property
    def _span(self) -> UnitRange:
        first = CalendarUnit(self.first_day, self.precision)
        return UnitRange(first, self.last or first)

    @property
    def last_day(self) -> datetime.date:
        """The last day of the time."""
        return self._span.last.last_day

    @property
    def coarsest(self) -> Precision:
        """The precision; of a range, that of the coarser end."""
        return min(self.precision, self.last.precision) if self.last else self.precision

    @property
    def html_datetime(self) -> str:
        """The value of `<time datetime>`; "" for what HTML cannot express.

        It has no form for halves and quarters, for ranges, and for what is about right.
        """
        if self.last or self.about or self.precision in (Precision.HALF, Precision.QUARTER):
            return ""
        return str(self)

    def display(self) -> str:
        """Return the date as the active language writes it: `2024 Q2`, 2025年6月."""
        return _displayed(self, get_language(), fiscal_start())

    @property
    def typed(self) -> str:
        """The form in which a field of a form shows the date: `2024-H1`, `2024-Q1/2024-Q3`."""
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

        `2024-07-01.2` for a year, quarter, month or day: the first day and the precision.
        `2024-03-01.1.2024-06-30.330` for all else: the first day, its place in the order, the
        last day, the precisions of first and last unit, 1 if it is only about right. The place
        is a digit as well, 0 for what fills a year from the first day on, 1 for less than that,
        2 for less than a quarter, 3 for less than a month. So the order of the texts is that of
        the dates, in every collation.
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
    """Return a unit as people write it."""
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
    """Return a unit in EDTF, which has the numbers 33 to 36 for quarters, 40 and 41 for halves."""
    match unit.precision:
        case Precision.HALF:
            return f"{unit.first_day.year:04}-{39 + unit.number}"
        case Precision.QUARTER:
            return f"{unit.first_day.year:04}-{32 + unit.number}"
        case _:
            return _typed(unit)


@functools.lru_cache(maxsize=4096)
def _displayed(date: PartialDate, _language: str | None, _fiscal_start: int | None) -> str:
    """Return a date as the active language writes it. A page shows the same dates many times."""
    return showing.show(date._span, date.about)
