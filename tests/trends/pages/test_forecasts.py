"""The page of forecasts: what is due, how the others turned out, and the record so far."""

import datetime
import re

import pytest
from django.utils import timezone

from tests.support.make import date, make_source, make_trend
from tests.support.reading import parse
from trends.levels import ForecastState
from trends.models import Assessment, TimelineEntry
from trends.queries.forecasts import Record, count_states, forecasts

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 5, 20)
EARLIER = TODAY - datetime.timedelta(days=90)


def make_forecast(trend, when, outcome="pending", **values):
    values = {
        "text_en": f"Foretold for {when}",
        "text_ja": f"{when}の予測",
        "kind": "forecast",
        **values,
    }
    return TimelineEntry.objects.create(trend=trend, date=date(when), outcome=outcome, **values)


def assess(trend, when, confidence):
    Assessment.objects.create(
        trend=trend, date=date(when), status=trend.status, confidence=confidence
    )


def states(today=TODAY):
    return [(str(entry.date), entry.state) for entry in forecasts(today)]


def read(client, query="", language="en"):
    response = client.get(f"/{language}/forecasts/{query}")
    assert response.status_code == 200
    # What a person reads: no markup, and one blank where there are several.
    body = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.mark.parametrize(
    ("when", "state"),
    [
        ("2025", "due"),
        ("2026", "pending"),
        ("2026-Q1", "due"),
        ("2026-Q2", "pending"),
        ("2026-04", "due"),
        ("2026-05", "pending"),
        ("2026-05-19", "due"),
        ("2026-05-20", "pending"),
        ("2027", "pending"),
    ],
)
def test_a_pending_forecast_is_due_once_the_last_day_of_its_date_is_past(when, state):
    make_forecast(make_trend(published=EARLIER), when)
    assert states() == [(when, state)]
    assert count_states(forecasts(TODAY))[ForecastState(state)] == 1


def test_the_due_come_first_then_the_soonest_then_the_latest_settled():
    trend = make_trend(published=TODAY)
    for when, outcome in [
        ("2024", "missed"),
        ("2028", "pending"),
        ("2025-02", "confirmed"),
        ("2026-02", "pending"),
        ("2025-03", "confirmed"),
        ("2027", "pending"),
        ("2026-01", "pending"),
    ]:
        make_forecast(trend, when, outcome)
    assert states() == [
        ("2026-01", "due"),
        ("2026-02", "due"),
        ("2027", "pending"),
        ("2028", "pending"),
        ("2025-03", "confirmed"),
        ("2025-02", "confirmed"),
        ("2024", "missed"),
    ]


def test_drafts_scheduled_trends_and_events_have_no_forecast():
    make_forecast(make_trend("draft", published=None), "2030")
    make_forecast(make_trend("later", published=TODAY + datetime.timedelta(days=1)), "2030")
    make_trend("eventful", timeline=2)
    assert states() == []


@pytest.mark.parametrize(
    ("assessed", "confidence"),
    [
        pytest.param([("2024-01-01", "low"), ("2024-12-31", "high")], "high", id="newest before"),
        pytest.param([("2024-01-01", "low"), ("2025-01-01", "high")], "low", id="not that day’s"),
        pytest.param([("2026-01-01", "low"), ("2026-02-01", "high")], "low", id="else earliest"),
        pytest.param([], "medium", id="else the trend’s"),
    ],
)
def test_the_confidence_at_the_time_is_that_in_force_before_the_date(assessed, confidence):
    trend = make_trend(confidence="medium", published=EARLIER)
    for when, level in assessed:
        assess(trend, when, level)
    make_forecast(trend, "2025", "confirmed")
    assert [entry.confidence_then for entry in forecasts(TODAY)] == [confidence]


def test_the_record_counts_the_confirmed_of_the_settled_by_year_and_confidence():
    sure = make_trend("sure", confidence="high", published=EARLIER)
    unsure = make_trend("unsure", confidence="low", published=EARLIER)
    make_forecast(sure, "2024", "confirmed")
    make_forecast(sure, "2024-Q2", "confirmed")
    make_forecast(sure, "2025-03", "missed")
    make_forecast(unsure, "2025", "missed")
    make_forecast(unsure, "2023", "pending")
    record = Record(forecasts(TODAY))
    assert (record.all.confirmed, record.all.settled, record.all.share) == (2, 4, 50)
    assert [
        (bar.tally.label, bar.tally.confirmed, bar.tally.settled) for bar in record.by_year
    ] == [
        ("2024", 2, 2),
        ("2025", 0, 2),
    ]
    assert [
        (bar.tally.label, bar.tally.confirmed, bar.tally.settled) for bar in record.by_confidence
    ] == [("high", 2, 3), ("low", 0, 1)]
    assert [(bar.confirmed, bar.settled) for bar in record.by_confidence] == [
        ("66.67%", "100.00%"),
        ("0.00%", "33.33%"),
    ]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_forecast_is_shown_with_its_trend_note_and_source(client, language):
    source = make_source("report", title="The report")
    make_forecast(
        make_trend(), "2024", "missed", note_en="It fell short.", note_ja="届かず。", source=source
    )
    page = client.get(f"/{language}/forecasts/").content.decode()
    words = {
        "en": ["Foretold for 2024", "It fell short.", "Title of example-trend"],
        "ja": ["2024の予測", "届かず。", "example-trendの題"],
    }[language]
    for text in [*words, "The report", f'href="/{language}/trends/example-trend/']:
        assert text in page
    assert 'href="https://example.org/report"' in page


def test_the_record_is_told_in_words_and_drawn_beside_them(client):
    trend = make_trend()
    make_forecast(trend, "2024", "confirmed")
    make_forecast(trend, "2024-Q3", "missed")
    make_forecast(trend, "2024-11", "confirmed")
    text = read(client)
    assert "2 of 3 settled forecasts came true: 67%." in text
    assert "2024 2 of 3" in text
    page = client.get("/en/forecasts/").content.decode()
    assert 'width="66.67%"' in page
    assert 'aria-hidden="true"' in page


def test_without_a_settled_forecast_no_share_is_claimed(client):
    make_forecast(make_trend(), "2999")
    text = read(client)
    assert "No forecast is settled yet" in text
    assert "%" not in text
    assert "of 0" not in text


def test_without_a_forecast_the_page_says_so(client):
    assert "No published trend has a forecast yet." in read(client)


@pytest.mark.parametrize("state", list(ForecastState))
def test_an_outcome_can_be_asked_for(client, state):
    trend = make_trend()
    for when, outcome in [
        ("2001", "pending"),
        ("2999", "pending"),
        ("2002", "confirmed"),
        ("2003", "missed"),
    ]:
        make_forecast(trend, when, outcome)
    shown = dict(zip(ForecastState, ["2001", "2999", "2002", "2003"], strict=True))
    text = read(client, f"?outcome={state.value}")
    assert [other for other in ForecastState if f"Foretold for {shown[other]}" in text] == [state]
    assert "all 4 due 1 pending 1 confirmed 1 missed 1" in text
    page = client.get(f"/en/forecasts/?outcome={state.value}").content.decode()
    [current] = parse(page).iterfind(".//main//a[@aria-current]")
    assert current.get("href") == f"?outcome={state.value}"
    assert 'rel="canonical" href="http://testserver/en/forecasts/"' in page
    assert f'href="/ja/forecasts/?outcome={state.value}"' in page


def test_an_outcome_without_forecasts_is_empty_in_words(client):
    make_forecast(make_trend(), "2999")
    assert "No forecast has this outcome." in read(client, "?outcome=missed")


@pytest.mark.parametrize("value", ["won", "%00", "%F0%9F%92%A5", "'", "x" * 5000])
def test_an_unknown_outcome_is_told_and_all_are_shown(client, value):
    make_forecast(make_trend(), "2999")
    text = read(client, f"?outcome={value}")
    assert "is not an outcome; all forecasts are shown." in text
    assert "Foretold for 2999" in text


def test_pages_keep_the_outcome(client):
    trend = make_trend()
    for year in range(1900, 1931):
        make_forecast(trend, str(year), "missed")
    make_forecast(trend, "2999")
    page = client.get("/en/forecasts/?outcome=missed").content.decode()
    assert 'href="?outcome=missed&amp;page=2" rel="next"' in page
    second = read(client, "?outcome=missed&page=2")
    assert "Foretold for 1900" in second
    assert "Foretold for 1901" not in second
    assert "Page 2 of 2" in second


@pytest.mark.parametrize("size", [1, 40])
def test_the_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, size):
    for n in range(size):
        trend = make_trend(f"trend-{n}", assessments=2)
        make_forecast(trend, f"{1950 + n}", "missed", source=make_source(f"source-{n}"))
        make_forecast(trend, "2999", source=make_source(f"other-{n}"))
    # counts of the states; the record; the rows with their trends and sources
    with django_assert_num_queries(3):
        client.get("/en/forecasts/")


def test_only_reading_is_allowed(client):
    assert client.post("/en/forecasts/").status_code == 405


def test_the_page_is_reached_from_every_page(client):
    page = client.get(make_trend().get_absolute_url()).content.decode()
    assert '<a href="/en/forecasts/">Forecasts</a>' in page
    here = client.get("/ja/forecasts/").content.decode()
    assert parse(here).find(".//a[@aria-current]").get("href") == "/ja/forecasts/"


def test_a_trend_shows_its_own_record(client):
    trend = make_trend()
    make_forecast(trend, "2001")
    make_forecast(trend, "2002", "confirmed")
    make_forecast(trend, "2003", "confirmed")
    page = client.get(trend.get_absolute_url()).content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Forecasts due 1 Forecasts confirmed 2" in text
    assert "Forecasts missed" not in text
    assert 'href="/en/forecasts/"' in page


def test_a_trend_without_forecasts_shows_no_record(client):
    page = client.get(make_trend(timeline=1).get_absolute_url()).content.decode()
    assert "All forecasts and the record" not in page


def test_what_is_shown_in_another_language_is_said(client):
    make_forecast(make_trend(), "2999", text_ja=None)
    page = client.get("/ja/forecasts/").content.decode()
    assert '<span lang="en">Foretold for 2999</span>' in page
    assert 'class="fallback-note"' in page


def test_the_page_is_as_of_today_in_the_sites_time_zone(client, monkeypatch):
    make_forecast(make_trend(published=TODAY), "2026-05-20")
    monkeypatch.setattr(timezone, "localdate", lambda: TODAY)
    assert "due 0 pending 1" in read(client)
    monkeypatch.setattr(timezone, "localdate", lambda: TODAY + datetime.timedelta(days=1))
    assert "due 1 pending 0" in read(client)
