"""What is deleted while a page is made is on the page as a whole, or not at all."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from quotes.models import Source
from tests.support.connections import in_another_connection
from tests.support.make import make_source, make_trend
from trends.formats import sitemaps
from trends.models import Trend

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESSES = [
    "/en/trends/example-trend/",
    "/en/trends/example-trend.md",
    "/en/trends/example-trend.json",
    "/en/sources/report/",
    "/en/changes/",
    "/en/feed.atom",
    "/sitemap-sources.xml",
]


def make_cited_source() -> None:
    """A source that a driver and an assessment cite."""
    trend = Trend.objects.get()
    source = make_source("report", id=4_000)
    trend.drivers.get().sources.add(source)
    trend.assessments.get().sources.add(source)


@contextmanager
def deleted_after(number: int) -> Iterator[list[str]]:
    """Delete the source in another connection after a query; yields the queries asked."""
    asked: list[str] = []

    def wrapper(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if re.match(r"\(?(SELECT|WITH)", sql):
            asked.append(sql)
            if len(asked) == number:
                in_another_connection(Source.objects.filter(key="report").delete)
        return result

    with connection.execute_wrapper(wrapper):
        yield asked


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_source_that_is_deleted_between_two_queries_is_shown_as_before(
    client, monkeypatch, address
):
    monkeypatch.setattr(sitemaps, "ADDRESSES_A_FILE", 10**9)  # all sources are in the first file
    make_trend(drivers=1, assessments=1)
    make_cited_source()
    before = client.get(address)
    assert before.status_code == 200
    asked = [""]
    number = 0
    while len(asked) >= number:
        number += 1
        with deleted_after(number) as asked:
            after = client.get(address)
        assert after.content == before.content
        if len(asked) >= number:
            assert not Source.objects.filter(key="report").exists()
            make_cited_source()
    assert number > 2
