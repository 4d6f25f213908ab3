"""Moments of a video: seconds, as players write them."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from quotes.moments import MomentFormField, format_moment, parse_moment


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("754", 754),
        ("0:05", 5),
        ("12:34", 754),
        ("1:02:03", 3723),
        ("90:00", 5400),
        ("100:00:00", 360000),
        (" 12:34\n", 754),
        ("１２：３４", 754),
    ],
)
def test_what_players_write_is_read(text, seconds):
    assert parse_moment(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "noon", "-1", "12:60", "1:60:00", "1:2:3:4", "12:345", "1.5", "12m34s", "٣:٠٠", ":30"],
)
def test_what_is_no_moment_is_refused_in_full(text):
    with pytest.raises(ValidationError) as caught:
        parse_moment(text)
    assert caught.value.messages == [
        f"“{text}” is not a time in a video. Enter 12:34, 1:02:03 or seconds."
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59, "0:59"), (754, "12:34"), (3599, "59:59"), (3600, "1:00:00")],
)
def test_a_moment_is_shown_as_players_show_it(seconds, text):
    assert format_moment(seconds) == text


@given(st.integers(0, 999 * 3600 + 3599))
def test_every_moment_that_can_be_written_is_read_back(seconds):
    assert parse_moment(format_moment(seconds)) == seconds


class MomentForm(forms.Form):
    start = MomentFormField(required=False)


def test_a_form_reads_and_shows_a_moment():
    form = MomentForm({"start": "1:02:03"})
    assert form.is_valid()
    assert form.cleaned_data["start"] == 3723
    assert 'value="12:34"' in str(MomentForm(initial={"start": 754})["start"])
    assert 'value="0:00"' in str(MomentForm(initial={"start": 0})["start"])


def test_an_empty_form_field_is_no_moment():
    form = MomentForm({"start": " "})
    assert form.is_valid()
    assert form.cleaned_data["start"] is None


@pytest.mark.parametrize(
    ("typed", "changed"),
    [("12:34", False), ("754", False), ("12:35", True), ("", True), ("noon", True)],
)
def test_a_form_knows_whether_a_moment_was_changed(typed, changed):
    assert MomentForm({"start": typed}, initial={"start": 754}).has_changed() == changed


def test_a_form_shows_a_wrong_moment_as_it_was_typed():
    form = MomentForm({"start": "noon"})
    assert not form.is_valid()
    assert 'value="noon"' in str(form["start"])
