"""Partial dates: one value type, in text, on the page, in forms and in the database."""

import datetime

import pytest
from django import forms
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from quotes.models import Source
from tests.support.make import date, make_source
from tests.support.times import partial_dates
from trendsite.shared.partial_dates import (
    CalendarUnit,
    PartialDate,
    PartialDateFormField,
    Precision,
)

IN_ORDER = [
    "2023-12-31",
    "2024~",
    "2024/2026",
    "2024",
    "2024-H1",
    "2024-Q1/2024-Q3",
    "2024-Q1",
    "2024-01",
    "2024-01-01~",
    "2024-01-01/2024-01-05",
    "2024-01-01",
    "2024-01-02",
    "2024-02/2024-03",
    "2024-02",
    "2024-H2",
    "2024-07/2025-06",
]


@given(partial_dates)
def test_every_date_is_read_back_from_its_texts_and_its_column(value):
    assert PartialDate.parse(str(value)) == value
    assert PartialDate.parse(value.typed) == value
    assert PartialDate.from_column(value.to_column()) == value


@given(st.lists(partial_dates, max_size=6))
def test_columns_sort_as_the_dates_do(values):
    by_column = sorted(values, key=PartialDate.to_column)
    assert sorted(values) == by_column
    assert [value.first_day for value in by_column] == sorted(value.first_day for value in values)


@given(partial_dates, partial_dates)
def test_of_two_dates_one_is_less_or_they_are_equal(one, other):
    assert (one < other) + (other < one) + (one == other) == 1
    assert (one <= other) == (one < other or one == other)
    assert (hash(one) == hash(other)) >= (one == other)


def test_dates_sort_by_first_day_then_the_coarser_first():
    assert [value.typed for value in sorted(map(date, reversed(IN_ORDER)))] == IN_ORDER


def test_a_date_does_not_compare_with_something_else():
    with pytest.raises(TypeError):
        date("2024") < 2024  # noqa: B015


@pytest.mark.parametrize(
    ("text", "last_day"),
    [
        ("2024", "2024-12-31"),
        ("2024-Q1", "2024-03-31"),
        ("2024-Q4", "2024-12-31"),
        ("2024-02", "2024-02-29"),
        ("2024-06-15", "2024-06-15"),
        ("2024-H1", "2024-06-30"),
        ("2024-03/2024-06", "2024-06-30"),
        ("2024-03-05/2025", "2025-12-31"),
        ("2024-02~", "2024-02-29"),
        ("9999", "9999-12-31"),
    ],
)
def test_a_span_ends_with_its_last_day(text, last_day):
    assert str(date(text).last_day) == last_day


@pytest.mark.parametrize(
    ("day", "precision"),
    [
        ((2024, 1, 2), Precision.MONTH),
        ((2024, 2, 1), Precision.QUARTER),
        ((2024, 4, 1), Precision.YEAR),
    ],
)
def test_a_day_in_the_middle_begins_no_span(day, precision):
    with pytest.raises(ValueError, match="does not begin a"):
        PartialDate(datetime.date(*day), precision)


@pytest.mark.parametrize(
    ("first", "last"), [("2024-03", "2024-03"), ("2024-03", "2024-02"), ("2024", "2024-06")]
)
def test_a_range_ends_after_its_first_unit(first, last):
    begin, end = date(first), date(last)
    with pytest.raises(ValueError, match="does not end a range"):
        PartialDate(begin.first_day, begin.precision, CalendarUnit(end.first_day, end.precision))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("2024", "2024"),
        ("2025-06", "2025-06"),
        ("2025-12-08", "2025-12-08"),
        ("2024-Q2", ""),
        ("2024-H1", ""),
        ("2024-03/2024-06", ""),
        ("2024~", ""),
    ],
)
def test_only_what_html_can_express_is_marked_up(text, html):
    assert date(text).html_datetime == html


# In the database


@pytest.fixture
def sources(db):
    for number, text in enumerate(reversed(IN_ORDER)):
        make_source(f"source-{number}", date=date(text))
    make_source("undated")


def dates(**lookups) -> list[str]:
    found = Source.objects.filter(**lookups).order_by("date")
    return [source.date.typed for source in found]


def test_the_database_sorts_as_python_does(sources):
    assert dates(date__isnull=False) == IN_ORDER


def test_a_date_comes_back_as_it_went_in(sources):
    assert Source.objects.get(key="undated").date is None
    assert Source.objects.get(date=date("2024-Q1")).date == date("2024-Q1")


@pytest.mark.parametrize(
    ("lookups", "found"),
    [
        ({"date__gte": date("2024-02")}, IN_ORDER[13:]),
        ({"date__gt": "2024-02"}, IN_ORDER[14:]),
        ({"date__lt": date("2024")}, IN_ORDER[:3]),
        ({"date__lte": "2024"}, IN_ORDER[:4]),
        ({"date": "2024-01-01"}, ["2024-01-01"]),
        ({"date": "2024-40"}, ["2024-H1"]),
        ({"date": datetime.date(2024, 1, 2)}, ["2024-01-02"]),
        ({"date__in": [date("2024"), "2024-02"]}, ["2024", "2024-02"]),
        ({"date__range": ("2024-Q1", "2024-01-01")}, IN_ORDER[6:11]),
        ({"date__lte": date("2024-01-01")}, IN_ORDER[:11]),
        ({"date__year": 2024}, IN_ORDER[1:]),
        ({"date__year__lt": 2024}, IN_ORDER[:1]),
        ({"date__begins_in": date("2024")}, IN_ORDER[1:]),
        ({"date__begins_in": date("2024-02")}, ["2024-02/2024-03", "2024-02"]),
        ({"date__begins_in": "2024-01-01/2024-01-02"}, IN_ORDER[1:12]),
        ({"date__begins_from": datetime.date(2024, 2, 1)}, IN_ORDER[12:]),
        ({"date__begins_before": datetime.date(2024, 1, 1)}, IN_ORDER[:1]),
    ],
    ids=str,
)
def test_lookups_compare_in_the_database(sources, lookups, found):
    assert dates(**lookups) == found


@pytest.mark.parametrize(
    "day", ["2024-01-06", "2024-04-01", "2024-07-01", "2025-01-01", "2027-01-01"]
)
def test_the_database_knows_what_is_over(sources, day):
    day = datetime.date.fromisoformat(day)
    over = [text for text in IN_ORDER if date(text).last_day < day]
    assert dates(date__ended_before=day) == over


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_active_language_changes_nothing_in_the_database(sources, language):
    with translation.override(language):
        assert dates(date__year=2024) == IN_ORDER[1:]


def test_a_moment_of_a_day_is_kept_as_the_day(db):
    source = make_source(date=datetime.datetime(2024, 5, 6, 7, 8))
    source.refresh_from_db()
    assert source.date == date("2024-05-06")


@pytest.mark.parametrize(
    "column",
    [
        "2024",
        "2024-07-01",
        "2024-07-01.0",
        "2024-07-01.5",
        "2024-07-01.1",
        "2024-08-01.2",
        "2024-07-02.2",
        "2024-07-02.3",
        "2024-13-01.3",
        "2024-00-01.4",
        "2024-07-41.4",
        "x024-07-01.3",
        "",
        "2024-03-01.1.2024-06-30",
        "2024-03-01.1.2024-06-30.332",
        "2024-03-01.1.2024-06-15.330",
        "2024-03-02.1.2024-06-30.330",
        "2024-03-01.1.2024-06-30.360",
        "2024-03-01.4.2024-06-30.330",
        "2024-03-01.1.2024-02-29.330",
        "2024-02-01.1.2024-06-30.550",
    ],
)
def test_the_database_refuses_what_is_no_partial_date(db, column):
    make_source()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE quotes_source SET date = %s", [column])


@pytest.mark.django_db
@given(partial_dates)
def test_the_database_takes_every_partial_date(value):
    """What the column's constraint says, asked without a table."""
    check = Source._meta.get_field("date").db_check(connection).replace('"date"', "%s")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {check}", [value.to_column()] * check.count("%s"))
        assert cursor.fetchone()[0]


# In forms


class DateForm(forms.Form):
    date = PartialDateFormField(required=False)


def test_a_form_reads_what_people_write_and_shows_the_canonical_form():
    form = DateForm({"date": "2024 q3"})
    assert form.is_valid()
    assert form.cleaned_data["date"] == date("2024-Q3")
    assert 'value="2024-Q3"' in str(DateForm(initial={"date": date("2024-Q3")})["date"])
    assert 'value="2024-H1"' in str(DateForm(initial={"date": date("2024年上半期")})["date"])


def test_a_form_shows_a_wrong_date_as_it_was_typed():
    form = DateForm({"date": "soon"})
    assert form.errors["date"][0].startswith("“soon” is not a date. Enter 2024,")
    assert 'value="soon"' in str(form["date"])


def test_an_empty_form_field_is_no_date():
    form = DateForm({"date": " "})
    assert form.is_valid()
    assert form.cleaned_data["date"] is None


@pytest.mark.parametrize(
    ("typed", "changed"),
    [("2024-Q3", False), ("2024 q3", False), ("2024-07", True), ("", True), ("soon", True)],
)
def test_a_form_knows_whether_a_date_was_changed(typed, changed):
    form = DateForm({"date": typed}, initial={"date": date("2024-Q3")})
    assert form.has_changed() == changed


def test_the_model_field_gives_the_form_field():
    field = Source._meta.get_field("date").formfield()
    assert isinstance(field, PartialDateFormField)
    assert field.clean("2025年6月") == date("2025-06")
