"""The form of a trend: one form for all that hangs on it, and what it refuses."""

import datetime

import pytest
from django.utils import timezone

from tests.support.days import days_from_now
from tests.support.editing import (
    ADD_TREND,
    add_row,
    errors,
    form_data,
    make_editor,
    send,
    trend_url,
)
from tests.support.make import (
    date,
    make_audience,
    make_mention,
    make_source,
    make_tag,
    make_trend,
)
from trends.levels import Outcome
from trends.models import Assessment, Trend

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def editor(client):
    user = make_editor()
    client.force_login(user)
    return user


@pytest.fixture
def blank(client):
    """The form for a new trend with what is required filled in."""
    return {
        **form_data(client, ADD_TREND),
        "title_en": "A new trend",
        "slug": "a-new-trend",
        "status": "growing",
        "confidence": "low",
        "since": "2024 Q3",
    }


def change(client, trend, **changes):
    url = trend_url(trend)
    return send(client, url, form_data(client, url), **changes)


def test_one_form_adds_a_trend_with_all_that_hangs_on_it(client, blank):
    source, mention = make_source(), make_mention()
    tag, audience = make_tag(), make_audience()
    add_row(blank, "tagged", tag=tag.pk)
    add_row(blank, "drivers", heading_en="Why", body_ja="理由", sources=[source.pk])
    add_row(blank, "trend_mentions", mention=mention.pk, voice="on")
    add_row(blank, "implications", audience=audience.pk, lead_en="Do this", sources=[source.pk])
    add_row(blank, "timeline", date="2024年6月", kind="event", text_en="It began")
    add_row(blank, "assessments", date="2025-02-03", status="growing", confidence="low")
    add_row(blank, "assessments", date="2025-01-03", status="emerging", confidence="low")
    blank["assessments-1-reconstructed"] = "on"
    add_row(blank, "falsifiers", date="2999-06", text_en="It stops")
    add_row(blank, "readings", source=source.pk)
    response = send(
        client,
        ADD_TREND,
        blank,
        title_ja="新しい傾向",
        shift_sources=[source.pk],
        key_points_en="It shifts.\nWait.",
        confidence_of_en="that it shifts",
    )
    assert response.status_code == 302, errors(response)
    trend = Trend.objects.get(slug="a-new-trend")
    assert trend.title_ja == "新しい傾向"
    assert trend.since == date("2024-Q3")
    assert [row.tag for row in trend.tagged.all()] == [tag]
    driver = trend.drivers.get()
    assert (driver.heading_en, driver.heading_ja, driver.body_ja) == ("Why", None, "理由")
    assert list(driver.sources.all()) == [source]
    assert trend.trend_mentions.get().voice
    assert trend.implications.get().audience == audience
    assert trend.timeline.get().date == date("2024-06")
    assert [(str(row.date), row.reconstructed) for row in trend.assessments.all()] == [
        ("2025-02-03", False),
        ("2025-01-03", True),
    ]
    assert (trend.key_points_en, trend.confidence_of_en) == ("It shifts.\nWait.", "that it shifts")
    falsifier = trend.falsifiers.get()
    assert (falsifier.text_en, falsifier.date) == ("It stops", date("2999-06"))
    assert list(trend.reading.all()) == [source]
    assert list(trend.shift_sources.all()) == [source]


def test_trend_may_be_in_japanese_alone(client, blank):
    send(client, ADD_TREND, blank, title_en="", title_ja="日本語だけ")
    trend = Trend.objects.get(slug="a-new-trend")
    assert (trend.title_en, trend.title_ja, trend.subtitle_en) == (None, "日本語だけ", None)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_title_is_needed_in_one_language(client, blank, language, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = send(client, ADD_TREND, blank, title_en=" ")
    assert list(errors(response)) == [f"title_{language}"]


def test_text_can_be_emptied_in_the_language_of_the_interface(client):
    trend = make_trend()
    change(client, trend, subtitle_en="")
    trend.refresh_from_db()
    assert (trend.subtitle_en, trend.subtitle_ja) == (None, "example-trendの副題")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("slug", "Not ASCII é", "Enter lower-case letters a–z and digits"),
        ("slug", "other", "already exists"),
        ("since", "2024-Q5", "“2024-Q5” is not a date"),
        ("published", "soon", "Enter a valid date"),
        ("status", "", "This field is required"),
        ("confidence", "very", "Select a valid choice"),
    ],
)
def test_mistake_is_told_beside_its_field(client, blank, field, value, message):
    make_trend("other")
    response = send(client, ADD_TREND, blank, **{field: value})
    found = errors(response)
    assert list(found) == [field]
    assert message in found[field][0]


def test_trend_is_not_related_to_itself(client):
    trend = make_trend()
    response = change(client, trend, related=[trend.pk])
    assert errors(response) == {"related": ["A trend cannot be related to itself."]}


def test_newest_assessment_must_agree_with_the_badges(client, blank):
    add_row(blank, "assessments", date="2024", status="growing", confidence="low")
    add_row(blank, "assessments", date="2025-06", status="established", confidence="high")
    response = send(client, ADD_TREND, blank)
    assert errors(response) == {
        "status": ["The latest assessment (2025-06) says “established”. The two must match."],
        "confidence": ["The latest assessment (2025-06) says “high”. The two must match."],
    }


def test_assessment_that_is_being_deleted_does_not_count(client):
    trend = make_trend(assessments=1)
    other = Assessment.objects.create(
        trend=trend, date=date("2030"), status="declining", confidence="low"
    )
    response = change(client, trend, **{"assessments-0-DELETE": "on"})
    assert response.status_code == 302
    assert not Assessment.objects.filter(pk=other.pk).exists()


def test_badges_cannot_leave_the_saved_assessments_behind(client):
    trend = make_trend(assessments=2)
    response = change(client, trend, status="declining")
    assert list(errors(response)) == ["status"]


def test_two_assessments_of_one_date_are_refused(client, blank):
    for _ in range(2):
        add_row(blank, "assessments", date="2025", status="growing", confidence="low")
    response = send(client, ADD_TREND, blank)
    assert response.status_code == 200
    assert "assessments" in errors(response)


def test_forecast_without_an_outcome_is_pending(client, blank):
    add_row(blank, "timeline", date="2031", kind="forecast", text_en="It will")
    send(client, ADD_TREND, blank)
    assert Trend.objects.get(slug="a-new-trend").timeline.get().outcome == Outcome.PENDING


def claim(blank, mention, **values):
    values = {"date": "2999", "kind": "forecast", "text_en": "It will", **values}
    add_row(
        blank,
        "timeline",
        made_by="expert",
        expert=mention.expert.pk,
        quotation=mention.pk,
        made="2025-12",
        criterion_en="The gauge",
        probability="60",
        **values,
    )


def test_a_forecast_names_who_made_it_and_in_which_words(client, blank):
    mention = make_mention()
    add_row(blank, "trend_mentions", mention=mention.pk)
    claim(blank, mention)
    response = send(client, ADD_TREND, blank)
    assert response.status_code == 302, errors(response)
    entry = Trend.objects.get(slug="a-new-trend").timeline.get()
    assert (entry.expert, entry.quotation, entry.made) == (
        mention.expert,
        mention,
        date("2025-12"),
    )
    assert (entry.made_by, entry.criterion_en, entry.probability) == ("expert", "The gauge", 60)


def test_the_words_of_a_forecast_are_among_the_mentions(client, blank):
    mention, other = make_mention(), make_mention("Other words.")
    add_row(blank, "trend_mentions", mention=other.pk)
    claim(blank, mention)
    response = send(client, ADD_TREND, blank)
    assert list(errors(response)) == ["timeline-0-quotation"]
    assert "not among the mentions" in errors(response)["timeline-0-quotation"][0]


def test_a_mention_in_which_a_forecast_was_made_is_not_removed_alone(client, blank):
    mention = make_mention()
    add_row(blank, "trend_mentions", mention=mention.pk)
    claim(blank, mention)
    send(client, ADD_TREND, blank)
    trend = Trend.objects.get(slug="a-new-trend")
    response = change(client, trend, **{"trend_mentions-0-DELETE": "on"})
    assert list(errors(response)) == ["timeline-0-quotation"]
    response = change(client, trend, **{"trend_mentions-0-DELETE": "on", "timeline-0-DELETE": "on"})
    assert response.status_code == 302, errors(response)


@pytest.mark.parametrize("kind", ["event", "scheduled"])
def test_only_a_forecast_has_somebody_who_made_it(client, blank, kind):
    add_row(blank, "timeline", date="2021", kind=kind, text_en="It did", probability="60")
    assert list(errors(send(client, ADD_TREND, blank))) == ["timeline-0-probability"]


def test_event_has_no_outcome(client, blank):
    add_row(blank, "timeline", date="2021", kind="event", outcome="missed", text_en="It did")
    response = send(client, ADD_TREND, blank)
    assert list(errors(response)) == ["timeline-0-outcome"]


def test_rows_without_a_place_come_last_in_the_order_in_which_they_stand(client, blank):
    for heading, place in [("c", ""), ("d", ""), ("b", "2"), ("a", "1")]:
        add_row(blank, "drivers", heading_en=heading, order=place)
    send(client, ADD_TREND, blank)
    trend = Trend.objects.get(slug="a-new-trend")
    assert [driver.heading_en for driver in trend.drivers.all()] == ["a", "b", "c", "d"]


def test_places_are_shown_from_one_and_can_be_changed(client):
    trend = make_trend(drivers=3)
    data = form_data(client, trend_url(trend))
    assert [data[f"drivers-{n}-order"] for n in range(3)] == ["1", "2", "3"]
    response = send(client, trend_url(trend), data, **{"drivers-0-order": "4"})
    assert response.status_code == 302
    headings = [driver.heading_en for driver in trend.drivers.all()]
    assert headings == ["Driver 1", "Driver 2", "Driver 0"]


def test_new_row_with_nothing_but_a_place_is_left_out(client, blank):
    add_row(blank, "drivers", order="1")
    assert send(client, ADD_TREND, blank).status_code == 302
    assert not Trend.objects.get(slug="a-new-trend").drivers.exists()


def test_same_mention_twice_is_refused(client, blank):
    mention = make_mention()
    for _ in range(2):
        add_row(blank, "trend_mentions", mention=mention.pk)
    response = send(client, ADD_TREND, blank)
    assert "trend_mentions" in errors(response)


@pytest.mark.parametrize(
    "days",
    [None, 3, 0],
    ids=["draft", "scheduled", "published"],
)
def test_a_slug_may_change_and_the_old_one_is_remembered(client, days):
    published = None if days is None else days_from_now(days)
    trend = make_trend(published=published)
    change(client, trend, slug="another", published=str(published or ""))
    trend.refresh_from_db()
    assert (trend.slug, trend.former_names()) == ("another", ["example-trend"])


# Two editors


def test_change_of_a_row_alone_is_a_change_of_the_trend(client):
    trend = make_trend(drivers=2)
    url = trend_url(trend)
    second = form_data(client, url) | {"began_with": ""}  # so that nothing can be merged
    change(client, trend, **{"drivers-1-heading_ja": "新しい見出し"})
    assert "" in errors(send(client, url, second))


def test_nothing_typed_is_lost_when_a_colleague_deleted_the_trend(client):
    trend = make_trend(drivers=1)
    url = trend_url(trend)
    data = form_data(client, url)
    trend.delete()
    response = send(client, url, data, **{"drivers-0-body_en": "My words on this driver."})
    assert response.status_code == 404
    page = response.content.decode()
    assert "Somebody deleted or merged this while you were editing it." in page
    assert "My words on this driver." in page
    assert client.get(url).status_code == 302  # there is nothing to keep


def test_nothing_typed_is_lost_when_a_colleague_deleted_a_row(client):
    trend = make_trend(drivers=3)
    url = trend_url(trend)
    second = form_data(client, url)
    change(client, trend, **{"drivers-0-DELETE": "on"})
    response = send(
        client, url, second, **{f"drivers-{n}-body_en": f"My words {n}" for n in range(3)}
    )
    assert response.status_code == 200
    page = response.content.decode()
    assert all(f"My words {n}" in page for n in range(3))


def test_save_that_changes_something_counts_and_is_dated(client):
    before = timezone.now() - datetime.timedelta(days=9)
    trend = make_trend(drivers=1, updated_at=before)
    change(client, trend, **{"drivers-0-body_en": "Other words."})
    trend.refresh_from_db()
    assert trend.version == 1
    assert trend.updated_at > before


def test_save_that_changes_nothing_leaves_the_date(client):
    before = timezone.now() - datetime.timedelta(days=9)
    trend = make_trend(
        tags=["strategy"],
        drivers=2,
        implications=2,
        timeline=2,
        mentions=2,
        assessments=2,
        reading=2,
        updated_at=before,
        shift_en="One line.\nAnother.",
    )
    assert change(client, trend, shift_en="One line.\r\nAnother.").status_code == 302
    trend.refresh_from_db()
    assert (trend.version, trend.updated_at) == (0, before)


def test_trend_with_very_many_rows_can_be_saved(client):
    trend = make_trend(timeline=120)
    sent = form_data(client, trend_url(trend))
    assert len(sent) > 1000  # as many as Django takes by default
    response = send(client, trend_url(trend), sent, title_en="Still works")
    assert response.status_code == 302
    trend.refresh_from_db()
    assert trend.title_en == "Still works"


def test_how_a_title_is_read_is_asked_in_japanese_alone(client, editor):
    trend = make_trend()
    assert [name for name in form_data(client, ADD_TREND) if "title_reading" in name] == []
    page = client.get(trend_url(trend)).content.decode()
    assert 'name="title_reading_ja"' in page
    assert 'name="title_reading_en"' not in page
    Trend.objects.filter(pk=trend.pk).update(title_reading_en="Tee")
    assert form_data(client, trend_url(trend))["title_reading_en"] == "Tee"
