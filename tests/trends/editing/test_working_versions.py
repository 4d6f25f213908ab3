"""Working versions of published trends: what they hold, and what becomes of them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.days import yesterday
from tests.support.make import date, make_trend
from tests.support.plans import plan_of
from trends.editing.publishing import publishing_admin
from trends.editing.publishing.publication import (
    CollisionError,
    begin,
    combined,
    discard,
    preparation_of,
    publish,
    text_of,
)
from trends.models import Driver, Preparation, Trend
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Action, Origin, Provenance

pytestmark = pytest.mark.django_db

EDITOR = Provenance(Origin.ADMIN)


def whole_trend(**values):
    other = make_trend("other")
    trend = make_trend(
        tags=["strategy", "product"],
        drivers=2,
        implications=2,
        timeline=2,
        mentions=2,
        assessments=2,
        reading=2,
        **values,
    )
    trend.related.add(other)
    return trend


def test_working_version_holds_all_that_the_trend_holds_and_nobody_lists_it():
    trend = whole_trend()
    working = begin(trend, None)
    text, copied = text_of(trend).text, text_of(working).text
    assert copied.replace(working.slug, trend.slug) == text.replace(
        f"published: {yesterday()}\n", ""
    )
    assert begin(trend, None) == working
    assert list(Trend.objects.order_by("slug").values_list("slug", flat=True)) == [
        "example-trend",
        "other",
    ]


def test_publishing_brings_the_changes_to_the_same_rows():
    trend = whole_trend()
    keys = list(trend.drivers.values_list("pk", "key"))
    working = begin(trend, None)
    driver = working.drivers.first()
    driver.body_en = "Another reason."
    driver.save()
    Trend.everything.filter(pk=working.pk).update(title_en="Another title")
    assert Trend.objects.get(pk=trend.pk).title_en == "Title of example-trend"
    published = publish(working, EDITOR)
    assert (published.pk, published.title_en) == (trend.pk, "Another title")
    assert published.published == yesterday()
    assert list(published.drivers.values_list("pk", "key")) == keys
    assert published.drivers.first().body_en == "Another reason."
    assert not Trend.everything.filter(pk=working.pk).exists()
    last = Revision.objects.of(Trend, [trend.pk]).first()
    assert last.action == Action.PUBLISHED
    assert last.text == text_of(published).text


def test_new_slug_leaves_the_old_one_as_a_former_address():
    trend = whole_trend()
    working = begin(trend, None)
    Preparation.objects.filter(trend=working).update(slug="new-name")
    published = publish(working, EDITOR)
    assert (published.slug, published.former_names()) == ("new-name", ["example-trend"])


def test_throwing_away_leaves_the_trend_and_nothing_else():
    trend = whole_trend()
    before = text_of(trend).text
    working = begin(trend, None)
    working.drivers.all().delete()
    discard(working)
    assert text_of(trend).text == before
    assert not Preparation.objects.exists()
    assert not Revision.objects.of(Trend, [working.pk]).exists()
    assert set(Driver.objects.values_list("trend", flat=True)) == {trend.pk}


def test_what_changed_meanwhile_is_kept_and_what_collides_is_asked():
    trend = whole_trend()
    working = begin(trend, None)
    Trend.everything.filter(pk=working.pk).update(title_en="Mine", subtitle_ja="私の副題")
    Trend.objects.filter(pk=trend.pk).update(title_en="Theirs", subtitle_en="Their subtitle")
    trend.drivers.first().delete()
    with pytest.raises(CollisionError):
        publish(working, EDITOR)
    result, _text = combined(preparation_of(working))
    (collision,) = result.collisions
    assert (collision.path, collision.mine, collision.theirs) == ("title:en", "Mine", "Theirs")
    published = publish(working, EDITOR, {"title:en": "theirs"})
    assert (published.title_en, published.subtitle_en) == ("Theirs", "Their subtitle")
    assert published.subtitle_ja == "私の副題"
    assert published.drivers.count() == 1


def test_retirement_is_prepared_and_must_not_be_before_publication():
    trend = whole_trend()
    working = begin(trend, None)
    working.retired = date("2001-01-01").first_day
    working.clean()
    working.save()
    with pytest.raises(ValidationError):
        publish(working, EDITOR)
    assert Trend.everything.filter(pk=working.pk).exists()
    Trend.everything.filter(pk=working.pk).update(retired=yesterday())
    assert publish(working, EDITOR).is_retired()


def test_a_trend_is_read_with_its_working_version_by_indexes():
    trends = [
        Trend(
            slug=f"t-{n}",
            title_en="Title",
            status="growing",
            confidence="low",
            since=date("2025"),
        )
        for n in range(500)
    ]
    Trend.everything.bulk_create(trends)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as captured:
        assert publishing_admin._ROWS().get(slug="t-7")
    steps = [step for query in captured for step in plan_of(query["sql"])]
    assert steps
    for step in steps:
        assert not step.startswith(("SCAN", "Seq Scan")), step
