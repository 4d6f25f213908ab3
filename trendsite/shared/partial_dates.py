"""Partial dates: a year, a quarter, a month or a day, as exact as the evidence allows.

One value type for the whole project, with the model field, form field and lookups that go
with it. In a database column a partial date is its first day and its precision,
`2024-07-01.2` for the third quarter of 2024: plain text that sorts by first day, then the
coarser first, on every database.
"""

import calendar
import datetime
import enum
import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import Transform
from django.utils import formats
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext


class Precision(enum.IntEnum):
    """How exact a partial date is; the coarser is the smaller."""

    YEAR = 1
    QUARTER = 2
    MONTH = 3
    DAY = 4


_WRITTEN = re.compile(
    r"""(?P<year>\d{4})
        (?: (?:-|\ )? Q(?P<quarter>\d)
          | -(?P<month>\d{1,2}) (?: -(?P<day>\d{1,2}) )?
        )?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_WRITTEN_IN_JAPANESE = re.compile(
    r"""(?P<year>\d{4})年
        (?: 第?(?P<quarter>\d)四半期
          | (?P<month>\d{1,2})月 (?: (?P<day>\d{1,2})日 )?
        )?""",
    re.VERBOSE | re.ASCII,
)


@functools.total_ordering
@dataclass(frozen=True)
class PartialDate:
    """A span of time named by its year and, where known, quarter or month and day.

    Sorts by first day, then the coarser first. `str()` gives the canonical form, which
    `parse()` reads: `2024`, `2024-Q3`, `2025-06`, `2025-12-18`.
    """

    first_day: datetime.date
    precision: Precision

    def __post_init__(self) -> None:
        day = self.first_day
        if (
            (self.precision < Precision.DAY and day.day != 1)
            or (self.precision == Precision.QUARTER and day.month % 3 != 1)
            or (self.precision == Precision.YEAR and day.month != 1)
        ):
            raise ValueError(f"{day} does not begin a {self.precision.name.lower()}")

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read what a person writes: `2024`, `2024 Q3`, `2024-Q3`, `2025-06`, `2025-06-15`.

        Full-width digits and the Japanese forms (2024年第3四半期, 2025年6月) are read too.
        Raises ValidationError for anything else, a date that no calendar has included.
        """
        plain = unicodedata.normalize("NFKC", text).strip()
        match = _WRITTEN.fullmatch(plain) or _WRITTEN_IN_JAPANESE.fullmatch(plain)
        if not match:
            raise _invalid(text)
        year, quarter, month, day = (
            int(part) if part else None for part in match.group("year", "quarter", "month", "day")
        )
        try:
            if quarter is not None:
                if quarter not in range(1, 5):
                    raise _invalid(text)
                return cls(datetime.date(year, 3 * quarter - 2, 1), Precision.QUARTER)
            if month is None:
                return cls(datetime.date(year, 1, 1), Precision.YEAR)
            if day is None:
                return cls(datetime.date(year, month, 1), Precision.MONTH)
            return cls(datetime.date(year, month, day), Precision.DAY)
        except ValueError as error:
            raise _invalid(text) from error

    @classmethod
    def from_date(cls, day: datetime.date) -> "PartialDate":
        """The one day."""
        return cls(day, Precision.DAY)

    @property
    def last_day(self) -> datetime.date:
        """The last day that the span holds."""
        first = self.first_day
        if self.precision == Precision.DAY:
            return first
        month = (
            first.month
            + {Precision.YEAR: 11, Precision.QUARTER: 2, Precision.MONTH: 0}[self.precision]
        )
        return first.replace(month=month, day=calendar.monthrange(first.year, month)[1])

    @property
    def quarter(self) -> int:
        """The quarter of the first day, 1 to 4."""
        return (self.first_day.month + 2) // 3

    @property
    def html_datetime(self) -> str:
        """The value of `<time datetime>`; empty for a quarter, for which HTML has no form."""
        return "" if self.precision == Precision.QUARTER else str(self)

    def display(self) -> str:
        """The date as readers of the active language write it: `2024 Q2`, `2025年6月`."""
        match self.precision:
            case Precision.YEAR:
                pattern = pgettext("date format of a year", "Y")
            case Precision.QUARTER:
                return pgettext("partial date", "%(year)d Q%(quarter)d") % {
                    "year": self.first_day.year,
                    "quarter": self.quarter,
                }
            case Precision.MONTH:
                pattern = pgettext("date format of a month", "F Y")
            case Precision.DAY:
                pattern = pgettext("date format of a day", "j F Y")
        return formats.date_format(self.first_day, pattern)

    def __str__(self) -> str:
        year = f"{self.first_day.year:04}"
        match self.precision:
            case Precision.YEAR:
                return year
            case Precision.QUARTER:
                return f"{year}-Q{self.quarter}"
            case Precision.MONTH:
                return f"{year}-{self.first_day.month:02}"
            case Precision.DAY:
                return self.first_day.isoformat()

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PartialDate):
            return NotImplemented
        return (self.first_day, self.precision) < (other.first_day, other.precision)

    def to_column(self) -> str:
        """The text that stands in the database."""
        return f"{self.first_day.isoformat()}.{self.precision.value}"

    @classmethod
    def from_column(cls, column: str) -> "PartialDate":
        """The date that `to_column()` wrote."""
        first_day, precision = column.split(".")
        return cls(datetime.date.fromisoformat(first_day), Precision(int(precision)))


def _invalid(text: str) -> ValidationError:
    return ValidationError(
        _("“%(text)s” is not a date: write 2024, 2024-Q3, 2024-08 or 2024-08-15."),
        code="invalid",
        params={"text": text},
    )


class PartialDateField(models.Field):
    """A column of partial dates, which sorts and filters in the database.

    Lookups: the comparisons (`since__gte=PartialDate.parse("2025")`), `since__year=2025`,
    `since__during=PartialDate.parse("2025-Q2")` for dates that lie inside a span, and
    `since__ended_before=datetime.date(2025, 6, 1)` for those whose last day is past on a day.
    """

    description = _("Partial date")

    def get_internal_type(self) -> str:
        return "CharField"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 12
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def db_check(self, connection: Any) -> str:
        """Only what `from_db_value()` can read, but for the 31st of a shorter month."""
        column = connection.ops.quote_name(self.column)
        if connection.vendor == "sqlite":
            patterns = (
                "-01-01.1",
                "-0[147]-01.2",
                "-10-01.2",
                "-0[1-9]-01.3",
                "-1[012]-01.3",
                "-0[1-9]-[0-3][0-9].4",
                "-1[012]-[0-3][0-9].4",
            )
            return " OR ".join(f"{column} GLOB '[0-9][0-9][0-9][0-9]{end}'" for end in patterns)
        month = "(0[1-9]|1[012])"
        return (
            f"{column} ~ '^[0-9]{{4}}-(01-01[.]1|(01|04|07|10)-01[.]2"
            f"|{month}-01[.]3|{month}-[0-3][0-9][.]4)$'"
        )

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else PartialDate.from_column(value)

    def to_python(self, value: Any) -> PartialDate | None:
        if value is None or isinstance(value, PartialDate):
            return value
        if isinstance(value, datetime.datetime):
            value = value.date()
        if isinstance(value, datetime.date):
            return PartialDate.from_date(value)
        return PartialDate.parse(str(value))

    def get_prep_value(self, value: Any) -> str | None:
        value = self.to_python(super().get_prep_value(value))
        return None if value is None else value.to_column()

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> forms.Field:
        return super().formfield(**{"form_class": PartialDateFormField, **kwargs})


class PartialDateFormField(forms.CharField):
    """Reads a partial date in any form that `PartialDate.parse()` knows."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("max_length", None)  # of the column, not of what a person writes
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 14, "placeholder": "2025-06"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> str:
        return "" if value is None else str(value)

    def to_python(self, value: Any) -> PartialDate | None:
        if isinstance(value, PartialDate):
            return value
        text = super().to_python(value)
        return PartialDate.parse(text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


@PartialDateField.register_lookup
class _Year(Transform):
    lookup_name = "year"
    function = "SUBSTR"
    output_field = models.IntegerField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple:
        return super().as_sql(
            compiler, connection, template="CAST(SUBSTR(%(expressions)s, 1, 4) AS INTEGER)"
        )


@PartialDateField.register_lookup
class _During(models.Lookup):
    """Is the date at least as exact as the span given, and inside it?"""

    lookup_name = "during"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple:
        span = self.lhs.output_field.to_python(value)
        # No precision is written "9", so the last day's entries of all precisions are below.
        return "%s", [span.to_column(), f"{span.last_day.isoformat()}.9"]

    def as_sql(self, compiler: Any, connection: Any) -> tuple:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        first, last = self.get_db_prep_lookup(self.rhs, connection)[1]
        # A coarser date with the same first day sorts before the span.
        return f"({lhs} >= %s AND {lhs} <= %s)", [*lhs_params, first, *lhs_params, last]


@PartialDateField.register_lookup
class _EndedBefore(models.Lookup):
    """Does the last day of the span lie before a day?"""

    lookup_name = "ended_before"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        day: datetime.date = self.rhs
        # A span has ended when it began before the span of its own precision that holds the day.
        holding = {
            Precision.YEAR: day.replace(month=1, day=1),
            Precision.QUARTER: day.replace(month=day.month - (day.month - 1) % 3, day=1),
            Precision.MONTH: day.replace(day=1),
            Precision.DAY: day,
        }
        tests, params = [], []
        for precision, first_day in holding.items():
            tests.append(f"({lhs} < %s AND SUBSTR({lhs}, 12, 1) = %s)")
            params += [*lhs_params, first_day.isoformat(), *lhs_params, str(precision.value)]
        return f"({' OR '.join(tests)})", params
