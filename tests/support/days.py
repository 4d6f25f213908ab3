"""Days relative to the one on which a test runs.

Functions, not constants: a constant is a day old when a run goes on past midnight.
"""

import datetime


def today() -> datetime.date:
    return datetime.date.today()


def yesterday() -> datetime.date:
    return days_from_now(-1)


def tomorrow() -> datetime.date:
    return days_from_now(1)


def days_from_now(days: int) -> datetime.date:
    """Return the day so many days after today, or before it where `days` is negative."""
    return today() + datetime.timedelta(days=days)
