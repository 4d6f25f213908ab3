"""Partial dates: as exact as the evidence allows, from a range of years to a day.

`PartialDate` is the one value type for them in the whole project; the model field, the form
field and the lookups for it are here too.

- `units` has the units of the calendar that a date is made of, and fiscal years
- `reading` reads what people write
- `showing` writes dates as an editor of each language would
- `value` is the type itself, with its text for files and programs
- `columns` is the model field, and `lookups` what queries ask of it; `form_field` the form field
"""

from trendsite.shared.partial_dates import lookups  # noqa: F401  # which registers them
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
