"""What is new and what moved recently."""

import datetime

import pytest

from tests.support.days import days_from_now
from tests.support.make import date, make_trend
from tests.support.reading import read, trend_rows, words
from trends.levels import Confidence, Status
from trends.models import Assessment, Trend
from trends.movement import Judgement, Movement, recent_from
from trendsite.shared.partial_dates import PartialDate

TODAY = datetime.date(2026, 11, 24)
# 90 days before it.
EDGE = "2026-08-26"


@pytest.fixture(autouse=True)
def recent_days(settings):
    settings.RECENT_DAYS = 90


OLD = ("2025-05-01", "emerging", "low")

CASES = {
    "never judged": ([], ""),
    "judged once, long ago": ([OLD], ""),
    "judged once, recently": ([("2026-11-01", "emerging", "low")], "new"),
    "judged once, on the first recent day": ([(EDGE, "emerging", "low")], "new"),
    "judged once, the day before it": ([("2026-08-25", "emerging", "low")], ""),
    "judged in a quarter that began recently": ([("2026-Q4", "emerging", "low")], "new"),
    "judged in a quarter that began earlier": ([("2026-Q3", "emerging", "low")], ""),
    "judged in this year": ([("2026", "emerging", "low")], ""),
    "judged ahead of its day": ([("2026-12-01", "emerging", "low")], ""),
    "confirmed recently": ([OLD, ("2026-11-01", "emerging", "low")], ""),
    "grew recently": ([OLD, ("2026-11-01", "growing", "low")], "forward"),
    "grew on the first recent day": ([OLD, (EDGE, "growing", "low")], "forward"),
    "grew the day before it": ([OLD, ("2026-08-25", "growing", "low")], ""),
    "declines recently": ([OLD, ("2026-11-01", "declining", "low")], "forward"),
    "fell back recently": (
        [("2025", "established", "low"), ("2026-11", "growing", "high")],
        "back",
    ),
    "surer recently": ([OLD, ("2026-11-01", "emerging", "high")], "surer"),
    "less sure recently": (
        [("2025", "growing", "high"), ("2026-11", "growing", "low")],
        "less-sure",
    ),
    "grew, then was confirmed": (
        [OLD, ("2026-10-01", "growing", "low"), ("2026-11-01", "growing", "low")],
        "",
    ),
    "there and back recently": (
        [OLD, ("2026-10-01", "growing", "low"), ("2026-11-01", "emerging", "low")],
        "back",
    ),
    "new, and moved": (
        [("2026-10-01", "emerging", "low"), ("2026-11-01", "growing", "low")],
        "new forward",
    ),
}


def described(movement: Movement) -> str:
    return " ".join(part for part in ("new" * movement.is_new, movement.direction) if part)


@pytest.mark.django_db
@pytest.mark.parametrize(("judged", "expected"), CASES.values(), ids=CASES)
def test_movement_of_a_trend(judged, expected):
    trend = make_trend()
    make_trend("another")
    for on, status, confidence in reversed(judged):
        Assessment.objects.create(trend=trend, date=date(on), status=status, confidence=confidence)
    found = Trend.objects.with_movement(TODAY).get(pk=trend.pk)
    assert described(found.movement) == expected
    assert bool(found.movement) == bool(expected)
    assert (found.is_new, found.has_moved) == (found.movement.is_new, found.movement.moved)
    dates = (date(on) for on, _status, _confidence in judged if date(on).first_day <= TODAY)
    assert found.reviewed == max(dates, default=None)
    if found.has_moved:
        before, after = [
            Judgement(Status(status), Confidence(confidence))
            for _on, status, confidence in judged[-2:]
        ]
        assert (found.movement.before, found.movement.after) == (before, after)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("judged", "expected", "reviewed"),
    [
        pytest.param([("2026-11-01", True)], "", None, id="only a reconstructed one"),
        pytest.param([("2025-05-01", True), ("2026-11-01", False)], "new", "2026-11-01", id="new"),
        pytest.param(
            [("2025-05-01", False), ("2026-10-01", True)], "", "2025-05-01", id="not recent"
        ),
        pytest.param(
            [("2025-05-01", False), ("2025-06-01", True), ("2026-11-01", False)],
            "forward",
            "2026-11-01",
            id="compared with the last that was not",
        ),
    ],
)
def test_a_reconstructed_assessment_is_no_movement(judged, expected, reviewed):
    trend = make_trend()
    statuses = ["emerging", "established", "growing"]
    for (on, reconstructed), status in zip(judged, statuses, strict=False):
        Assessment.objects.create(
            trend=trend,
            date=date(on),
            status=status,
            confidence="low",
            reconstructed=reconstructed,
        )
    found = Trend.objects.with_movement(TODAY).get(pk=trend.pk)
    assert described(found.movement) == expected
    assert found.reviewed == (reviewed and date(reviewed))


@pytest.mark.django_db
def test_movement_can_be_filtered_by():
    for slug, judged in {
        "new": [("2026-11", "low")],
        "moved": [("2025", "low"), ("2026-11", "high")],
    }.items():
        trend = make_trend(slug)
        for on, confidence in judged:
            Assessment.objects.create(
                trend=trend, date=date(on), status="growing", confidence=confidence
            )
    make_trend("still")
    trends = Trend.objects.with_movement(TODAY)
    assert [trend.slug for trend in trends.filter(is_new=True)] == ["new"]
    assert [trend.slug for trend in trends.filter(has_moved=True)] == ["moved"]


def test_the_setting_says_how_long_a_movement_is_recent(settings):
    settings.RECENT_DAYS = 10
    assert recent_from(TODAY) == datetime.date(2026, 11, 14)


@pytest.mark.django_db
@pytest.mark.parametrize("on", ["2026-02-01/2026-12-01", "2026-02~", "2026-02", "2026-02-01"])
def test_a_vague_date_counts_from_its_first_day(on, settings):
    today = datetime.date(2026, 5, 2)
    for days, is_new in [(90, True), (89, False)]:
        settings.RECENT_DAYS = days
        trend = make_trend(f"judged-{days}")
        Assessment.objects.create(trend=trend, date=date(on), status="growing", confidence="low")
        assert Trend.objects.with_movement(today).get(pk=trend.pk).is_new == is_new


@pytest.mark.django_db
class TestOnTheIndex:
    def judge(self, *judged: tuple[int, str, str]) -> None:
        trend = make_trend()
        for days, status, confidence in judged:
            on = PartialDate.from_date(days_from_now(-days))
            Assessment.objects.create(trend=trend, date=on, status=status, confidence=confidence)

    def test_a_reader_is_told_from_what_to_what_a_trend_moved(self, client):
        self.judge((400, "emerging", "low"), (3, "growing", "medium"))
        page = " ".join(client.get("/en/").content.decode().split())
        assert "Changed</strong> <span>from emerging to growing</span>" in page
        assert "confidence from low to medium" in page

    def test_a_reader_is_told_what_is_new(self, client):
        self.judge((3, "growing", "medium"))
        assert "New</strong>" in client.get("/en/").content.decode()

    def test_of_a_trend_that_stays_nothing_is_said(self, client):
        self.judge((400, "growing", "medium"), (3, "growing", "medium"))
        [row] = trend_rows(read(client, "/en/"))
        assert not {"New", "Changed"} & set(words(row).split())
