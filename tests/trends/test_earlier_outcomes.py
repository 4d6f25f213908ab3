"""What became of a forecast before: kept at every change, shown, and carried by files."""

import re

import pytest

from tests.support.days import days_from_now, today
from tests.support.editing import make_editor
from tests.support.loading import export, load_texts, refusal_of
from tests.support.make import date, make_trend
from tests.support.reading import by_id, read, words
from trends.models import TimelineEntry
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.revisions.models import Revision

pytestmark = pytest.mark.django_db

PAGE = "/en/trends/example-trend/"


def forecast(**values) -> TimelineEntry:
    values = {"kind": "forecast", "outcome": "missed", "note_en": "Too late.", **values}
    return TimelineEntry.objects.create(
        trend=make_trend(), date=date("2024"), text_en="It comes.", **values
    )


def settle(entry: TimelineEntry, outcome: str, **values) -> TimelineEntry:
    entry.outcome = outcome
    for name, value in values.items():
        setattr(entry, name, value)
    entry.save()
    entry.refresh_from_db()
    return entry


def remembered(entry: TimelineEntry) -> list[tuple[str, str, str]]:
    return [(row.outcome, str(row.until), row.note.text) for row in entry.earlier]


def test_an_outcome_that_changes_is_remembered_with_the_day_and_its_reason():
    entry = settle(forecast(settled=date("2024-05")), "disputed", note_en="The gauge broke.")
    assert remembered(entry) == [("missed", str(today()), "Too late.")]
    assert entry.earlier[0].settled == date("2024-05")


def test_that_a_forecast_was_open_is_remembered_too():
    entry = settle(forecast(outcome="pending", note_en=None), "confirmed")
    assert remembered(entry) == [("pending", str(today()), "")]


def test_a_slip_that_is_corrected_on_the_same_day_is_not_remembered():
    entry = settle(forecast(outcome="pending", note_en=None), "missed")
    assert remembered(settle(entry, "confirmed")) == [("pending", str(today()), "")]


def test_a_text_that_changes_adds_nothing():
    entry = forecast()
    entry.text_en = "It comes later."
    entry.save()
    assert entry.earlier == []


def test_page_json_and_markdown_tell_what_it_was(client):
    entry = settle(forecast(), "confirmed", note_en="It was there after all.")
    until = PartialDate.from_date(today()).display()
    row = words(by_id(read(client, PAGE), entry.anchor))
    assert f"until {until}: missed – Too late." in row
    assert f"until {until}: missed" in words(read(client, "/en/forecasts/"))
    assert "it was there" in row.lower()
    [told] = client.get(f"{PAGE[:-1]}.json").json()["timeline"]
    assert told["earlier_outcomes"] == [
        {
            "outcome": "missed",
            "until": str(today()),
            "settled": None,
            "note": {"text": "Too late.", "language": "en"},
        }
    ]
    assert f"(until {until}: missed – Too late.)" in client.get(f"{PAGE[:-1]}.md").content.decode()


FILE = """
trend: example
status: growing
confidence: low
since: 2024
title: {{en: An example}}
timeline:
  - date: 2024
    text: {{en: It comes.}}
    kind: forecast
    outcome: {outcome}
    note: {{en: Because.}}
{more}"""
EARLIER = """    earlier_outcomes:
      - outcome: confirmed
        until: 2025-03
        settled: 2025-01
        note: {en: It seemed so., ja: そう見えた。}
"""


def load(tmp_path, outcome: str, more: str = "") -> TimelineEntry:
    load_texts(tmp_path, example=FILE.format(outcome=outcome, more=more))
    return TimelineEntry.objects.get()


def test_a_file_that_changes_the_outcome_keeps_the_one_before(tmp_path):
    load(tmp_path, "missed")
    entry = load(tmp_path, "void")
    assert remembered(entry) == [("missed", str(today()), "Because.")]
    # Again, nothing changes; nor does a file that lists others take it away.
    changed = entry.trend.updated_at
    assert load(tmp_path, "void").trend.updated_at == changed
    entry = load(tmp_path, "void", EARLIER)
    assert remembered(entry) == [
        ("confirmed", "2025-03", "It seemed so."),
        ("missed", str(today()), "Because."),
    ]


def test_an_export_carries_it(tmp_path):
    load(tmp_path, "void", EARLIER)
    exported = export("example")
    assert "until: 2025-03" in exported
    load_texts(tmp_path, example=exported)
    assert export("example") == exported


def test_versions_show_it_in_a_line(client, tmp_path):
    client.force_login(make_editor())
    load(tmp_path, "missed")
    trend = load(tmp_path, "void", EARLIER).trend
    first = Revision.objects.of(type(trend), [trend.pk]).earliest("pk")
    page = client.get(f"/admin/trends/trend/{trend.pk}/history/compare/?from={first.pk}")
    assert "confirmed · 2025-03 · It seemed so." in page.content.decode()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("outcome: confirmed", "outcome: dropped", "earlier_outcomes[0].outcome"),
        ("        until: 2025-03\n", "", "earlier_outcomes[0].until: is missing"),
        ("until: 2025-03", "until: 2025-13", "earlier_outcomes[0].until"),
        ("until: 2025-03", f"until: {days_from_now(9)}", "is in the future"),
        ("settled:", "settle:", "did you mean “settled”?"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, before, after, message):
    text = FILE.format(outcome="void", more=EARLIER.replace(before, after))
    [told] = refusal_of(tmp_path, text)
    assert re.match(r"a\.yaml:1[3-7]: timeline\[0\]\.earlier_outcomes", told), told
    assert message in told
