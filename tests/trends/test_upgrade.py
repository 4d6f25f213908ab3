"""Databases from before are upgraded, and what they hold stays, or gets the form of today."""

from contextlib import redirect_stderr
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation

from quotes.models import Mention
from tests.support.days import days_from_now, today, yesterday
from tests.support.make import date
from trends.models import Assessment, Driver, TimelineEntry, Trend
from trends.queries.forecasts import ForecastSelection, Record, forecasts
from trends.search.models import SearchDocument
from trends.search.results import search
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.permanent_keys import key_of_texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("upgraded")]


@pytest.fixture(scope="module")
def upgraded(databases, django_db_setup, django_db_blocker):
    """An older database that was upgraded step by step; at each step come rows of its time.

    Gives what the last migrations said on standard error.
    """
    blocker = django_db_blocker
    with blocker.unblock(), databases.empty():
        for targets, add_rows in STEPS:
            executor = MigrationExecutor(connection)
            executor.migrate(targets)
            add_rows(executor.loader.project_state(targets).apps.get_model)
        with redirect_stderr(StringIO()) as said:
            MigrationExecutor(connection).migrate(executor.loader.graph.leaf_nodes())
        with blocker.block():
            yield said.getvalue()


# Before rows had permanent keys


def _add_rows_without_keys(get_model):
    trend = get_model("trends", "Trend").objects.create(
        slug="keyless", title_en="Keyless", status="growing", confidence="low", since=date("2024")
    )
    audience = get_model("trends", "Audience").objects.create(slug="enterprises", label_en="All")
    expert = get_model("quotes", "Expert").objects.create(slug="mina-example", name_en="Mina")
    mentions = get_model("quotes", "Mention").objects
    rows = [("mention", mentions.create(expert=expert, original="Yes: it works.", language="en"))]
    for order, heading in enumerate(["First", "日本語", "First"]):
        drivers = get_model("trends", "Driver").objects
        rows.append(("driver", drivers.create(trend=trend, heading_ja=heading, order=order)))
        points = get_model("trends", "Implication").objects
        point = points.create(trend=trend, audience=audience, lead_ja=heading, order=order)
        rows.append(("implication", point))
        entries = get_model("trends", "TimelineEntry").objects
        entry = entries.create(trend=trend, date=date(f"202{order}"), text_ja=heading)
        rows.append(("timeline", entry))
    for kind, row in rows:
        get_model("trends", "SearchDocument").objects.create(
            trend=trend, kind=kind, object_id=row.pk, language="ja", weight=2, text="First"
        )


def test_rows_of_an_older_database_get_their_keys_by_the_rule_of_today():
    trend = Trend.objects.get(slug="keyless")
    mention = Mention.objects.get(expert__slug="mina-example")
    assert mention.key == "mina-example-87d79b"
    rows = [mention]
    for members in (trend.drivers.all(), trend.implications.all(), trend.timeline.order_by("date")):
        assert [row.key for row in members] == ["first", key_of_texts(["日本語"]), "first-2"]
        rows += members
    documents = SearchDocument.objects.filter(trend=trend)
    assert sorted(documents.values_list("anchor", flat=True)) == sorted(row.anchor for row in rows)


# Before the record was kept honest


def _add_what_today_s_forms_refuse(get_model):
    trend = get_model("trends", "Trend").objects.create(
        slug="judged",
        title_en="An old trend",
        status="growing",
        confidence="low",
        since=date("2024"),
        published=yesterday(),
    )
    assessments = get_model("trends", "Assessment").objects
    for on, status in [("2024-05", "emerging"), ("2999", "growing")]:
        assessments.create(
            trend=trend, date=date(on), status=status, confidence="low", rationale_en=f"Of {on}"
        )
    entries = get_model("trends", "TimelineEntry").objects
    for key, when, outcome, settled in [
        ("foretold-early", "2031", "confirmed", None),
        ("settled-to-come", "2030", "missed", PartialDate.from_date(days_from_now(30))),
        ("settled", "2024", "confirmed", None),
        ("pending", "2032", "pending", None),
    ]:
        entry = entries.create(
            trend=trend,
            key=key,
            date=date(when),
            kind="forecast",
            outcome=outcome,
            settled=settled,
            text_en=f"Entry {key}",
        )
        get_model("trends", "SearchDocument").objects.create(
            trend=trend,
            kind="timeline",
            object_id=entry.pk,
            language="en",
            weight=2,
            text=entry.text_en,
        )
    entries.create(trend=trend, key="event", date=date("2024"), kind="event", text_en="It began")


def test_rows_of_an_older_database_stay_and_count_only_once_they_are_known(client):
    trend = Trend.objects.get(slug="judged")
    assert {
        entry.key: (entry.outcome, entry.made_by, entry.probability)
        for entry in TimelineEntry.objects.filter(kind="forecast")
    } == {
        "foretold-early": ("confirmed", "", None),
        "settled-to-come": ("missed", "", None),
        "settled": ("confirmed", "", None),
        "pending": ("pending", "", None),
    }
    assert [row.reconstructed for row in Assessment.objects.all()] == [False, False]
    states = {entry.key: entry.state for entry in forecasts(today())}
    assert states == {
        "foretold-early": "pending",
        "settled-to-come": "pending",
        "settled": "confirmed",
        "pending": "pending",
    }
    record = Record(ForecastSelection(today()))
    assert (record.all.confirmed, record.all.missed, record.early) == (1, 0, 0)
    page = client.get(trend.get_absolute_url()).content.decode()
    assert "Of 2024-05" in page
    assert "Of 2999" not in page
    # A search tells forecasts from events.
    documents = SearchDocument.objects.filter(trend=trend)
    assert set(documents.values_list("kind", flat=True)) == {"forecast"}


# Before there were ranges of dates

EARLIER = ["2024-01-01.1", "2024-01-01.2", "2024-01-01.3", "2024-01-01.4"]


def _add_dates(get_model):
    trend = get_model("trends", "Trend").objects.create(
        slug="dated", title_en="Dated", status="growing", confidence="low", since=date("2024")
    )
    entries = get_model("trends", "TimelineEntry").objects
    for number, text in enumerate(["2024", "2024-Q1", "2024-01", "2024-01-01"]):
        entries.create(trend=trend, key=f"entry-{number}", date=date(text), text_en=text)
    with pytest.raises(DatabaseError), transaction.atomic():
        entries.create(trend=trend, key="range", date=date("2024/2026"), text_en="No")


def test_dates_of_an_older_database_stay_as_they_are_and_new_ones_fit():
    trend = Trend.objects.get(slug="dated")
    with connection.cursor() as cursor:
        stored = "FROM trends_timelineentry WHERE trend_id = %s"
        cursor.execute(f"SELECT date {stored} ORDER BY date", [trend.pk])
        assert cursor.fetchall() == [(column,) for column in EARLIER]
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("UPDATE trends_timelineentry SET date = '2024-03-02.3'")
    for text in ["2024-03/2024-06", "2024-H1", "2024~"]:
        entry = TimelineEntry.objects.create(trend=trend, date=date(text), text_en="New")
        assert TimelineEntry.objects.get(pk=entry.pk).date == date(text)


# Before texts had one form

TITLE = "Ein Gesamt\u00adkon\u200bzept für Cafe\u0301s \ufeff"


def _add_texts_as_they_were_pasted(get_model):
    expert = get_model("quotes", "Expert").objects.create(slug="mina", name_en="Mina")
    mentions = get_model("quotes", "Mention").objects
    for key, words in [("one", "It's が\u200b."), ("two", "It’s が."), ("three", "No.")]:
        mentions.create(key=key, expert=expert, original=words, language="ja")
    get_model("trendsite", "Tag").objects.create(
        slug="a", name="a", label_en="A\u200b", label_ja="\u200b"
    )
    trends = get_model("trends", "Trend").objects
    hidden = {"slug": "hidden", "title_en": "\u200b"}  # which no constraint had refused
    for texts in [{"slug": "pasted", "title_en": TITLE, "title_ja": "\u200b"}, hidden]:
        trends.create(
            status="growing", confidence="low", since=date("2024"), published=yesterday(), **texts
        )
    pasted = trends.get(slug="pasted")
    get_model("trends", "SearchDocument").objects.create(
        trend=pasted, kind="title", object_id=pasted.pk, language="en", weight=3, text=TITLE
    )


def test_texts_of_an_older_database_get_their_form():
    trend = Trend.objects.get(slug="pasted")
    stored = "Ein Gesamtkonzept für Cafés"
    assert (trend.title_en, trend.title_ja, trend.version) == (stored, None, 0)
    for query in ("gesamtkonzept", "cafes", "Cafés"):
        assert [hit.trend.slug for hit in search(query, "en").hits] == ["pasted"]
    assert search("gesamtkonzapt", "en").suggestion == "gesamtkonzept"
    tag = Tag.objects.get()
    assert (tag.label_en, tag.label_ja) == ("A", None)
    # A row that would be left without a title, and one that repeats another, stay for an editor.
    assert Trend.objects.get(slug="hidden").title_en == "\u200b"
    mentions = {row.key: row for row in Mention.objects.filter(expert__slug="mina")}
    assert {key: row.original for key, row in mentions.items()} == {
        "one": "It's が.",
        "two": "It’s が.",
        "three": "No.",
    }
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        mentions["two"].full_clean()
    assert caught.value.message_dict == {"__all__": ["This quotation has already been added."]}
    mentions["three"].full_clean()


# Before the database knew the longest texts

LONG = "long " * 5000


def _add_long_text(get_model):
    trend = get_model("trends", "Trend").objects.create(
        slug="long", title_en="Long", status="growing", confidence="low", since=date("2024")
    )
    for key in ("first", "second"):
        get_model("trends", "Driver").objects.create(
            trend=trend, key=key, heading_en="Driver", body_en=LONG, order=1
        )


def test_long_text_of_an_older_database_stays_and_no_other_one_comes(upgraded):
    drivers = Driver.objects.filter(trend__slug="long")
    assert [driver.body_en for driver in drivers] == [LONG, LONG]
    said = [line.strip() for line in upgraded.splitlines() if "trends.Driver" in line]
    assert [line.split(": ")[1] for line in said] == [
        "body_en has 25,000 characters, at most 20,000 are allowed. The row stays as it is; "
        "shorten it, until then it cannot be saved."
    ] * 2
    first, second = drivers
    with pytest.raises(IntegrityError), transaction.atomic():
        Driver.objects.filter(pk=first.pk).update(heading_en="Other")
    with pytest.raises(IntegrityError), transaction.atomic():
        Driver.objects.create(trend=first.trend, heading_en="New", body_en=LONG)
    Driver.objects.filter(pk=second.pk).update(body_en="Short")


WIDER_DATES = [
    ("trends", "0007_wider_partial_dates"),
    ("quotes", "0005_wider_partial_dates"),
    ("trendsite", "0003_versions_and_revisions"),
]
STEPS = [
    (
        [("trends", "0003_retirement_and_reading"), ("quotes", "0001_initial")],
        _add_rows_without_keys,
    ),
    ([("trends", "0005_indexes"), ("quotes", "0003_indexes")], _add_what_today_s_forms_refuse),
    # A new column of dates is as wide as today's from the first migration on; on the way back
    # from here it becomes what it was in a database of that time.
    (WIDER_DATES, lambda get_model: None),
    (
        [("trends", "0006_record_and_versions"), ("quotes", "0004_record_platforms_and_pages")],
        _add_dates,
    ),
    (WIDER_DATES, _add_texts_as_they_were_pasted),
    (
        [
            ("trends", "0009_working_versions"),
            ("quotes", "0007_source_description"),
            ("trendsite", "0005_editors_desk"),
        ],
        _add_long_text,
    ),
]
