"""The page of forecasts: what is due, how the others turned out, and the record so far."""

import datetime
import re

import pytest

from tests.support.clock import set_day
from tests.support.make import date, make_mention, make_source, make_trend
from tests.support.reading import parse
from trends.levels import ForecastState
from trends.models import Assessment, TimelineEntry, TrendMention
from trends.queries.forecasts import (
    ForecastSelection,
    Record,
    forecasts,
    state_of,
    wilson_interval,
)

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
    assert ForecastSelection(TODAY).counts()[ForecastState(state)] == 1


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
        pytest.param([("2026-01-01", "low")], None, id="no later one"),
        pytest.param([], None, id="never assessed"),
    ],
)
def test_the_confidence_at_the_time_is_that_in_force_before_the_date(assessed, confidence):
    trend = make_trend(confidence="medium", published=EARLIER)
    for when, level in assessed:
        assess(trend, when, level)
    make_forecast(trend, "2025", "confirmed")
    assert [entry.confidence_then for entry in forecasts(TODAY)] == [confidence]


def test_the_confidence_at_the_time_is_that_before_the_forecast_was_made():
    trend = make_trend(published=EARLIER)
    assess(trend, "2023-01-01", "low")
    assess(trend, "2024-06-01", "high")
    make_forecast(trend, "2025", "confirmed", made=date("2024-01-15"))
    assert [entry.confidence_then for entry in forecasts(TODAY)] == ["low"]


def test_the_confidence_at_the_time_is_never_a_reconstructed_one():
    trend = make_trend(published=EARLIER)
    assess(trend, "2023-01-01", "low")
    Assessment.objects.update(reconstructed=True)
    make_forecast(trend, "2025", "confirmed")
    assert [entry.confidence_then for entry in forecasts(TODAY)] == [None]


def test_what_is_scheduled_is_no_forecast(client):
    trend = make_trend()
    make_forecast(trend, "2024", "in-force", kind="scheduled")
    make_forecast(trend, "2025", "postponed", kind="scheduled")
    text = read(client)
    assert "all 0 " in text
    assert "No forecast is settled yet" in text
    assert Record(ForecastSelection(TODAY)).all.settled == 0


@pytest.mark.parametrize(
    ("when", "settled", "state"),
    [
        pytest.param("2031", "2026-05-21", "pending", id="settled tomorrow"),
        pytest.param("2031", None, "pending", id="date to come"),
        pytest.param("2026", None, "pending", id="date not over"),
        pytest.param("2025", "2027", "due", id="date past, settled to come"),
        pytest.param("2031", "2026-05-20", "confirmed", id="settled today"),
        pytest.param("2025", None, "confirmed", id="date past"),
    ],
)
def test_an_outcome_counts_from_the_day_on_which_it_is_known(when, settled, state):
    entry = make_forecast(
        make_trend(published=EARLIER), when, "confirmed", settled=settled and date(settled)
    )
    assert states() == [(when, state)]
    assert state_of(entry, TODAY).value == state


def test_an_outcome_that_is_not_known_yet_is_shown_nowhere(client):
    trend = make_trend()
    entry = make_forecast(
        trend, "2031", "confirmed", settled=date("2999"), note_en="It will have come true."
    )
    pages = [trend.get_absolute_url(), "/en/forecasts/", "/en/changes/"]
    pages += [f"/en/trends/{trend.slug}.{form}" for form in ("json", "md")]
    for page in pages:
        text = client.get(page).content.decode()
        assert "It will have come true." not in text, page
        assert not re.search(r"is-confirmed|: \"confirmed\"|· confirmed", text), page
    entry.refresh_from_db()
    assert (entry.outcome, str(entry.settled)) == ("confirmed", "2999")


def test_what_settled_early_counts_from_its_date_on():
    make_forecast(make_trend(published=EARLIER), "2026-06", "missed", settled=date("2026-04"))
    record = Record(ForecastSelection(TODAY))
    assert (record.all.settled, record.early) == (0, 1)
    later = datetime.date(2026, 6, 30)
    record = Record(ForecastSelection(later))
    assert (record.all.missed, record.early) == (1, 0)


@pytest.mark.parametrize(
    ("successes", "total", "interval"),
    # Wilson (1927); the values are those of statsmodels' proportion_confint(method="wilson").
    [(3, 4, (30, 95)), (0, 1, (0, 79)), (1, 1, (21, 100)), (10, 20, (30, 70)), (15, 15, (80, 100))],
)
def test_wilson_interval(successes, total, interval):
    assert wilson_interval(successes, total) == interval


@pytest.mark.parametrize(("settled", "is_told"), [(19, True), (20, False)])
def test_a_share_of_few_is_shown_with_its_interval(client, settled, is_told):
    trend = make_trend()
    for year in range(settled):
        make_forecast(trend, f"{2000 + year}", "missed" if year < 4 else "confirmed")
    assert ("Too few to judge: the true rate may be anywhere between" in read(client)) == is_told
    assert ("件数が少なく" in read(client, language="ja")) == is_told


def test_the_brier_score_is_of_those_with_a_probability(client):
    trend = make_trend(published=EARLIER)
    make_forecast(trend, "2001", "confirmed", probability=90)
    make_forecast(trend, "2002", "missed", probability=30)
    make_forecast(trend, "2003", "missed")
    make_forecast(trend, "2999", probability=99)
    record = Record(ForecastSelection(TODAY))
    # ((1 - 0.9)² + 0.3²) / 2
    assert (round(record.brier.score, 3), record.brier.forecasts) == (0.05, 2)
    assert "Brier score 0.05, from 2 forecasts with a probability" in read(client)


def test_what_the_record_leaves_out_is_counted(client):
    trend = make_trend()
    make_forecast(trend, "2001")
    make_forecast(trend, "2002", "void", note_en="Withdrawn.")
    make_forecast(trend, "2003", "void", note_en="Withdrawn.")
    make_forecast(trend, "2004", "disputed", note_en="Two counts.")
    make_forecast(trend, "2999", "missed", settled=date("2024"))
    text = read(client)
    assert "Not counted in the record: overdue 1 open 0 disputed 1 void 2" in text
    assert "settled before their date 1" in text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_forecast_says_who_made_it_and_how_it_is_settled(client, language):
    trend = make_trend()
    mention = make_mention("It will rain.")
    TrendMention.objects.create(trend=trend, mention=mention)
    make_forecast(
        trend,
        "2999",
        made_by="expert",
        expert=mention.expert,
        quotation=mention,
        made=date("2025-12-18"),
        criterion_en="The gauge.",
        criterion_ja="雨量計。",
        probability=60,
    )
    words = {
        "en": "By Mina Example ( in their own words ) made 18 December 2025 "
        "Criterion: The gauge. probability 60%",
        "ja": "予測者： ミナ・エグザンプル ( 本人の発言 ) 予測日： 2025年12月18日 "
        "判定基準：雨量計。 確率60%",
    }[language]
    assert words in read(client, language=language)
    page = client.get(f"/{language}/forecasts/").content.decode()
    assert f'href="/{language}/experts/mina-example/"' in page
    assert f'href="/{language}/trends/example-trend/#{mention.anchor}"' in page
    on_trend = client.get(f"/{language}/trends/example-trend/").content.decode()
    assert f'href="#{mention.anchor}"' in on_trend


@pytest.mark.parametrize(
    ("values", "who"),
    [
        ({}, "Unknown who made it day unknown no criterion stated no probability given"),
        ({"made_by": "editors"}, "By the editors of this site day unknown"),
        ({"made_by": "source"}, "By Example Press day unknown"),
    ],
)
def test_what_is_unknown_of_a_forecast_is_said(client, values, who):
    source = make_source() if values.get("made_by") == "source" else None
    make_forecast(make_trend(), "2999", source=source, **values)
    assert who in read(client)


def test_the_record_counts_the_confirmed_of_the_settled_by_year_and_confidence():
    sure = make_trend("sure", published=EARLIER)
    unsure = make_trend("unsure", published=EARLIER)
    assess(sure, "2020-01-01", "high")
    make_forecast(sure, "2024", "confirmed")
    make_forecast(sure, "2024-Q2", "confirmed")
    make_forecast(sure, "2025-03", "missed")
    make_forecast(unsure, "2025", "missed")
    make_forecast(unsure, "2023", "pending")
    record = Record(ForecastSelection(TODAY))
    assert (record.all.confirmed, record.all.settled, record.all.share) == (2, 4, 50)
    assert [
        (bar.tally.label, bar.tally.confirmed, bar.tally.settled) for bar in record.by_year
    ] == [
        ("2024", 2, 2),
        ("2025", 0, 2),
    ]
    assert [
        (bar.tally.label, bar.tally.confirmed, bar.tally.settled) for bar in record.by_confidence
    ] == [("high", 2, 3), ("not assessed", 0, 1)]
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
        ("2004", "disputed"),
        ("2005", "void"),
    ]:
        make_forecast(trend, when, outcome, note_en="Because.")
    dates = ["2001", "2999", "2002", "2003", "2004", "2005"]
    shown = dict(zip(ForecastState, dates, strict=True))
    text = read(client, f"?outcome={state.value}")
    assert [other for other in ForecastState if f"Foretold for {shown[other]}" in text] == [state]
    assert "all 6 overdue 1 open 1 confirmed 1 missed 1 disputed 1 void 1" in text
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
    assert "is not an outcome. All forecasts are shown." in text
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


@pytest.mark.parametrize("size", [1, 16])
def test_the_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, size):
    for n in range(size):
        trend = make_trend(f"trend-{n}", assessments=2)
        make_forecast(trend, f"{1950 + n}", "missed", source=make_source(f"source-{n}"))
        make_forecast(trend, "2999", source=make_source(f"other-{n}"))
    with django_assert_num_queries(3):  # one for all counts; two for the rows
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
    assert "Forecasts: overdue 1 Forecasts: confirmed 2" in text
    assert "Forecasts: missed" not in text
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
    set_day(monkeypatch, TODAY)
    assert "overdue 0 open 1" in read(client)
    set_day(monkeypatch, TODAY + datetime.timedelta(days=1))
    assert "overdue 1 open 0" in read(client)
