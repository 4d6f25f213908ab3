"""Partial dates of every kind, for Hypothesis."""

from hypothesis import strategies as st

from trendsite.shared.partial_dates import CalendarUnit, PartialDate, Precision

_units = st.builds(CalendarUnit.holding, st.dates(), st.sampled_from(Precision))


def _partial_date(one: CalendarUnit, other: CalendarUnit | None, about: bool) -> PartialDate:
    """Return a date of one unit or, where two are the ends of one, a range."""
    first, last = (
        (one, other) if other is None or one.first_day <= other.first_day else (other, one)
    )
    is_range = last is not None and last != first and last.last_day >= first.last_day
    return PartialDate(first.first_day, first.precision, last if is_range else None, about)


partial_dates = st.builds(_partial_date, _units, st.none() | _units, st.booleans())
