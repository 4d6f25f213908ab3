"""Versions of trends: stored with every write, and restored exactly."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.models import Mention, Source, Video
from tests.support.cases import cases
from tests.support.loading import VOCABULARY, WHOLE, export, load_texts
from tests.support.make import date, make_tag
from trends.fixture_format.row_formats import FALSIFIER, TREND
from trends.fixture_format.trend_layout import TREND_LAYOUT
from trends.models import Driver, Falsifier, Implication, TaggedTrend, TimelineEntry, Trend
from trendsite.shared.revisions.kinds import kind_of
from trendsite.shared.revisions.layout import Rows
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Action, Origin, Provenance, delete, writing

pytestmark = pytest.mark.django_db

BY_FILE = Provenance(Origin.FILE, note="whole.yaml")
BY_HAND = Provenance(Origin.ADMIN)


@pytest.fixture
def trend(tmp_path) -> Trend:
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    return Trend.objects.get(slug="whole")


def versions(pk: int) -> list[Revision]:
    """The versions of a trend, the earliest first."""
    return list(Revision.objects.of(Trend, [pk]).order_by("pk"))


def restore(revision: Revision, path: str = "") -> list[str]:
    kind = kind_of(Trend)
    return kind.restore(revision.object_id, kind.read(revision.text), revision.extra, BY_HAND)


def edit(*rows, by=BY_HAND):
    """Save changed rows as one write, as a form does."""
    with writing(by) as write:
        write.announce(type(row)._base_manager.get(pk=row.pk) for row in rows if row.pk)
        for row in rows:
            row.save()
            write.record(Action.CHANGED, row)


def edit_trend(pk: int, *rows):
    """Save rows of a trend as a change of the trend."""
    with writing(BY_HAND) as write:
        trend = Trend.objects.get(pk=pk)
        write.announce([trend])
        for row in rows:
            row.save()
        trend.count_change()
        trend.save()
        write.record(Action.CHANGED, trend)


def test_comparison_knows_every_key_that_a_trends_file_has():
    assert {part.name for part in TREND_LAYOUT} == set(TREND.keys)
    rows = {part.name: part for part in TREND_LAYOUT if isinstance(part, Rows)}
    assert {value.name for value in rows["falsifiers"].values} == set(FALSIFIER.keys)


# What an editor or a file can do to a trend


def _text(data, trend):
    trend.subtitle_en = data.draw(st.sampled_from(["One", "Two", "二", None]))
    edit(trend)


def _rename(data, trend):
    trend.slug = data.draw(st.sampled_from(["whole", "renamed", "other-name"]))
    edit(trend)


def _heading(data, trend):
    driver = data.draw(st.sampled_from(list(trend.drivers.all())))
    driver.heading_en = data.draw(st.sampled_from(["First", "Second", "Third"]))
    edit_trend(trend.pk, driver)


def _move(data, trend):
    rows = list(data.draw(st.sampled_from([trend.drivers, trend.trend_mentions])).all())
    for order, row in enumerate(data.draw(st.permutations(rows))):
        row.order = order
    edit_trend(trend.pk, *rows)


def _add(data, trend):
    text = data.draw(st.sampled_from(["First", "New", "もう一つ"]))
    number = data.draw(st.integers(0, 5))
    row = data.draw(
        st.sampled_from(
            [
                Driver(trend=trend, order=number, heading_en=text),
                Falsifier(trend=trend, order=number, text_ja=text),
                TimelineEntry(trend=trend, date=date("2026"), text_ja=text),
            ]
        )
    )
    edit_trend(trend.pk, row)


def _remove(data, trend):
    kinds = [Driver, Implication, Falsifier, TimelineEntry]
    rows = [row for kind in kinds for row in kind.objects.filter(trend=trend)]
    if len(rows) < 4:
        return
    with writing(BY_HAND) as write:
        write.announce([trend])
        data.draw(st.sampled_from(rows)).delete()
        write.record(Action.CHANGED, trend)


def _words(data, trend):
    mention = data.draw(st.sampled_from(list(trend.mentions.order_by("pk"))))
    mention.original = data.draw(st.sampled_from(["Yes: it works.", "It works!", "はい。"]))
    if not Mention.objects.filter(expert=mention.expert, original=mention.original).exists():
        edit(mention)


def _source(data, trend):
    source = data.draw(st.sampled_from(list(Source.objects.order_by("pk"))))
    name, values = data.draw(
        st.sampled_from(
            [
                ("title", ["A report", "Another"]),
                ("url", ["https://example.org/moved", "https://example.org/report"]),
                ("key", ["report", "report-2", "new-key"]),
            ]
        )
    )
    value = data.draw(st.sampled_from(values))
    if not Source.objects.filter(**{name: value}).exists():
        setattr(source, name, value)
        edit(source)


def _video(data, trend):
    video = Video.objects.first()
    video.video_id = data.draw(st.sampled_from(["abcdefghijk", "bbbbbbbbbbb"]))
    edit(video)


def _tags(data, trend):
    TaggedTrend.objects.filter(content_object=trend).delete()
    slugs = data.draw(st.permutations(["strategy", "product", "third"]))[:2]
    rows = [
        TaggedTrend(content_object=trend, tag=make_tag(slug), order=order)
        for order, slug in enumerate(slugs)
    ]
    edit_trend(trend.pk, *rows)


def _restore(data, trend):
    restore(data.draw(st.sampled_from(versions(trend.pk))))


EDITS = [_text, _rename, _heading, _move, _add, _remove, _words, _source, _video, _tags, _restore]


@settings(max_examples=cases(3), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_version_is_restored_exactly(trend, data):
    with transaction.atomic():
        for act in data.draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=6)):
            act(data, Trend.objects.get(pk=trend.pk))
            last = versions(trend.pk)[-1]
            assert last.text == export(Trend.objects.get(pk=trend.pk).slug), act.__name__
        if data.draw(st.booleans(), label="deleted"):
            delete([Trend.objects.get(pk=trend.pk)], BY_HAND)
        version = data.draw(st.sampled_from(versions(trend.pk)))
        restore(version)
        assert export(Trend.objects.get(pk=trend.pk).slug) == version.text
        assert versions(trend.pk)[-1].text == version.text
        transaction.set_rollback(True)  # the next example begins with the same rows


def test_restoring_says_which_image_is_no_longer_there(trend):
    [revision] = versions(trend.pk)
    revision.extra["images"] = {"youtube-abcdefghijk.webp": f"thumbnails/{'0' * 64}.webp"}
    document = kind_of(Trend).read(revision.text)
    document["mentions"][0]["video"]["thumbnail"] = "youtube-abcdefghijk.webp"

    notices = kind_of(Trend).restore(trend.pk, document, revision.extra, BY_HAND)

    assert notices == ["The image of “A talk” is no longer kept."]
    assert Video.objects.get().thumbnail == ""
