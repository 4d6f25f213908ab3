"""What is learned from today is noted: the first day on which it is otherwise."""

import copy
import datetime
import operator
import pickle

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from trendsite.shared.days import (
    DayText,
    NextChange,
    Today,
    beginning_of,
    first_of,
    next_change,
    text_of,
)
from trendsite.shared.partial_dates import PartialDate

DAYS = st.dates(datetime.date(2025, 6, 1), datetime.date(2026, 6, 30))
OFFSETS = st.integers(-100, 100)
COMPARISONS = [getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")]
HORIZON = 500


def first_other(now: datetime.date, learn) -> datetime.date | None:
    """Return the first day of the next ones on which `learn` returns otherwise than now."""
    days = (now + datetime.timedelta(days=n) for n in range(1, HORIZON))
    before = learn(now)
    return next((day for day in days if learn(day) != before), None)


def noted(learn) -> datetime.date | None:
    with next_change() as change:
        learn()
    return None if change.day == datetime.date.max else change.day


@given(DAYS, OFFSETS, DAYS, st.sampled_from(COMPARISONS), st.booleans())
def test_comparison_notes_the_day_on_which_it_turns(now, offset, other, compare, is_left):
    def learn(day: datetime.date) -> bool:
        moving = day + datetime.timedelta(days=offset)
        return compare(moving, other) if is_left else compare(other, moving)

    moving = Today(now) + datetime.timedelta(days=offset)
    with next_change() as change:
        found = compare(moving, other) if is_left else compare(other, moving)
    assert found == learn(now)
    first = first_other(now, learn)
    if first is None:
        assert change.day > now + datetime.timedelta(days=HORIZON - 1)
    else:
        assert change.day == first


@pytest.mark.parametrize(
    ("part", "unit"), [("year", "year"), ("month", "month"), ("day", "day"), ("weekday", "day")]
)
@given(now=DAYS, offset=OFFSETS)
def test_part_of_the_day_is_noted_until_it_ends(part, unit, now, offset):
    def unit_of(day: datetime.date) -> str:
        length = {"year": 4, "month": 7, "day": 10}[unit]
        return (day + datetime.timedelta(days=offset)).isoformat()[:length]

    moving = Today(now, offset)
    learn = getattr(moving, part)
    assert noted(lambda: learn() if callable(learn) else getattr(moving, part)) == (
        first_other(now, unit_of)
    )


@given(DAYS, OFFSETS, st.sampled_from([0, 1, 3, 6, 12]), st.sampled_from(["", ".4"]), DAYS)
def test_text_in_a_query_is_that_of_another_day(now, offset, months, suffix, other):
    text = text_of(Today(now, offset), months) + suffix
    day = other + datetime.timedelta(days=offset)
    assert isinstance(text, DayText)
    assert "".join([text.at(other)]) == text_of(day, months) + suffix
    assert noted(lambda: text.at(other)) is None


def test_what_shows_the_day_is_noted():
    today = Today(datetime.date(2026, 11, 27))
    tomorrow = datetime.date(2026, 11, 28)
    column = PartialDate.from_date(today).to_column()
    for learn in (
        lambda: f"{today}",
        lambda: today.strftime("%d"),
        lambda: today - datetime.date(2026, 1, 1),
        lambda: datetime.date(2026, 1, 1) - today,
        lambda: PartialDate.from_date(today).display(),
        lambda: PartialDate.from_date(today) < PartialDate.parse("2026"),
        lambda: str(text_of(today)),
        lambda: column == "2026-11-27.4",
    ):
        assert noted(learn) == tomorrow
    assert noted(lambda: first_of(today, 1)) == datetime.date(2026, 12, 1)
    assert noted(lambda: today < today + datetime.timedelta(days=1)) is None


def test_copies_move_on_alike():
    for value in (
        Today(datetime.date(2026, 11, 27), -2),
        text_of(Today(datetime.date(2026, 1, 1))),
    ):
        for copied in (copy.deepcopy(value), copy.copy(value), pickle.loads(pickle.dumps(value))):
            assert type(copied) is type(value)
            assert copied.at(datetime.date(2030, 5, 5)) == value.at(datetime.date(2030, 5, 5))


def test_blocks_note_for_themselves():
    outer: NextChange
    with next_change() as outer:
        with next_change() as inner:
            assert Today(datetime.date(2026, 1, 1)).day == 1
        assert outer.day == datetime.date.max
    assert inner.day == datetime.date(2026, 1, 2)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"])
@pytest.mark.parametrize("day", [datetime.date.min, datetime.date.max])
def test_the_first_and_the_last_day_begin_at_a_moment_that_databases_know(zone, day):
    with timezone.override(zone):
        moment = beginning_of(day)
        assert moment.astimezone(datetime.UTC).year == day.year
    for other in ("Asia/Tokyo", "America/Los_Angeles"):
        with timezone.override(other):
            assert timezone.localtime(moment).year == day.year
