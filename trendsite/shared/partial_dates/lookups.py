"""Lookups of partial dates; see `PartialDateField`."""

import datetime
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Transform
from django.db.models.sql.compiler import SQLCompiler

from trendsite.shared.days import text_of
from trendsite.shared.partial_dates.columns import PartialDateField
from trendsite.shared.partial_dates.units import MONTHS, Precision
from trendsite.shared.partial_dates.value import COLUMN_CODES, PartialDate

Sql = tuple[str, tuple[str | int, ...]]


@PartialDateField.register_lookup
class _Year(Transform):
    lookup_name = "year"
    function = "SUBSTR"
    output_field = models.IntegerField()

    template = "CAST(%(function)s(%(expressions)s, 1, 4) AS INTEGER)"


class _Lookup(models.Lookup[Any]):
    prepare_rhs = False  # the right-hand side is not a value of the column


@PartialDateField.register_lookup
class _BeginsBefore(_Lookup):
    """True for dates whose first day is before the day on the right."""

    lookup_name = "begins_before"
    sign = "<"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        lhs, params = self.process_lhs(compiler, connection)
        # The text of a column begins with the first day, and is greater than the day alone.
        return f"{lhs} {self.sign} %s", (*params, text_of(self.rhs))


@PartialDateField.register_lookup
class _BeginsFrom(_BeginsBefore):
    """True for dates whose first day is the day on the right or later."""

    lookup_name = "begins_from"
    sign = ">="


@PartialDateField.register_lookup
class _BeginsIn(_Lookup):
    """True for dates whose first day is in the date on the right."""

    lookup_name = "begins_in"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        date: PartialDate = self.lhs.output_field.to_python(self.rhs)
        # The digit after the day is at most 4, so that “.9” is greater than all texts of that day.
        first, last = date.first_day.isoformat(), f"{date.last_day.isoformat()}.9"
        return f"({lhs} >= %s AND {lhs} <= %s)", (*lhs_params, first, *lhs_params, last)


@PartialDateField.register_lookup
class _EndedBefore(_Lookup):
    """True for dates whose last day is before the day on the right."""

    lookup_name = "ended_before"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        day: datetime.date = self.rhs
        # A long text has the last day at this position; SUBSTR of a short one is empty.
        tests = [f"(SUBSTR({lhs}, 14, 10) > %s AND SUBSTR({lhs}, 14, 10) < %s)"]
        params: list[str | int] = [*lhs_params, "", *lhs_params, text_of(day)]
        # A unit has ended if it began before the unit of the same precision that contains the day.
        for precision in (Precision.YEAR, Precision.QUARTER, Precision.MONTH, Precision.DAY):
            begin, code = text_of(day, MONTHS.get(precision, 0)), COLUMN_CODES[precision]
            tests.append(f"({lhs} < %s AND SUBSTR({lhs}, 12) = %s)")
            params += [*lhs_params, begin, *lhs_params, code]
        return f"({' OR '.join(tests)})", tuple(params)
