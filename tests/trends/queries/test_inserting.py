"""Rows that are inserted at once."""

import pytest

from quotes.models import Source
from tests.support.make import make_trend
from trends.models import Driver
from trends.queries import inserting
from trends.queries.inserting import create, insert
from trendsite.shared.models import Tag
from trendsite.shared.web_addresses import comparable

pytestmark = pytest.mark.django_db


def drivers(trend, number: int) -> list[Driver]:
    return [
        Driver(trend=trend, order=order, key=f"d-{order}", heading_en=f"The {order}th")
        for order in range(number)
    ]


def test_created_rows_are_saved_as_bulk_create_saves_them():
    trend = make_trend()
    create(Driver, drivers(trend, 3))
    created = list(Driver.objects.order_by("pk").values())
    Driver.objects.all().delete()
    Driver.objects.bulk_create(drivers(trend, 3))
    saved = list(Driver.objects.order_by("pk").values())
    assert [{**row, "id": 0} for row in created] == [{**row, "id": 0} for row in saved]


def test_columns_that_are_derived_from_others_are_set():
    create(Source, [Source(key="a", url="https://www.example.org/a/")])
    assert Source.objects.get().compared_url == comparable("https://www.example.org/a/")


def test_created_rows_have_their_primary_keys():
    rows = drivers(make_trend(), 3)
    create(Driver, rows)
    assert {row.pk: row.key for row in rows} == dict(Driver.objects.values_list("pk", "key"))
    assert not any(row._state.adding for row in rows)
    rows[0].heading_en = "Changed"
    rows[0].save()
    assert Driver.objects.count() == 3


def test_many_rows_take_several_queries(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(inserting, "_MOST_ROWS", 2)
    rows = [Tag(slug=f"t-{number}", name=f"t-{number}", label_en="T") for number in range(5)]
    with django_assert_num_queries(3):
        create(Tag, rows)
    assert {row.pk: row.slug for row in rows} == dict(Tag.objects.values_list("pk", "slug"))


def test_no_rows_take_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        create(Tag, [])
        insert("trendsite_tag (name)", [])
