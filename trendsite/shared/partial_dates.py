"""Partial dates: a year, a quarter, a month or a day, as exact as the evidence allows.

`PartialDate` is the one value type for them in the whole project; the model field, the form
field and the lookups for it are here too. A database column stores the first day and the
precision as text, such as `2024-07-01.2` for the third quarter of 2024. This sorts by first
day, then the coarser first, on every database.
"""

import calendar
import datetime
import enum
import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.lookups import Transform
from django.db.models.sql.compiler import SQLCompiler
from django.utils import formats
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _


class Precision(enum.IntEnum):
    """How exact a partial date is. A coarser precision compares as less than a finer one."""

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
    """A year, quarter, month or day, given by its first day and its precision.

    Sorts by first day, then the coarser first. `str()` returns the canonical form, which
    `parse()` reads: `2024`, `2024-Q3`, `2025-06`, `2025-12-18`. Raises ValueError where no
    span of that precision begins on `first_day`.
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
        """Return the date that a person wrote as `2024`, `2024 Q3`, `2025-06` or `2025-06-15`.

        Full-width digits and the Japanese forms (2024年第3四半期, 2025年6月) are read too.
        Raises ValidationError for anything else, including days that do not exist.
        """
        plain = unicodedata.normalize("NFKC", text).strip()
        match = _WRITTEN.fullmatch(plain) or _WRITTEN_IN_JAPANESE.fullmatch(plain)
        if not match:
            raise _invalid(text)
        year, month = int(match["year"]), match["month"]
        try:
            if match["quarter"]:
                first_month = 3 * int(match["quarter"]) - 2
                return cls(datetime.date(year, first_month, 1), Precision.QUARTER)
            if not month:
                return cls(datetime.date(year, 1, 1), Precision.YEAR)
            if not match["day"]:
                return cls(datetime.date(year, int(month), 1), Precision.MONTH)
            return cls(datetime.date(year, int(month), int(match["day"])), Precision.DAY)
        except ValueError as error:
            raise _invalid(text) from error

    @classmethod
    def from_date(cls, day: datetime.date) -> "PartialDate":
        """Return a partial date as exact as a day."""
        return cls(day, Precision.DAY)

    @property
    def last_day(self) -> datetime.date:
        """The last day of the span."""
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
        """The value of `<time datetime>`; "" for a quarter, which HTML cannot express."""
        return "" if self.precision == Precision.QUARTER else str(self)

    def display(self) -> str:
        """Return the date as the active language writes it: `2024 Q2`, `2025年6月`."""
        return _displayed(self, get_language())

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
        """Return the text that a database column stores."""
        return f"{self.first_day.isoformat()}.{self.precision.value}"

    @classmethod
    def from_column(cls, column: str) -> "PartialDate":
        """Return the date that `to_column()` wrote as `column`."""
        first_day, precision = column.split(".")
        return cls(datetime.date.fromisoformat(first_day), Precision(int(precision)))


@functools.lru_cache(maxsize=4096)
def _displayed(date: PartialDate, language: str | None) -> str:
    """Return the date as the active language, which is `language`, writes it.

    Cached, since a page shows the same dates many times.
    """
    match date.precision:
        case Precision.YEAR:
            pattern = pgettext("date format of a year", "Y")
        case Precision.QUARTER:
            return pgettext("partial date", "%(year)d Q%(quarter)d") % {
                "year": date.first_day.year,
                "quarter": date.quarter,
            }
        case Precision.MONTH:
            pattern = pgettext("date format of a month", "F Y")
        case Precision.DAY:
            pattern = pgettext("date format of a day", "j F Y")
    return formats.date_format(date.first_day, pattern)


def _invalid(text: str) -> ValidationError:
    return ValidationError(
        _("“%(text)s” is not a date. Enter 2024, 2024-Q3, 2024-08 or 2024-08-15."),
        code="invalid",
        params={"text": text},
    )


# What may be assigned to a field, and what is read from it; None as well where the column is null.
Assigned = TypeVar("Assigned", contravariant=True)
Read = TypeVar("Read", covariant=True)


class PartialDateField(models.Field[Assigned, Read]):
    """A model field for partial dates, which the database can sort and filter.

    Lookups: the comparisons (`since__gte=PartialDate.parse("2025")`), `since__year=2025`,
    `since__during=PartialDate.parse("2025-Q2")` for dates inside a span, and
    `since__ended_before=datetime.date(2025, 6, 1)` for dates whose last day is before a day.
    """

    # The plugin of django-stubs takes `Assigned` and `Read` from these.
    _pyi_private_set_type: PartialDate | str
    _pyi_private_get_type: PartialDate

    description = _("Partial date")

    def get_internal_type(self) -> str:
        return "CharField"

    # Any, here and below: the types of Django's own signatures.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 12
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        """Return a condition that refuses what `from_db_value()` cannot read.

        It lets the 31st of a shorter month pass.
        """
        column = connection.ops.quote_name(str(self.column))
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

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> PartialDate | None:
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

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": PartialDateFormField, **kwargs})


class PartialDateFormField(forms.CharField):
    """A form field for a partial date in any form that `PartialDate.parse()` reads."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("max_length", None)  # of the column, not of what a person writes
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 14, "placeholder": "2025-06"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> str:
        return "" if value is None else str(value)

    # A CharField's value is a text; this one's is what its cleaning makes of the text.
    def to_python(self, value: Any) -> PartialDate | None:  # type: ignore[override]
        if isinstance(value, PartialDate):
            return value
        text = super().to_python(value)
        return PartialDate.parse(text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


@PartialDateField.register_lookup
class _Year(Transform):
    lookup_name = "year"
    function = "SUBSTR"
    output_field = models.IntegerField()

    template = "CAST(%(function)s(%(expressions)s, 1, 4) AS INTEGER)"


@PartialDateField.register_lookup
class _During(models.Lookup[Any]):
    """True for dates at least as exact as the span on the right, and inside it."""

    lookup_name = "during"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        span: PartialDate = self.lhs.output_field.to_python(self.rhs)
        # No precision is written "9", so the last day's entries of all precisions are below.
        first, last = span.to_column(), f"{span.last_day.isoformat()}.9"
        # A coarser date with the same first day sorts before the span.
        return f"({lhs} >= %s AND {lhs} <= %s)", (*lhs_params, first, *lhs_params, last)


@PartialDateField.register_lookup
class _EndedBefore(models.Lookup[bool]):
    """True for dates whose last day is before the day on the right."""

    lookup_name = "ended_before"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        day: datetime.date = self.rhs
        # A span has ended when it began before the span of its own precision that holds the day.
        holding = {
            Precision.YEAR: day.replace(month=1, day=1),
            Precision.QUARTER: day.replace(month=day.month - (day.month - 1) % 3, day=1),
            Precision.MONTH: day.replace(day=1),
            Precision.DAY: day,
        }
        tests: list[str] = []
        params: list[str | int] = []
        for precision, first_day in holding.items():
            tests.append(f"({lhs} < %s AND SUBSTR({lhs}, 12, 1) = %s)")
            params += [*lhs_params, first_day.isoformat(), *lhs_params, str(precision.value)]
        return f"({' OR '.join(tests)})", tuple(params)
