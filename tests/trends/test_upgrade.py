"""Databases from before the record was kept honest are upgraded, and what they hold stays."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests.support.days import days_from_now, today, yesterday
from tests.support.make import date
from trends.models import Assessment, TimelineEntry, Trend
from trends.queries.forecasts import ForecastSelection, Record, forecasts
from trends.search.models import SearchDocument
from trendsite.shared.partial_dates import PartialDate

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("trends", "0005_indexes"), ("quotes", "0003_indexes")]


@pytest.fixture
def _upgraded(client):
    """A database of the migrations before, with rows that today's forms would refuse."""
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    try:
        apps = executor.loader.project_state(BEFORE).apps
        trend = apps.get_model("trends", "Trend").objects.create(
            slug="old",
            title_en="An old trend",
            status="growing",
            confidence="low",
            since=date("2024"),
            published=yesterday(),
        )
        assessments = apps.get_model("trends", "Assessment").objects
        for on, status in [("2024-05", "emerging"), ("2999", "growing")]:
            assessments.create(
                trend=trend, date=date(on), status=status, confidence="low", rationale_en=f"Of {on}"
            )
        entries = apps.get_model("trends", "TimelineEntry").objects
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
            apps.get_model("trends", "SearchDocument").objects.create(
                trend=trend,
                kind="timeline",
                object_id=entry.pk,
                language="en",
                weight=2,
                text=entry.text_en,
            )
        entries.create(
            trend=trend, key="event", date=date("2024"), kind="event", text_en="It began"
        )
    finally:
        MigrationExecutor(connection).migrate(latest)


@pytest.mark.usefixtures("_upgraded")
def test_rows_of_an_older_database_stay_and_count_only_once_they_are_known(client):
    trend = Trend.objects.get()
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
    assert set(SearchDocument.objects.values_list("kind", flat=True)) == {"forecast"}


@pytest.mark.parametrize("text", ["2024-03/2024-06", "2024-H1", "2024~"])
@pytest.mark.usefixtures("_with_earlier_dates")
def test_dates_of_an_older_database_stay_as_they_are_and_new_ones_fit(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT date FROM trends_timelineentry ORDER BY date")
        assert cursor.fetchall() == [(column,) for column in EARLIER]
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("UPDATE trends_timelineentry SET date = '2024-03-02.3'")
    trend = Trend.objects.get()
    TimelineEntry.objects.create(trend=trend, date=date(text), text_en="New")
    assert TimelineEntry.objects.get(text_en="New").date == date(text)


EARLIER = ["2024-01-01.1", "2024-01-01.2", "2024-01-01.3", "2024-01-01.4"]


@pytest.fixture
def _with_earlier_dates():
    """A database whose columns of dates are from before there were ranges."""
    executor = MigrationExecutor(connection)
    before = [("trends", "0006_record_and_versions"), ("quotes", "0004_record_platforms_and_pages")]
    executor.migrate(before)
    try:
        apps = executor.loader.project_state(before).apps
        trend = apps.get_model("trends", "Trend").objects.create(
            slug="old", title_en="Old", status="growing", confidence="low", since=date("2024")
        )
        model = apps.get_model("trends", "TimelineEntry")
        for number, text in enumerate(["2024", "2024-Q1", "2024-01", "2024-01-01"]):
            model.objects.create(trend=trend, key=f"entry-{number}", date=date(text), text_en=text)
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.create(trend=trend, key="range", date=date("2024/2026"), text_en="No")
    finally:
        call_command("migrate", verbosity=0)
