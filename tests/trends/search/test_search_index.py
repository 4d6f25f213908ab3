"""The index follows the rows, however they change."""

import importlib
import io
import json

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from quotes.models import Expert, Mention, Source
from tests.support.make import (
    date,
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from trends.models import (
    Assessment,
    Driver,
    Falsifier,
    Implication,
    Reading,
    TaggedTrend,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trends.search.documents import documents_of
from trends.search.index import index_trends, indexed_once
from trends.search.models import SearchDocument, SearchWord
from trends.search.results import search
from trendsite.shared.models import Tag
from trendsite.shared.writes import Action, Origin, Provenance, writing

pytestmark = [pytest.mark.django_db, pytest.mark.searched]


def found(query: str) -> list[str]:
    return sorted(hit.trend.slug for hit in search(query, "en").hits)


def is_as_rebuilt() -> bool:
    """Does the index hold what it would hold if it were made anew?"""
    names = ("trend_id", "kind", "object_id", "language", "weight", "text")
    held = sorted(SearchDocument.objects.values_list(*names))
    pks = list(Trend.objects.values_list("pk", flat=True))
    return held == sorted(
        tuple(getattr(document, name) for name in names) for document in documents_of(pks)
    )


def test_key_points_and_what_the_confidence_is_of_are_found():
    make_trend(key_points_en="Turbines hum.\nWait.", confidence_of_en="that propellers turn")
    assert found("turbines") == found("propellers") == ["example-trend"]


def test_kanji_with_a_reading_are_found_with_the_words_behind_them():
    make_trend(shift_en="｜碍子《がいし》の価格")
    assert found("碍子の価格") == ["example-trend"]
    assert found("がいし") == []


@pytest.mark.parametrize(
    ("kind", "outcome", "found_in"),
    [
        ("event", "", "timeline"),
        ("scheduled", "in-force", "scheduled"),
        ("forecast", "pending", "forecast"),
    ],
)
def test_events_scheduled_dates_and_forecasts_are_told_apart(kind, outcome, found_in):
    trend = make_trend()
    TimelineEntry.objects.create(
        trend=trend, date=date("2024"), kind=kind, outcome=outcome, text_en="Turbine"
    )
    [hit] = search("turbine", "en").hits
    assert [passage.kind.value for passage in hit.passages] == [found_in]


CHILDREN = {
    "driver": lambda trend: Driver.objects.create(trend=trend, heading_en="Turbine"),
    "implication": lambda trend: Implication.objects.create(
        trend=trend, audience=make_audience(), lead_en="Turbine"
    ),
    "timeline": lambda trend: TimelineEntry.objects.create(
        trend=trend, date=date("2025"), text_en="Turbine"
    ),
    "assessment": lambda trend: Assessment.objects.create(
        trend=trend,
        date=date("2025"),
        status="growing",
        confidence="low",
        rationale_en="Turbine",
    ),
    "criterion": lambda trend: TimelineEntry.objects.create(
        trend=trend,
        date=date("2999"),
        kind="forecast",
        outcome="pending",
        text_en="It may",
        criterion_en="Turbine",
    ),
    "falsifier": lambda trend: Falsifier.objects.create(trend=trend, text_en="Turbine"),
    "tag": lambda trend: TaggedTrend.objects.create(content_object=trend, tag=make_tag("turbine")),
    "mention": lambda trend: TrendMention.objects.create(
        trend=trend, mention=make_mention("Turbine")
    ),
    "reading": lambda trend: Reading.objects.create(
        trend=trend, source=make_source("paper", title="Turbine")
    ),
}


@pytest.mark.parametrize("make", CHILDREN.values(), ids=CHILDREN)
def test_a_row_of_a_trend_is_found_while_it_is_there(make):
    trend = make_trend()
    row = make(trend)
    assert found("turbine") == ["example-trend"]
    row.delete()
    assert found("turbine") == []
    assert is_as_rebuilt()


def test_a_changed_text_is_found_by_its_new_words_alone():
    trend = make_trend(title_en="Turbine")
    trend.title_en = "Windmill"
    trend.save()
    assert (found("turbine"), found("windmill")) == ([], ["example-trend"])


@pytest.mark.parametrize(
    "citing",
    [
        lambda trend: trend.shift_sources,
        lambda trend: CHILDREN["driver"](trend).sources,
        lambda trend: CHILDREN["implication"](trend).sources,
        lambda trend: CHILDREN["assessment"](trend).sources,
    ],
    ids=["shift", "driver", "implication", "assessment"],
)
def test_cited_sources_are_followed_from_either_side(citing):
    trend = make_trend()
    sources = citing(trend)
    source = make_source(title="Windmill")
    sources.add(source)
    assert found("windmill") == ["example-trend"]
    sources.remove(source)
    assert found("windmill") == []
    sources.set([source])
    assert found("windmill") == ["example-trend"]
    sources.clear()
    assert found("windmill") == []
    owner = sources.instance
    reverse = source.shifts if owner == trend else getattr(source, f"{owner._meta.model_name}s")
    reverse.add(owner)
    assert found("windmill") == ["example-trend"]
    reverse.clear()
    assert found("windmill") == []
    assert is_as_rebuilt()


def test_a_shared_row_changes_on_every_trend_that_holds_it():
    video = make_video(title="A talk")
    mention = make_mention("Some words", source=make_source("said"), video=video)
    mention.tags.add(make_tag("product"))
    for slug in ("one", "two"):
        TrendMention.objects.create(trend=make_trend(slug), mention=mention)
    make_trend("three")
    for row, name in (
        (mention, "original"),
        (mention.expert, "name_en"),
        (mention.source, "publisher"),
        (video, "channel"),
        (Tag.objects.get(slug="product"), "label_en"),
    ):
        setattr(row, name, "Turbine")
        row.save()
        assert found("turbine") == ["one", "two"]
        setattr(row, name, "Windmill")
        row.save()
        assert found("turbine") == []
    assert is_as_rebuilt()


@pytest.mark.parametrize(
    "make", [make_source, make_video, make_tag, lambda: make_mention(expert=make_expert("new"))]
)
def test_a_new_row_that_no_trend_can_show_asks_nothing_of_the_index(make):
    make_trend(tags=["strategy"], mentions=1)
    with CaptureQueriesContext(connection) as captured:
        row = make("new-row") if make in (make_source, make_tag) else make()
    assert any(query["sql"].startswith("INSERT") for query in captured), row
    assert not [query["sql"] for query in captured if "trends_search" in query["sql"]]


def test_a_mention_that_gets_a_tag_is_found_by_it():
    mention = make_mention()
    TrendMention.objects.create(trend=make_trend(), mention=mention)
    mention.tags.add(make_tag("turbine"))
    assert found("turbine") == ["example-trend"]
    mention.tags.clear()
    assert found("turbine") == []


def test_a_mention_with_another_speaker_is_found_by_that_one():
    mention = make_mention()
    TrendMention.objects.create(trend=make_trend(), mention=mention)
    mention.expert = make_expert("ada-turbine", name_en="Ada Turbine")
    mention.save()
    assert (found("turbine"), found("mina")) == (["example-trend"], [])


def test_a_deleted_trend_leaves_nothing():
    make_trend("kept")
    trend = make_trend("gone", drivers=2, implications=2, timeline=2, mentions=2, assessments=2)
    trend.delete()
    Trend.objects.filter(slug="none").delete()
    assert found("gone") == []
    assert set(SearchDocument.objects.values_list("trend__slug", flat=True)) == {"kept"}
    assert is_as_rebuilt()


def test_trends_deleted_together_leave_nothing():
    for slug in ("one", "two"):
        make_trend(slug, drivers=2, mentions=1, reading=1)
    Trend.objects.all().delete()
    connection.check_constraints()
    assert not SearchDocument.objects.exists()


def test_what_is_rolled_back_is_not_found():
    trend = make_trend()
    with transaction.atomic():
        Driver.objects.create(trend=trend, heading_en="Turbine")
        assert found("turbine") == ["example-trend"]
        transaction.set_rollback(True)
    assert found("turbine") == []


def test_within_indexed_once_a_trend_is_indexed_at_the_end():
    with indexed_once():
        trend = make_trend(title_en="Turbine")
        index_trends([trend.pk])
        assert found("turbine") == []
    assert found("turbine") == ["example-trend"]


def test_documents_are_added_by_one_statement():
    # At the end of each statement FTS5 writes its part of the index to the disk.
    with CaptureQueriesContext(connection) as captured, transaction.atomic(), indexed_once():
        for slug in ("a", "b"):
            make_trend(slug=slug, title_en="Agents", shift_en="Software does whole tasks.")
    added = [each["sql"] for each in captured if "INTO trends_searchdocument" in each["sql"]]
    assert SearchDocument.objects.filter(text__contains="whole tasks").count() == 2
    assert len(added) == 1
    assert added[0].startswith("INSERT")  # and not “4 times: INSERT”


def test_indexing_again_writes_nothing(django_assert_num_queries):
    trend = make_trend(drivers=1, mentions=1)
    before = set(SearchDocument.objects.values_list("pk", flat=True))
    index_trends([trend.pk])
    assert set(SearchDocument.objects.values_list("pk", flat=True)) == before


FIXTURE = """\
tags:
  turbine: {{en: windy}}
experts:
  ada: {{name: {{en: Ada Somebody}}}}
---
trend: loaded
status: growing
confidence: low
since: 2025
published: 2025-01-01
tags: [turbine]
title: {{en: {title}}}
mentions:
  - {{expert: ada, original: Words from a file., language: en, source: paper}}
sources:
  paper: {{url: "https://example.org/paper", title: {source}}}
"""


def load(tmp_path, **texts) -> None:
    path = tmp_path / "loaded.yaml"
    path.write_text(FIXTURE.format(**texts))
    call_command("loaddata", path, verbosity=0)


def test_a_loaded_file_is_found(tmp_path):
    load(tmp_path, title="Turbines", source="Gazette")
    for query in ("turbines", "windy", "ada", "words file", "gazette"):
        assert found(query) == ["loaded"]
    load(tmp_path, title="Windmills", source="Almanac")
    assert (found("turbines"), found("gazette")) == ([], [])
    assert found("windmills") == found("almanac") == ["loaded"]
    assert is_as_rebuilt()


def test_a_written_trend_is_fetched_once_for_its_version_and_the_index(tmp_path):
    with CaptureQueriesContext(connection) as captured:
        load(tmp_path, title="Turbine", source="Windmill")
    fetched = [each["sql"] for each in captured if 'FROM "trends_driver" WHERE' in each["sql"]]
    assert len(fetched) == 1
    assert found("turbine") == ["loaded"]


def test_what_is_written_after_a_write_inside_another_is_indexed():
    trend = make_trend(title_en="Turbine")
    with writing(Provenance(Origin.ADMIN)):
        with writing(Provenance(Origin.ADMIN)) as inner:
            inner.announce([trend])
            trend.title_en = "Windmill"
            trend.save()
            inner.record(Action.CHANGED, trend)
        trend.title_en = "Waterwheel"
        trend.save()
    assert found("waterwheel") == ["example-trend"]
    assert found("windmill") == []


def test_loading_again_writes_nothing_to_the_index(tmp_path):
    load(tmp_path, title="Turbines", source="Gazette")
    before = set(SearchDocument.objects.values_list("pk", flat=True))
    load(tmp_path, title="Turbines", source="Gazette")
    assert set(SearchDocument.objects.values_list("pk", flat=True)) == before


def test_a_file_that_shares_a_mention_changes_the_other_trends_too(tmp_path):
    load(tmp_path, title="Turbines", source="Gazette")
    other = make_trend("other")
    TrendMention.objects.create(trend=other, mention=Mention.objects.get())
    load(tmp_path, title="Turbines", source="Almanac")
    assert found("almanac") == ["loaded", "other"]
    assert is_as_rebuilt()


def test_a_wrong_file_leaves_the_index_alone(tmp_path):
    load(tmp_path, title="Turbines", source="Gazette")
    with pytest.raises(Exception, match="Nothing was loaded"):
        load(tmp_path, title="Windmills\nstatus: wrong", source="Almanac")
    assert (found("turbines"), found("windmills")) == (["loaded"], [])


def test_djangos_own_fixtures_are_followed(tmp_path):
    trend = make_trend()
    path = tmp_path / "rows.yaml"
    driver = {"model": "trends.driver", "pk": 1}
    driver["fields"] = {"trend": trend.pk, "heading_en": "Turbine"}
    path.write_text(json.dumps([driver]))
    call_command("loaddata", path, verbosity=0)
    assert found("turbine") == ["example-trend"]


def test_a_dump_with_the_index_in_it_loads_over_what_is_there(tmp_path):
    trend = make_trend(title_en="Turbine")
    path = tmp_path / "dump.yaml"
    call_command("dumpdata", "trendsite", "quotes", "trends", output=str(path))
    trend.title_en = "Windmill"
    trend.save()
    call_command("loaddata", path, verbosity=0)
    assert (found("turbine"), found("windmill")) == (["example-trend"], [])
    Trend.objects.all().delete()
    call_command("loaddata", path, verbosity=0)
    assert found("turbine") == ["example-trend"]
    assert is_as_rebuilt()


def test_rebuild_search_makes_the_index_anew():
    make_trend("one", title_en="Turbine")
    Trend.objects.filter(slug="one").update(title_en="Windmill")
    SearchWord.objects.create(word="forgotten")
    make_trend("two")
    output = io.StringIO()
    call_command("rebuild_search", stdout=output)
    assert output.getvalue() == "Indexed 2 trends.\n"
    assert (found("turbine"), found("windmill")) == ([], ["one"])
    assert not SearchWord.objects.filter(word="forgotten").exists()
    assert is_as_rebuilt()


def test_rows_that_no_trend_holds_are_not_indexed():
    make_mention("Turbine", source=make_source(title="Turbine"))
    make_tag("turbine")
    assert Expert.objects.exists()
    assert Source.objects.exists()
    assert not SearchDocument.objects.exists()


def test_migration_reduces_the_words_of_an_index_in_use_to_their_stems():
    make_trend(title_en="It moved")
    stale = "'it':1 'moved':2" if connection.vendor == "postgresql" else "it moved"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trends_searchdocument SET terms = %s", [stale])
    assert found('"move"') == []
    migration = importlib.import_module("trends.migrations.0008_normal_texts")
    migration.index_texts_anew(apps, None)
    assert found('"move"') == ["example-trend"]
    assert found('"moved it"') == []
    assert found('"it moves"') == ["example-trend"]
