"""Days that pass without an edit: a kept page is that of the day, and rendered when it changes."""

import datetime
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.clock import set_day
from tests.support.make import make_trend
from tests.support.readers import Reader, open_connection
from trends.models import Assessment, Falsifier, TimelineEntry, Trend
from trendsite.kept.page_table import PageTable
from trendsite.kept.recording import RecordedQuery
from trendsite.shared.days import Today
from trendsite.shared.partial_dates import CalendarUnit, PartialDate, Precision

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESSES = [
    "/en/",
    "/en/?status=growing",
    "/en/trends/first/",
    "/ja/trends/second/",
    "/en/trends/second.json",
    "/en/tags/product/",
    "/en/audiences/enterprises/",
    "/en/experts/mina-example/",
    "/ja/forecasts/",
    "/en/changes/",
    "/en/feed.atom",
    "/en/search/?q=title",
]

BEGIN = datetime.date(2026, 3, 1)  # in the next 31 days no picture gets another month


def day_after(number: int) -> datetime.date:
    return BEGIN + datetime.timedelta(days=number)


DAYS = st.integers(-15, 45).map(day_after)
DATES = st.builds(
    lambda day, precision: PartialDate(CalendarUnit.holding(day, precision).first_day, precision),
    DAYS,
    st.sampled_from(Precision),
)


ENTRIES = st.fixed_dictionaries(
    {
        "date": DATES,
        "kind": st.just("forecast"),
        "outcome": st.sampled_from(["pending", "confirmed", "missed"]),
        "made": st.none() | DATES,
        "settled": st.none() | DATES,
    }
)
ASSESSMENTS = st.fixed_dictionaries(
    {
        "date": DATES,
        "status": st.sampled_from(["emerging", "growing"]),
        "reconstructed": st.booleans(),
    }
)
TRENDS = st.fixed_dictionaries(
    {
        "published": st.none() | DAYS,
        "lasts": st.none() | st.integers(0, 30),
        "entries": st.lists(ENTRIES, max_size=2),
        "assessments": st.lists(ASSESSMENTS, max_size=2, unique_by=lambda row: row["date"]),
        "falsifier": st.none() | DATES,
    }
)


def write(trend: Trend, values: dict[str, Any]) -> None:
    """Give a trend dates of every kind that pages compare with the day."""
    published, lasts = values["published"], values["lasts"]
    retired = None
    if published is not None and lasts is not None:
        retired = published + datetime.timedelta(days=lasts)
    Trend.objects.filter(pk=trend.pk).update(published=published, retired=retired)
    trend.timeline.all().delete()
    trend.assessments.all().delete()
    trend.falsifiers.all().delete()
    for entry in values["entries"]:
        if entry["outcome"] == "pending":
            entry = entry | {"settled": None}
        TimelineEntry.objects.create(trend=trend, text_en="Claim", **entry)
    for assessment in values["assessments"]:
        Assessment.objects.create(
            trend=trend, confidence="medium", rationale_en="Reason", **assessment
        )
    if values["falsifier"]:
        Falsifier.objects.create(trend=trend, text_en="A sign", date=values["falsifier"])


def test_kept_page_is_that_of_the_day_and_rendered_only_when_it_changes(monkeypatch):
    """In the memory of one process, and in the table that many share."""
    set_day(monkeypatch, BEGIN)
    trends = [
        make_trend(slug, tags=["product"], implications=1, mentions=1)
        for slug in ("first", "second")
    ]
    page_table = PageTable()

    @settings(
        max_examples=3,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # to shrink a failure takes minutes
    )
    @given(TRENDS, TRENDS, st.lists(st.integers(1, 40), min_size=4, max_size=4))
    def run(first: dict[str, Any], second: dict[str, Any], steps: list[int]) -> None:
        for trend, values in zip(trends, (first, second), strict=True):
            write(trend, values)
        day = BEGIN
        in_memory = Reader()
        before: dict[str, bytes] = {}
        for step in [0, *steps]:
            day += datetime.timedelta(days=step)
            set_day(monkeypatch, day)
            # The second as another process, which takes from the table what one before rendered.
            readers = (in_memory, Reader(page_table=page_table))
            for address in ADDRESSES:
                answers = [reader.get(address) for reader in readers]
                with open_connection():
                    live = Client().get(address)
                assert [answer.status for answer in answers] == [live.status_code] * 2
                if live.status_code != 200:
                    continue
                assert [answer.body for answer in answers] == [live.content] * 2, (address, day)
                is_rendered = [bool(reader.rendered()) for reader in readers]
                # The first page asks for the latest changes of each kind, and shows three of all.
                if address != "/en/" and address in before:
                    is_changed = before[address] != live.content
                    assert is_rendered == [is_changed] * 2, (address, day)
                before[address] = live.content

    run()


def test_thirty_days_render_a_page_on_the_days_on_which_it_changes(monkeypatch):
    """Here: a forecast falls due, an assessment is no longer recent, a trend appears and leaves."""
    set_day(monkeypatch, BEGIN)

    def dated(number: int) -> PartialDate:
        return PartialDate.from_date(day_after(number))

    first = make_trend("first", tags=["product"], published=day_after(-20))
    make_trend("second", tags=["other"], published=day_after(12), retired=day_after(25))
    make_trend("third", tags=["other"], published=day_after(-9))
    for date in (dated(-400), dated(4)):
        TimelineEntry.objects.create(
            trend=first, kind="forecast", outcome="pending", date=date, text_en="A claim"
        )
    Assessment.objects.create(
        trend=first, date=dated(16 - site.RECENT_DAYS), status="growing", confidence="low"
    )
    addresses = {
        "/en/trends/first/": [5],
        "/en/trends/third/": [12, 25],  # which shows related trends
        "/en/tags/product/": [17],
        "/en/tags/other/": [12, 25],
        "/ja/forecasts/": [5],
        "/en/": [12, 17, 25],
    }
    reader = Reader()
    rendered: dict[str, list[int]] = {address: [] for address in addresses}
    for address in addresses:
        reader.get(address)
    reader.rendered()
    for number in range(1, 31):
        set_day(monkeypatch, day_after(number))
        for address in addresses:
            assert reader.get(address).status == 200
        for address in reader.rendered():
            rendered[address].append(number)
    assert rendered == addresses


def test_pages_share_the_days_of_their_queries_in_memory():
    now = datetime.date(2026, 11, 28)
    one, other = (
        RecordedQuery(sql, (Today(now), Today(now, -30).isoformat() + " 00:00"), b"")
        for sql in ("SELECT 1", "SELECT 2")
    )
    assert [a is b for a, b in zip(one.params, other.params, strict=True)] == [True] * 2
    assert one.params[1] == "2026-10-29 00:00"
    assert one.params[0] == Today(now) != other.params[0].at(now + datetime.timedelta(days=1))
