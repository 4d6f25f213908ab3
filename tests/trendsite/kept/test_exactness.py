"""Random edits and days against random reads in several workers: never a stale byte."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.models import Expert, Mention, Source
from tests.support.clock import set_day
from tests.support.days import days_from_now, today
from tests.support.make import date, make_tag, make_trend
from tests.support.readers import Reader, open_connection
from trends.models import Assessment, TaggedTrend, TimelineEntry, Trend, TrendMention
from trendsite.kept.commit_watch import CommitWatch
from trendsite.kept.page_table import PageTable
from trendsite.shared.partial_dates import PartialDate

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESSES = [
    "/en/",
    "/ja/",
    "/en/?status=growing&utm_source=x",
    "/en/trends/first/",
    "/ja/trends/second/",
    "/en/trends/second.json",
    "/en/tags/product/",
    "/en/experts/mina-example/",
    "/ja/forecasts/",
    "/en/changes/",
    "/en/feed.atom",
    "/sitemap-trends.xml",
]


def by_sql(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE trends_trend SET subtitle_en = %s WHERE slug = 'first'", [f"{number}"]
        )


def assess(number: int) -> None:
    Assessment.objects.get_or_create(
        trend=Trend.objects.get(slug="second"),
        date=PartialDate.from_date(days_from_now(number - 3)),
        defaults={"status": "declining", "confidence": "low", "rationale_en": f"Reason {number}"},
    )


EDITS: list[Callable[[int], object]] = [
    by_sql,
    assess,
    lambda n: Trend.objects.filter(slug="second").update(published=days_from_now(n - 3)),
    lambda n: Trend.objects.filter(slug="first").update(retired=days_from_now(n)),
    lambda n: Trend.objects.update(retired=None, status=["growing", "emerging"][n % 2]),
    lambda n: Expert.objects.update(name_en=f"Name {n}"),
    lambda n: Source.objects.update(publisher=f"Press {n}"),
    lambda n: Mention.objects.update(translation_ja=f"訳{n}"),
    lambda n: TrendMention.objects.filter(trend__slug="first").update(order=n),
    lambda n: TaggedTrend.objects.filter(content_object__slug="first").delete(),
    lambda n: TaggedTrend.objects.get_or_create(
        content_object=Trend.objects.get(slug="first"), tag=make_tag("product")
    ),
    lambda n: TimelineEntry.objects.update(
        kind="forecast", outcome="pending", date=PartialDate.from_date(days_from_now(n))
    ),
    lambda n: TimelineEntry.objects.bulk_create(
        [TimelineEntry(trend=Trend.objects.get(slug="second"), date=date("2031"), text_en=f"E{n}")]
    ),
]

NUMBERS = st.integers(0, 6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(range(len(EDITS))), NUMBERS),
        st.tuples(st.just("day"), NUMBERS, NUMBERS),
        st.tuples(st.just("read"), st.sampled_from(range(len(ADDRESSES))), st.integers(0, 2)),
        st.tuples(st.just("read"), st.sampled_from(range(len(ADDRESSES))), st.integers(0, 2)),
    ),
    min_size=6,
    max_size=14,
)


@pytest.mark.parametrize("stored", [False, True], ids=["memory", "table"])
def test_no_reader_gets_what_is_no_longer_true(monkeypatch, stored):
    for slug in ("first", "second"):
        make_trend(slug, tags=["product"], timeline=2, mentions=1, assessments=1)
    is_sqlite = connection.vendor == "sqlite"
    readers = [
        Reader(
            page_table=PageTable() if stored else None,
            listener=CommitWatch() if is_sqlite and number else None,
        )
        for number in range(3)
    ]
    for address in ADDRESSES:
        for reader in readers:
            reader.get(address)

    @settings(max_examples=6, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def run(steps: list[tuple[str, int, int]]) -> None:
        for step, which, number in steps:
            if step == "edit":
                EDITS[which](number)
            elif step == "day":
                day = today() + datetime.timedelta(days=which * 20 + number)
                set_day(monkeypatch, day)
            else:
                address = ADDRESSES[which]
                answer = readers[number].get(address)
                with open_connection():
                    live = Client().get(address)
                assert answer.status == live.status_code
                if live.status_code == 200:
                    assert answer.body == live.content, address

    run()
