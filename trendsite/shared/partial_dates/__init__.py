"""Partial dates: dates that are as exact as is known, from a range of years to a day.

`PartialDate` is the type for them in the whole project.

- `units` has the units of the calendar, and fiscal years
- `reading` parses what people write
- `showing` formats dates in the active language
- `value` has the type itself, with its text for files and programs
- `columns` has the model field, `lookups` the lookups of querysets, `form_field` the form field
"""

from trendsite.shared.partial_dates import lookups  # noqa: F401  # registers the lookups
from trendsite.shared.partial_dates.columns import PartialDateField, as_partial_date
from trendsite.shared.partial_dates.form_field import PartialDateFormField
from trendsite.shared.partial_dates.units import CalendarUnit, Precision
from trendsite.shared.partial_dates.value import PartialDate

__all__ = [
    "CalendarUnit",
    "PartialDate",
    "PartialDateField",
    "PartialDateFormField",
    "Precision",
    "as_partial_date",
]
