"""The page of changes: what moved and why, between two dates and on one trend."""

import datetime

import pytest

from tests.support.days import tomorrow, yesterday
from tests.support.make import date, make_expert, make_source, make_trend
from tests.support.reading import (
    by_id,
    by_role,
    form_to,
    links,
    main,
    notes,
    page_header,
    pagination,
    read,
    words,
)
from trends.models import Assessment, TimelineEntry

pytestmark = pytest.mark.django_db

PAGE = "/en/changes/"


def assess(trend, when, status="growing", confidence="medium", **values):
    values = {"rationale_en": f"Because of {when}.", "rationale_ja": f"{when}の根拠。", **values}
    return Assessment.objects.create(
        trend=trend, date=date(when), status=status, confidence=confidence, **values
    )


def settle(trend, when, outcome="confirmed", settled=None, made=None, **values):
    return TimelineEntry.objects.create(
        trend=trend,
        kind="forecast",
        date=date(when),
        outcome=outcome,
        settled=settled and date(settled),
        made=made and date(made),
        **{"text_en": f"Foretold for {when}.", "text_ja": f"{when}の予測。", **values},
    )


def shown(client, query="", page=PAGE):
    """The dates of the changes, in order."""
    tree = read(client, page + query)
    return [words(change.find("p")) for change in by_role(tree, "article")]


def counts(client, query=""):
    found = main(read(client, PAGE + query)).find(".//dl")
    return ", ".join(" ".join(part.text for part in pair) for pair in found)


def test_each_assessment_says_what_moved_and_why(client):
    trend = make_trend()
    assess(trend, "2025-01-01", "emerging", "low")
    assess(trend, "2025-02-01", "growing", "low")
    assess(trend, "2025-03-01", "growing", "high")
    assess(trend, "2025-04-01", "growing", "high")
    changes = [words(change) for change in by_role(read(client, PAGE), "article")]
    assert [text.split("Status")[0] for text in changes] == [
        "1 April 2025 Title of example-trend Reviewed, no change ",
        "1 March 2025 Title of example-trend Changed confidence from low to high ",
        "1 February 2025 Title of example-trend Changed from emerging to growing ",
        "1 January 2025 Title of example-trend New ",
    ]
    assert "Because of 2025-03-01." in changes[1]


def test_a_reconstructed_assessment_is_no_change(client):
    trend = make_trend()
    assess(trend, "2025-01-01", "emerging", reconstructed=True)
    assert shown(client) == []
    assess(trend, "2025-02-01", "growing")
    [change] = by_role(read(client, PAGE), "article")
    assert "1 February 2025 Title of example-trend New " in words(change)
    assert counts(client) == "New trends 1"


def test_what_is_dated_in_the_future_is_no_change_yet(client):
    trend = make_trend()
    assess(trend, "2999-01-01")
    settle(trend, "2998", "confirmed", settled="2997")
    settle(trend, "2999", "confirmed")
    assert shown(client) == []


def test_what_is_scheduled_is_no_change(client):
    TimelineEntry.objects.create(
        trend=make_trend(), kind="scheduled", outcome="in-force", date=date("2025"), text_en="Law."
    )
    assert shown(client) == []


def test_the_judgement_before_is_that_of_the_same_trend(client):
    assess(make_trend("one"), "2025-01-01", "emerging")
    assess(make_trend("other"), "2025-02-01", "growing")
    assert "Changed confidence" not in words(read(client, PAGE))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_settled_forecast_is_a_change_with_its_note_and_source(client, language):
    source = make_source("report", title="The report")
    settle(make_trend(), "2024", "missed", note_en="Fell short.", note_ja="届かず。", source=source)
    change = by_role(read(client, f"/{language}/changes/"), "article")[0]
    for text in {
        "en": ["Foretold for 2024.", "Fell short.", "missed"],
        "ja": ["2024の予測。", "届かず。"],
    }[language]:
        assert text in words(change)
    assert links(change)["https://example.org/report"] == "The report"
    assert f"/{language}/trends/example-trend/#{TimelineEntry.objects.get().anchor}" in links(
        change
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "New forecast 2030: Foretold for 2030. By Mina Example made January 2025"),
        ("ja", "新しい予測 2030年："),
    ],
)
def test_a_forecast_is_a_change_on_the_day_on_which_it_was_made(client, language, said):
    trend = make_trend(published=datetime.date(2025, 1, 1))
    settle(trend, "2029", "pending", made="2024-12")  # before anybody could read of the trend
    settle(trend, "2030", "pending", made="2025-01", made_by="expert", expert=make_expert())
    settle(trend, "2031", "pending", made=str(tomorrow()))
    page = read(client, f"/{language}/changes/")
    [change] = by_role(page, "article")
    assert said in words(change)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("confirmed", "Forecast came true"),
        ("missed", "Forecast missed"),
        ("disputed", "Outcome of a forecast disputed"),
        ("void", "Forecast void"),
    ],
)
def test_each_outcome_is_said_in_words_and_counted(client, outcome, said):
    settle(make_trend(), "2024", outcome, note_en="Because.")
    [change] = by_role(read(client, PAGE), "article")
    assert said in words(change)
    assert "Because." in words(change)
    assert counts(client).endswith(f"{outcome} 1")


def test_assessments_and_settled_forecasts_stand_together_the_latest_first(client):
    trend = make_trend()
    assess(trend, "2025-02-01")
    settle(trend, "2025-03", "missed")
    assess(trend, "2025-04-01")
    settle(trend, "2030", "confirmed", settled="2025-01")
    settle(trend, "2031", "pending")
    assert shown(client) == ["1 April 2025", "March 2025", "1 February 2025", "January 2025"]


def test_a_forecast_that_is_not_settled_has_no_day_of_it(client):
    entry = settle(make_trend(), "2030", "pending")
    entry.settled = date("2025")
    with pytest.raises(Exception, match="Choose the outcome that was known"):
        entry.full_clean()


@pytest.mark.parametrize(
    ("query", "dates"),
    [
        ("?from=2025-02", ["2025 Q2", "15 March 2025", "February 2025"]),
        ("?from=2025-02-01", ["2025 Q2", "15 March 2025", "February 2025"]),
        ("?from=2025-02-02", ["2025 Q2", "15 March 2025"]),
        ("?from=2025-02/2025-04", ["2025 Q2", "15 March 2025", "February 2025"]),
        ("?to=2025-02/2025-03", ["15 March 2025", "February 2025", "31 January 2025"]),
        ("?to=2025-02", ["February 2025", "31 January 2025"]),
        ("?to=2025-Q1", ["15 March 2025", "February 2025", "31 January 2025"]),
        ("?from=2025-02&to=2025-03", ["15 March 2025", "February 2025"]),
        ("?from=2025-03-15&to=2025-03-15", ["15 March 2025"]),
        ("?from=２０２５年３月", ["2025 Q2", "15 March 2025"]),
    ],
)
def test_a_digest_holds_what_changed_between_two_dates(client, query, dates):
    trend = make_trend()
    assess(trend, "2025-01-31")
    settle(trend, "2025-02")
    assess(trend, "2025-03-15")
    assess(trend, "2025-Q2")
    assert shown(client, query) == dates


def test_a_digest_says_how_much_changed(client):
    trend = make_trend()
    assess(trend, "2025-01-01", "emerging")
    assess(trend, "2025-02-01")
    assess(trend, "2025-03-01")
    settle(trend, "2025-04")
    settle(trend, "2024", "missed")
    assert counts(client) == (
        "New trends 1, Assessments changed 1, Reviewed, no change 1, Forecasts confirmed 1, "
        "Forecasts missed 1"
    )
    # What moved is judged by all assessments, those before the span too.
    assert counts(client, "?from=2025-02&to=2025-03") == (
        "Assessments changed 1, Reviewed, no change 1"
    )


def test_what_changed_on_a_trend_since_a_date(client):
    trend = make_trend()
    for when in ("2024-01-01", "2025-01-01", "2026-01-01"):
        assess(trend, when)
        assess(make_trend(f"other-{when}"), when)
    page = read(client, trend.get_absolute_url())
    form = form_to(page, PAGE)
    assert form.get("action") == PAGE
    fields = {field.get("name"): field.get("value") for field in form.iter("input")}
    assert fields == {"trend": "example-trend", "from": None}
    query = "?trend=example-trend&from=2025"
    assert shown(client, query) == ["1 January 2026", "1 January 2025"]
    found = read(client, PAGE + query)
    assert links(page_header(found)) == {
        "/en/trends/example-trend/": "Title of example-trend",
        PAGE: "all trends",
    }
    # To ask again keeps the trend.
    again = form_to(found, PAGE)
    assert [f.get("value") for f in again.iter("input")] == ["example-trend", "2025", None]


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("?from=soon", "id_from_error", "“soon” is not a date"),
        ("?to=2025-13", "id_to_error", "“2025-13” is not a date"),
        ("?from=2025&to=2024", "id_to_error", "This is before the “From” date."),
        ("?from=%00", "id_from_error", "is not a date"),
    ],
)
def test_a_date_that_cannot_be_read_is_told_beside_its_field(client, query, field, message):
    assess(make_trend(), "2025-05-01")
    page = read(client, PAGE + query)
    assert message in words(by_id(page, field))
    described = by_id(page, field.removesuffix("_error"))
    assert described.get("aria-invalid") == "true"
    assert field in described.get("aria-describedby")


@pytest.mark.parametrize("slug", ["nothing", "draft", "%00", "x" * 10_000, "%F0%9F%92%A5"])
def test_an_unknown_trend_is_told_and_all_are_shown(client, slug):
    make_trend("draft", published=None)
    assess(make_trend(), "2025-05-01")
    page = read(client, f"{PAGE}?trend={slug}")
    assert by_role(page, "alert")
    assert len(by_role(page, "article")) == 1


def test_drafts_and_scheduled_trends_have_no_changes(client):
    for n, published in enumerate([None, tomorrow()]):
        trend = make_trend(f"hidden-{n}", published=published)
        assess(trend, "2025-01-01")
        settle(trend, "2025")
    assert "No published trend has been assessed yet." in words(read(client, PAGE))


def test_a_span_without_changes_says_so(client):
    assess(make_trend(), "2025-01-01")
    assert "No matching changes" in words(read(client, f"{PAGE}?from=2026"))


def test_pages_keep_the_span(client):
    trend = make_trend()
    for year in range(1950, 1983):
        assess(trend, f"{year}-01-01")
    query = "?trend=example-trend&from=1951&to=1982"
    page = read(client, PAGE + query)
    assert links(pagination(page)[0]) == {f"{query}&page=2": "Next page"}
    assert shown(client, f"{query}&page=2") == ["1 January 1952", "1 January 1951"]
    canonical = [link.get("href") for link in page.iter("link") if link.get("rel") == "canonical"]
    assert canonical == [f"http://testserver{PAGE}"]
    assert f"/ja/changes/{query}" in links(page)


# Of each of the four so many that all are on one page.
@pytest.mark.parametrize("size", [1, 7])
def test_the_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, size):
    for n in range(size):
        trend = make_trend(f"trend-{n}", published=datetime.date(2024, 1, 1))
        assess(trend, "2025-01-01").sources.add(make_source(f"a-{n}"))
        settle(trend, "2025", source=make_source(f"b-{n}"), made="2024-06")
        make_trend(f"retired-{n}", retired=yesterday()).successors.add(trend)
    # the counts; the page; assessments, their sources, forecasts made and settled, retired trends,
    # their successors
    with django_assert_num_queries(8):
        client.get(PAGE)


def test_only_reading_is_allowed(client):
    assert client.post(PAGE).status_code == 405


def test_the_page_is_reached_from_every_page(client):
    assert links(read(client, make_trend().get_absolute_url()))[PAGE] == "Updates"


def test_what_is_shown_in_another_language_is_said(client):
    assess(make_trend(), "2025-01-01", rationale_ja=None)
    page = read(client, "/ja/changes/")
    assert len(notes(page)) == 1
