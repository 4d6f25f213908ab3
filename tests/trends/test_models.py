"""Trends and what hangs on one: the rules of the database, and what readers are shown."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import translation

from quotes.models import Expert, Mention, TaggedMention
from tests.support.days import tomorrow
from tests.support.loading import export, export_to
from tests.support.make import (
    date,
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
)
from trends.editing.rules import check_newest_assessment
from trends.models import (
    Assessment,
    Audience,
    Driver,
    Falsifier,
    Implication,
    Reading,
    TaggedTrend,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trends.queries.citations import cited_source_ids, cited_sources
from trends.queries.parts import TrendParts, fetch_parts
from trendsite.shared.models import Tag
from trendsite.shared.translated import columns, translated, translated_fields

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 5, 1)
PARTS = {
    "drivers": 1,
    "implications": 2,
    "timeline": 1,
    "mentions": 1,
    "assessments": 1,
    "reading": 1,
}


# What the database refuses, whoever writes it


@pytest.mark.parametrize(
    ("model", "values", "constraint"),
    [
        (Trend, {"slug": "Upper"}, "(?i)check"),
        (Trend, {"slug": ""}, "(?i)check"),
        (Trend, {"status": "flying"}, "trends_trend_status"),
        (Trend, {"status": ""}, "trends_trend_status"),
        (Trend, {"confidence": "none"}, "trends_trend_confidence"),
        (Trend, {"title_en": None, "title_ja": None}, "trends_trend_has_title"),
        (Trend, {"title_en": ""}, "trends_trend_no_blank_text"),
        (Trend, {"subtitle_ja": ""}, "trends_trend_no_blank_text"),
        (Trend, {"shift_en": ""}, "trends_trend_no_blank_text"),
        (Trend, {"since": None}, "NOT NULL|null value"),
        (Driver, {"heading_en": None, "heading_ja": None}, "trends_driver_has_heading"),
        (Driver, {"body_en": ""}, "trends_driver_no_blank_text"),
        (Driver, {"order": -1}, "CHECK|trends_driver_order"),
        (Audience, {"slug": "Everyone"}, "(?i)check"),
        (Audience, {"label_en": None, "label_ja": None}, "trends_audience_has_label"),
        (Audience, {"label_ja": ""}, "trends_audience_no_blank_text"),
        (Implication, {"lead_en": None, "lead_ja": None}, "trends_implication_has_lead"),
        (Implication, {"text_en": ""}, "trends_implication_no_blank_text"),
        (TimelineEntry, {"text_en": None, "text_ja": None}, "trends_timelineentry_has_text"),
        (TimelineEntry, {"note_en": ""}, "trends_timelineentry_no_blank_text"),
        (TimelineEntry, {"kind": "rumour"}, "trends_timelineentry_outcome_of_kind"),
        (TimelineEntry, {"outcome": "missed"}, "trends_timelineentry_outcome_of_kind"),
        (TimelineEntry, {"kind": "forecast"}, "trends_timelineentry_outcome_of_kind"),
        (
            TimelineEntry,
            {"kind": "forecast", "outcome": "won"},
            "trends_timelineentry_outcome_of_kind",
        ),
        (
            TimelineEntry,
            {"kind": "scheduled", "outcome": "confirmed"},
            "trends_timelineentry_outcome_of_kind",
        ),
        (
            TimelineEntry,
            {"kind": "forecast", "outcome": "void"},
            "trends_timelineentry_outcome_has_note",
        ),
        (TimelineEntry, {"probability": 50}, "trends_timelineentry_claim_is_forecast"),
        (
            TimelineEntry,
            {"kind": "forecast", "outcome": "pending", "made_by": "expert"},
            "trends_timelineentry_claimant",
        ),
        (
            TimelineEntry,
            {"kind": "forecast", "outcome": "pending", "probability": 101},
            "trends_timelineentry_probability",
        ),
        (Trend, {"key_points_en": "a\nb\nc\nd\ne"}, "trends_trend_key_points_en"),
        (Falsifier, {"text_en": None, "text_ja": None}, "trends_falsifier_has_text"),
        (Assessment, {"status": "flying"}, "trends_assessment_status"),
        (Assessment, {"confidence": ""}, "trends_assessment_confidence"),
        (Assessment, {"rationale_ja": ""}, "trends_assessment_no_blank_text"),
    ],
)
def test_the_database_refuses_what_breaks_a_rule(model, values, constraint):
    Falsifier.objects.create(trend=make_trend(**PARTS), text_en="It stops.")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**values)


@pytest.mark.parametrize(
    "again",
    [
        lambda trend: make_trend(trend.slug),
        lambda trend: TaggedTrend.objects.create(content_object=trend, tag=make_tag("strategy")),
        lambda trend: TrendMention.objects.create(trend=trend, mention=Mention.objects.get()),
        lambda trend: Reading.objects.create(trend=trend, source=trend.reading.get()),
        lambda trend: Assessment.objects.create(
            trend=trend, date=trend.assessments.get().date, status="growing", confidence="low"
        ),
        lambda trend: Audience.objects.create(slug="enterprises", label_en="Again"),
    ],
    ids=["slug", "tag", "mention", "reading", "assessment of a date", "audience"],
)
def test_what_a_trend_has_once_is_not_written_twice(again):
    trend = make_trend(tags=["strategy"], **PARTS)
    with pytest.raises(IntegrityError), transaction.atomic():
        again(trend)


@pytest.mark.parametrize("model", [Tag, Audience, Expert, Mention])
def test_what_a_trend_needs_is_not_deleted(model):
    make_trend(tags=["strategy"], **PARTS)
    with pytest.raises(ProtectedError):
        model.objects.first().delete()


def test_what_hangs_on_a_trend_alone_goes_with_it():
    make_trend(tags=["strategy"], **PARTS)
    Trend.objects.get().delete()
    for model in (Driver, Implication, TimelineEntry, Assessment, TrendMention, Reading):
        assert not model.objects.exists()
    assert Mention.objects.count() == 1


# What a person is told


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        (
            lambda trend: Trend(
                slug="A b", status="growing", confidence="low", since="2025", title_en="x"
            ),
            {
                "slug": [
                    "Enter lower-case letters a–z and digits, with single hyphens between words."
                ]
            },
        ),
        (
            lambda trend: TimelineEntry(
                trend=trend, date="2025", text_en="x", kind="event", outcome="missed"
            ),
            {"outcome": ["An event has no outcome: leave it empty, or change the kind."]},
        ),
        (
            lambda trend: Assessment(
                trend=trend, date=date("2000-05-01"), status="growing", confidence="low"
            ),
            {"__all__": ["An assessment with this date already exists."]},
        ),
        (
            lambda trend: Reading(trend=trend, source=trend.reading.get()),
            {"__all__": ["This source is already listed."]},
        ),
        (
            lambda trend: TrendMention(trend=trend, mention=trend.mentions.get()),
            {"__all__": ["This quotation is already on the trend."]},
        ),
    ],
    ids=["slug", "outcome of an event", "assessment again", "reading again", "mention again"],
)
def test_a_person_is_told_which_rule_is_broken(row, errors):
    trend = make_trend(**PARTS)
    with pytest.raises(ValidationError) as caught:
        row(trend).full_clean()
    assert caught.value.message_dict == errors


def test_a_forecast_without_an_outcome_is_pending():
    entry = TimelineEntry(trend=make_trend(), date="2030", text_en="It will.", kind="forecast")
    entry.full_clean()
    entry.save()
    assert entry.outcome == "pending"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_trend_in_japanese_alone_is_possible(language):
    with translation.override(language):
        trend = Trend(
            slug="japanese", status="growing", confidence="low", since="2025", title_ja="最小"
        )
        trend.full_clean()
        trend.save()
        trend.refresh_from_db()
        assert (trend.title_en, trend.title_ja) == (None, "最小")
        assert str(trend) == "最小"
        assert trend.languages == ["ja"]


def assessment(day: str, status: str = "growing", confidence: str = "medium") -> Assessment:
    return Assessment(date=date(day), status=status, confidence=confidence)


def test_the_newest_assessment_agrees_with_the_trend():
    trend = Trend(status="growing", confidence="medium")
    check_newest_assessment(trend, [])
    check_newest_assessment(trend, [assessment("2025-12"), assessment("2025-06", "declining")])
    with pytest.raises(ValidationError) as caught:
        check_newest_assessment(
            trend, [assessment("2026", "declining", "low"), assessment("2025-12-31")]
        )
    assert caught.value.message_dict == {
        "status": ["The latest assessment (2026) says “declining”. The two must match."],
        "confidence": ["The latest assessment (2026) says “low”. The two must match."],
    }


# Published, and in which languages


@pytest.mark.parametrize(
    ("published", "is_published"),
    [
        (None, False),
        (TODAY - datetime.timedelta(days=1), True),
        (TODAY, True),
        (TODAY + datetime.timedelta(days=1), False),
        (datetime.date.min, True),
        (datetime.date.max, False),
    ],
)
def test_published_is_one_rule_in_sql_and_in_python(published, is_published):
    trend = make_trend(published=published)
    assert trend.is_published(TODAY) == is_published
    assert Trend.objects.published(TODAY).exists() == is_published


def test_published_is_as_of_today_unless_told():
    make_trend("yesterday")
    make_trend("tomorrow", published=tomorrow())
    assert [trend.slug for trend in Trend.objects.published()] == ["yesterday"]
    assert [trend.slug for trend in Trend.objects.all() if trend.is_published()] == ["yesterday"]


def test_the_latest_published_come_first_and_drafts_last():
    make_trend("draft", published=None)
    make_trend("old", published=datetime.date(2020, 1, 1))
    make_trend("new", published=datetime.date(2025, 1, 1))
    make_trend("another-new", published=datetime.date(2025, 1, 1))
    assert [trend.slug for trend in Trend.objects.latest_first()] == [
        "another-new",
        "new",
        "old",
        "draft",
    ]


@pytest.mark.parametrize(
    ("missing", "offered"),
    [
        ([], ["en", "ja"]),
        (["title_ja"], ["en"]),
        (["title_en"], ["ja"]),
        (["shift_ja"], ["en"]),
        (["shift_en"], ["ja"]),
        (["shift_en", "shift_ja"], ["en", "ja"]),
        (["title_ja", "shift_en", "shift_ja"], ["en"]),
        (["title_en", "shift_ja"], []),
        (["subtitle_en", "subtitle_ja"], ["en", "ja"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("active", ["en", "ja"])
def test_a_trend_is_offered_where_its_title_and_shift_are_there(missing, offered, active):
    with translation.override(active):
        trend = make_trend(**dict.fromkeys(missing))
        assert trend.languages == offered
        assert [
            language for language in ("en", "ja") if Trend.objects.offered_in(language).exists()
        ] == offered


# Addresses


def test_a_changed_title_does_not_change_the_address():
    trend = make_trend()
    with translation.override("ja"):
        before = trend.get_absolute_url()
        trend.title_en, trend.title_ja = "Another title", "別の題"
        trend.full_clean()
        trend.save()
        trend.refresh_from_db()
        assert trend.get_absolute_url() == before == "/ja/trends/example-trend/"
    assert trend.slug == "example-trend"


# The unsuffixed columns


@pytest.fixture
def garbled():
    """One of everything, with garbage in every column that modeltranslation leaves unsuffixed."""
    make_trend("other")
    trend = make_trend(tags=["strategy"], **PARTS)
    trend.related.add(Trend.objects.get(slug="other"))
    for model in (
        Trend,
        Driver,
        Audience,
        Implication,
        TimelineEntry,
        Assessment,
        Mention,
        Expert,
        Tag,
    ):
        fields = translated_fields(model)
        assert fields
        assignments = ", ".join(f"\"{field}\" = 'GARBAGE'" for field in fields)
        with connection.cursor() as cursor:
            cursor.execute(f'UPDATE "{model._meta.db_table}" SET {assignments}')
    return trend


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_row_shows_the_unsuffixed_columns(garbled, language):
    with translation.override(language):
        for model in (
            Trend,
            Driver,
            Audience,
            Implication,
            TimelineEntry,
            Assessment,
            Mention,
            Expert,
            Tag,
        ):
            for row in model.objects.all():
                assert "GARBAGE" not in str(row)
                for field in translated_fields(model):
                    assert "GARBAGE" not in translated(row, field).text
                row.full_clean()
                row.save()
                for name in columns(*translated_fields(model)):
                    assert "GARBAGE" not in (getattr(row, name) or "")


def test_no_export_shows_the_unsuffixed_columns(garbled, tmp_path):
    assert "GARBAGE" not in export()
    assert not [name for name, text in export_to(tmp_path).items() if b"GARBAGE" in text]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    "path", ["", "trends/example-trend/", "tags/strategy/", "experts/mina-example/"]
)
def test_no_page_shows_the_unsuffixed_columns(garbled, client, language, path):
    response = client.get(f"/{language}/{path}")
    assert response.status_code == 200
    assert b"GARBAGE" not in response.content
    assert b"example-trend" in response.content


# Queries


def read_everything(trend: Trend, parts: TrendParts) -> None:
    """Read all that the page shows, as a template would."""
    assert [str(link.tag) for link in trend.tagged.all()]
    assert [translated(row, "body").text for row in parts.drivers]
    for link in parts.mentions:
        mention = link.mention
        assert str(mention.expert)
        assert mention.link
        assert mention.picture is None  # the expert’s portrait is shown
        assert mention.source.title
        assert [str(tagged.tag) for tagged in mention.tagged.all()]
    assert [(str(row.audience), str(row)) for row in parts.implications]
    assert [(str(row), row.source.title) for row in parts.timeline]
    assert [str(row) for row in parts.assessments]
    assert str(trend)
    assert trend.languages


@pytest.mark.parametrize("children", [1, 8])
def test_reading_the_parts_of_a_trend_makes_no_further_query(django_assert_num_queries, children):
    trend = make_trend(tags=["strategy"], **dict.fromkeys(PARTS, children))
    # The trend, its tags, drivers, mentions, their tags, implications, timeline, assessments and
    # falsifiers.
    with django_assert_num_queries(9):
        trend = Trend.objects.get(slug="example-trend")
        read_everything(trend, fetch_parts(trend, datetime.date(2026, 1, 1)))
    with django_assert_num_queries(2):  # who cites what, and the sources
        cited = cited_sources(trend)
    assert len(cited) == 5 * children + 1


@pytest.mark.parametrize("count", [1, 8])
def test_a_list_takes_the_same_queries_whatever_it_holds(django_assert_num_queries, count):
    for number in range(count):
        make_trend(f"trend-{number}", tags=["strategy", "product"], assessments=2)
    with django_assert_num_queries(2):  # trends, and their tags
        for trend in Trend.objects.published().for_list():
            assert [tagged.tag.slug for tagged in trend.tagged.all()] == ["strategy", "product"]
            assert str(trend.reviewed) == "2001-05-01"


# Citations


def test_a_trend_knows_who_cites_what_in_the_editors_order():
    trend = make_trend()
    one, two, three = (make_source(key) for key in ("one", "two", "three"))
    trend.shift_sources.add(three)
    trend.shift_sources.add(one)
    driver = Driver.objects.create(trend=trend, heading_en="Driver")
    driver.sources.add(two)
    mention = make_mention(source=one)
    TrendMention.objects.create(trend=trend, mention=mention)
    entry = TimelineEntry.objects.create(trend=trend, date="2025", text_en="x", source=two)
    Reading.objects.create(trend=trend, source=one, order=1)
    Reading.objects.create(trend=trend, source=two, order=0)
    other = make_trend("other")
    other.shift_sources.add(make_source("elsewhere"))
    assert cited_sources(trend) == {
        ("shift", trend.pk): [three, one],
        ("driver", driver.pk): [two],
        ("mention", mention.pk): [one],
        ("timeline", entry.pk): [two],
        ("reading", trend.pk): [two, one],
    }
    assert cited_source_ids(trend) == {one.pk, two.pk, three.pk}
    assert cited_sources(make_trend("bare")) == {}


def test_tags_stand_in_the_editors_order():
    trend, mention = make_trend(), make_mention(expert=make_expert())
    for model, owner in ((TaggedTrend, trend), (TaggedMention, mention)):
        model.objects.create(content_object=owner, tag=make_tag("strategy"), order=1)
        model.objects.create(content_object=owner, tag=make_tag("product"), order=0)
        assert [tagged.tag.slug for tagged in owner.tagged.all()] == ["product", "strategy"]


def test_implications_stand_by_audience_in_the_order_of_the_vocabulary():
    trend = make_trend()
    for number, (slug, order) in enumerate([("researchers", 1), ("enterprises", 0)] * 2):
        Implication.objects.create(
            trend=trend, audience=make_audience(slug, order), order=number, lead_en=f"{number}"
        )
    assert [row.lead_en for row in trend.implications.all()] == ["1", "3", "0", "2"]
