"""The model field of partial dates, with its CHECK constraint."""

import datetime
from collections.abc import Sequence
from typing import Any, TypeVar

from django import forms
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Value
from django.db.models.expressions import Expression
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from trendsite.shared.partial_dates.form_field import PartialDateFormField
from trendsite.shared.partial_dates.value import PartialDate

# The types that may be assigned to a field and that are read from it, with None if it is nullable.
Assigned = TypeVar("Assigned", contravariant=True)
Read = TypeVar("Read", covariant=True)

# Patterns for `PartialDate.to_column()`. SQLite reads them as globs and PostgreSQL as regular
# expressions, so they consist of characters and sets of characters only.
_DAY = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
_SHORT = f"{_DAY}[.][1-4]"
_LONG = f"{_DAY}[.][0-3][.]{_DAY}[.][1-5][1-5][01]"
_BEGINS = (
    "-01-01[15]",
    "-07-015",
    "-0[147]-012",
    "-10-012",
    "-0[1-9]-013",
    "-1[012]-013",
    "-0[1-9]-[0-3][0-9]4",
    "-1[012]-[0-3][0-9]4",
)
"""The days on which the units of each precision begin, with the digit of the precision."""
_ENDS = (
    "-12-31[1235]",
    "-06-30[25]",
    "-03-312",
    "-09-302",
    "-0[1-9]-2[89]3",
    "-0[1-9]-3[01]3",
    "-1[012]-3[01]3",
    "-0[1-9]-[0-3][0-9]4",
    "-1[012]-[0-3][0-9]4",
)
"""The days on which they end."""


DAY_SUFFIX = PartialDate.from_date(datetime.date.min).to_column()[10:]
"""The part of the column after the day, for a date whose precision is a day."""


class PartialDateField(models.Field[Assigned, Read]):
    """A model field for partial dates, which the database can sort and filter.

    Lookups, beside the comparisons (`since__gte=PartialDate.parse("2025")`):

    - `since__year=2025`: the first day is in a year
    - `since__begins_in=PartialDate.parse("2025-Q2")`: the first day is in a partial date
    - `since__begins_from=day`, `since__begins_before=day`: the first day is not before, or before
      a day
    - `since__ended_before=day`: the last day is before a day
    """

    # The plugin of django-stubs takes `Assigned` and `Read` from these.
    _pyi_private_set_type: PartialDate | str
    _pyi_private_get_type: PartialDate

    description = _("Partial date")

    def get_internal_type(self) -> str:
        return "CharField"

    # Any, here and below: the types of Django's own signatures.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 27
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        """Return a condition that refuses texts that `from_db_value()` cannot read.

        It accepts the 31st of a shorter month, and a range that ends in its first unit.
        """
        column = connection.ops.quote_name(str(self.column))
        is_like = "GLOB '{}'" if connection.vendor == "sqlite" else "~ '^{}$'"

        def matches(text: str, *patterns: str) -> str:
            return " OR ".join(f"{text} {is_like.format(pattern)}" for pattern in patterns)

        def unit(day: int, code: int) -> str:
            """Return an expression for month, day and precision, given their positions."""
            return f"(SUBSTR({column}, {day}, 6) || SUBSTR({column}, {code}, 1))"

        return (
            f"({matches(column, _SHORT)}) AND ({matches(unit(5, 12), *_BEGINS)})"
            f" OR ({matches(column, _LONG)}) AND ({matches(unit(5, 25), *_BEGINS)})"
            f" AND ({matches(unit(18, 26), *_ENDS)})"
            f" AND SUBSTR({column}, 1, 10) <= SUBSTR({column}, 14, 10)"
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


def as_partial_date(field: str) -> Concat:
    """Return an expression that converts a column of days to exact partial dates."""
    day = Cast(field, CharField(max_length=10))
    return Concat(day, Value(DAY_SUFFIX), output_field=PartialDateField())
