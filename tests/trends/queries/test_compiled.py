"""Queries that are built once: they give what the same queryset gives, for any values."""

import datetime

import pytest
from django.db.models import Count, QuerySet
from django.utils import translation

from tests.support.make import make_trend
from trends.models import Trend
from trends.queries.compiled import CompiledRows, listed, parameter

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 1, 1)


@pytest.fixture
def trends() -> list[Trend]:
    tags = (["cost"], ["cost", "policy"], [])
    return [make_trend(f"trend-{n}", tags=tags[n]) for n in range(3)]


def built(counter: list[int]) -> QuerySet[Trend]:
    counter.append(1)
    tagged = Trend.objects.filter(tagged__tag__slug=parameter("tag"))
    return tagged.order_by("slug").for_list(TODAY)


def test_a_query_is_built_once_and_its_values_vary(trends, django_assert_num_queries):
    counter: list[int] = []
    rows = CompiledRows(lambda: built(counter))
    for tag, slugs in (("cost", ["trend-0", "trend-1"]), ("policy", ["trend-1"]), ("no", [])):
        with django_assert_num_queries(2 if slugs else 1):  # the rows, and their tags
            found = rows.fetch(tag=tag)
            assert [trend.slug for trend in found] == slugs
            assert all(tag in [row.slug for row in trend.tag_rows] for trend in found)
    assert counter == [1]


def test_rows_are_those_of_the_queryset_itself(trends):
    rows = CompiledRows(lambda status: Trend.objects.filter(status=status).for_list(TODAY))
    found, expected = rows.fetch("growing"), Trend.objects.filter(status="growing").for_list(TODAY)
    for row, other in zip(found, expected, strict=True):
        own, others = ({k: v for k, v in vars(r).items() if k[0] != "_"} for r in (row, other))
        assert own == others
    assert rows.fetch("declining") == []


@pytest.mark.parametrize("number", [0, 1, 1200])
def test_a_list_of_values_may_have_any_length(trends, number):
    rows = CompiledRows(lambda: Trend.objects.filter(pk__in=listed("pks")).order_by("slug"))
    pks = [trend.pk for trend in trends[:number]] + list(range(10**6, 10**6 + number))
    assert rows.fetch(pks=pks) == trends[:number]
    by_slug = CompiledRows(lambda: Trend.objects.filter(slug__in=listed("slugs", "text")))
    assert by_slug.fetch(slugs=["trend-1", "it's"]) == [trends[1]]


def test_counts_are_read_as_the_queryset_reads_them(trends):
    counted = CompiledRows(
        lambda: (
            Trend.objects.order_by("since__year").values_list("since__year").annotate(Count("pk"))
        )
    )
    assert counted.fetch() == list(counted._build())


def test_a_changed_setting_and_another_language_are_not_answered_by_what_was_built(settings):
    seen: list[str | None] = []

    def build() -> QuerySet[Trend]:
        seen.append(translation.get_language())
        return Trend.objects.for_list(TODAY)

    rows = CompiledRows(build)
    for language in ("en", "ja", "en"):
        with translation.override(language):
            rows.fetch()
    assert seen == ["en", "ja"]
    settings.RECENT_DAYS = 1
    with translation.override("en"):
        rows.fetch()
    assert seen == ["en", "ja", "en"]
