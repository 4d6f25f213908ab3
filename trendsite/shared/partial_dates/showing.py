"""Formatting partial dates in the active language.

The catalogue has a pattern for each precision, and for ranges that a language shortens, such as
“March–June 2024” and 2024年3〜6月. The letters are those of Django's filter `date`. A pattern of a
range consists of that of the first date, a bar, and that of the last date.
"""

from django.utils import formats
from django.utils.translation import pgettext

from trendsite.shared.partial_dates.units import CalendarUnit, Precision, UnitRange, fiscal_year_of


def show(span: UnitRange, about: bool) -> str:
    """Return a date in the active language: `2024 Q2`, `March–June 2024`, 2025年6月頃."""
    first, last = span
    shown = _unit(first) if first == last else _fiscal_year(span) or _range(first, last)
    if about:
        # Translators: a date that is only about right.
        return pgettext("approximate date", "c. %(date)s") % {"date": shown}
    return shown


def _unit(unit: CalendarUnit) -> str:
    year = f"{unit.first_day.year:04}"
    match unit.precision:
        case Precision.YEAR:
            pattern = pgettext("date format of a year", "Y")
        case Precision.HALF:
            if unit.number == 1:
                return pgettext("first half of a year", "%(year)s H1") % {"year": year}
            return pgettext("second half of a year", "%(year)s H2") % {"year": year}
        case Precision.QUARTER:
            numbers = {"year": year, "quarter": unit.number}
            return pgettext("partial date", "%(year)s Q%(quarter)d") % numbers
        case Precision.MONTH:
            pattern = pgettext("date format of a month", "F Y")
        case Precision.DAY:
            pattern = pgettext("date format of a day", "j F Y")
    return formats.date_format(unit.first_day, pattern)


def _fiscal_year(span: UnitRange) -> str:
    """Return a span as a fiscal year of the site; "" if it is not one."""
    if fiscal_year_of(span) is None:
        return ""
    # Translators: the fiscal year that begins in one year and ends in the next.
    return _both(span.first, span.last, pgettext("fiscal year", "\\F\\Y Y–|y"))


def _range(first: CalendarUnit, last: CalendarUnit) -> str:
    begin, end = first.first_day, last.first_day
    if first.precision == last.precision:
        same_year, same_month = begin.year == end.year, begin.month == end.month
        match first.precision:
            case Precision.YEAR:
                return _both(first, last, pgettext("range of years", "Y–|Y"))
            case Precision.QUARTER if same_year:
                return pgettext("range of quarters", "%(year)s Q%(first)d–Q%(last)d") % {
                    "year": f"{begin.year:04}",
                    "first": first.number,
                    "last": last.number,
                }
            case Precision.MONTH if same_year:
                return _both(first, last, pgettext("range of months in a year", "F–|F Y"))
            case Precision.DAY if same_year and same_month:
                return _both(first, last, pgettext("range of days in a month", "j–|j F Y"))
            case Precision.DAY if same_year:
                return _both(first, last, pgettext("range of days in a year", "j F – |j F Y"))
    return pgettext("range of dates", "%(first)s – %(last)s") % {
        "first": _unit(first),
        "last": _unit(last),
    }


def _both(first: CalendarUnit, last: CalendarUnit, pattern: str) -> str:
    days = (first.first_day, last.first_day)
    shown = zip(days, pattern.split("|"), strict=True)
    # The second pattern is empty in a language that shows the first date only.
    return "".join(formats.date_format(day, letters) for day, letters in shown if letters)
