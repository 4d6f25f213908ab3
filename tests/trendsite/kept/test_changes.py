"""Whatever changes content is seen by the next reader, and nothing else renders a page again."""

import subprocess
import sys

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

from tests.support.clock import let_pass
from tests.support.days import tomorrow
from tests.support.editing import form_data, make_editor, trend_url
from tests.support.make import make_source, make_trend
from tests.support.readers import Reader
from trends.models import Driver, TaggedTrend, Trend, UnlistedChange
from trendsite.kept.models import ContentChange
from trendsite.kept.triggers import (
    content_tables,
    install_triggers,
    join_pending,
    missing_triggers,
    numbers,
    remove_triggers,
    total,
)
from trendsite.shared.models import Tag

# On PostgreSQL a transaction is noted once for each table, when it is committed.
pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/en/trends/example-trend/"


@pytest.fixture
def reader() -> Reader:
    return Reader()


# Ways to write


def by_save() -> None:
    trend = Trend.objects.get(slug="example-trend")
    trend.title_en = "Rewritten"
    trend.save()


def by_update() -> None:
    Trend.objects.filter(slug="example-trend").update(title_en="Rewritten")


def by_bulk_create() -> None:
    trend = Trend.objects.get(slug="example-trend")
    Driver.objects.bulk_create([Driver(trend=trend, order=9, heading_en="Rewritten")])


def by_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE trends_trend SET title_en = 'Rewritten' WHERE slug = 'example-trend'"
        )


def by_deletion() -> None:
    Trend.objects.get(slug="example-trend").drivers.all()[0].delete()


@pytest.mark.parametrize("write", [by_save, by_update, by_bulk_create, by_sql, by_deletion])
def test_next_reader_sees_what_was_written(reader, write):
    make_trend(drivers=2)
    before = reader.get(PAGE).text
    write()
    after = reader.get(PAGE).text
    assert after != before
    assert ("Rewritten" in after) == (write is not by_deletion)


def test_next_reader_sees_what_an_editor_saved(reader, client):
    trend = make_trend()
    reader.get(PAGE)
    client.force_login(make_editor())
    form = form_data(client, trend_url(trend))
    client.post(trend_url(trend), {**form, "title_en": "Edited title"})
    assert "Edited title" in reader.get(PAGE).text


def test_next_reader_sees_what_another_process_wrote(reader):
    make_trend()
    reader.get(PAGE)
    statement = "UPDATE trends_trend SET title_en = 'From elsewhere'"
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        code, place = "import sqlite3 as driver", str(at["NAME"])
    else:
        code = "import psycopg as driver"
        place = psycopg.conninfo.make_conninfo(
            dbname=at["NAME"],
            user=at["USER"],
            password=at["PASSWORD"] or None,
            host=at["HOST"],
            port=at["PORT"],
        )
    code += "; import sys; c = driver.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()"
    subprocess.run([sys.executable, "-c", code, place, statement], check=True)
    assert "From elsewhere" in reader.get(PAGE).text


def test_what_was_rolled_back_was_never_seen(reader):
    make_trend()
    reader.get(PAGE)
    reader.rendered()
    with transaction.atomic():
        by_update()
        transaction.set_rollback(True)
    assert "Rewritten" not in reader.get(PAGE).text
    assert reader.rendered() == []


# What is rendered again


def test_edit_of_one_trend_renders_the_pages_that_show_it(reader):
    for slug in ("one", "two", "three"):
        make_trend(slug, tags=[f"tag-{slug}"], drivers=1)
    addresses = [
        f"/{language}/{path}"
        for language in ("en", "ja")
        for path in (
            *(f"trends/{slug}/" for slug in ("one", "two", "three")),
            *(f"tags/tag-{slug}/" for slug in ("one", "two", "three")),
            "",
            "forecasts/",
            "experts/",
        )
    ]
    for address in addresses:
        reader.get(address)
    reader.rendered()
    Trend.objects.filter(slug="one").update(title_en="One, edited")
    for address in addresses:
        reader.get(address)
    shown_on = ["", "tags/tag-one/", "trends/one/"]
    assert reader.rendered() == sorted(
        f"/{lang}/{path}" for lang in ("en", "ja") for path in shown_on
    )


def test_edit_of_what_no_page_shows_renders_nothing(reader):
    make_trend()
    reader.get(PAGE)
    reader.rendered()
    make_source("unused")
    make_trend("draft", published=None)
    reader.get(PAGE)
    assert reader.counts.checked
    assert reader.rendered() == []


def test_reader_after_a_check_costs_one_query(reader, django_assert_num_queries):
    make_trend()
    reader.get(PAGE)
    make_source("unused")
    reader.get(PAGE)
    with django_assert_num_queries(0):  # that of the total goes past Django's cursor
        reader.get(PAGE)


# Days


def test_trend_appears_and_leaves_on_its_day(reader, monkeypatch):
    make_trend(published=tomorrow())
    assert reader.get(PAGE).status == 404
    index = reader.get("/en/").text
    let_pass(monkeypatch, days=1)
    assert reader.get(PAGE).status == 200
    assert reader.get("/en/").text != index


# Triggers


def test_every_table_of_content_is_noted():
    assert missing_triggers(connection) == set()
    # What has no trigger is of no page: accounts, who edits what, what the store itself notes.
    others = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table not in content_tables()
    }
    others -= {
        *("quotes_checkedlink", "trendsite_presence", "trends_loadstep", "trends_pendingimport")
    }
    apps_without = {name.partition("_")[0] for name in others}
    assert apps_without == {"accounts", "auth", "axes", "django", "kept", "otp"}


@pytest.mark.parametrize("write", ["INSERT", "UPDATE", "DELETE"])
def test_each_kind_of_write_is_noted(write):
    """By hand and past all models, in a table of rows that only link others."""
    make_trend(tags=["product"])
    make_trend("other")
    tag, other = Tag.objects.get(), Trend.objects.get(slug="other")
    table = TaggedTrend._meta.db_table
    before = numbers(connection)
    statement = {
        "INSERT": f'INSERT INTO {table} (content_object_id, tag_id, "order") '
        f"VALUES ({other.pk}, {tag.pk}, 1)",
        "UPDATE": f"UPDATE {table} SET content_object_id = {other.pk}",
        "DELETE": f"DELETE FROM {table}",
    }[write]
    with connection.cursor() as cursor:
        cursor.execute(statement)
    after = numbers(connection)
    changed = {name for name in after if after[name] != before.get(name)}
    # The trend is to be listed anew; PostgreSQL notes that even where it was noted before.
    assert changed - {UnlistedChange._meta.db_table} == {table}


def test_no_page_is_kept_while_changes_would_not_be_noted(capfd):
    make_trend()
    remove_triggers(connection)
    try:
        reader = Reader()
        assert reader.get(PAGE).status == 200
        assert reader.rendered() == []
        assert "No page is kept until `migrate` adds the triggers of " in capfd.readouterr().err
    finally:
        install_triggers()


def test_triggers_that_are_lost_come_back_with_migrate(reader):
    make_trend()
    before = reader.get(PAGE).text
    remove_triggers(connection)
    by_update()
    assert missing_triggers(connection) == content_tables()
    call_command("migrate", verbosity=0)
    assert missing_triggers(connection) == set()
    assert reader.get(PAGE).text != before


def test_adding_up_what_transactions_noted_changes_no_sum():
    trend = make_trend()
    Trend.objects.filter(pk=trend.pk).update(title_en="Rewritten")
    before = total(connection), numbers(connection)
    join_pending(connection)
    assert (total(connection), numbers(connection)) == before
    assert not ContentChange.objects.filter(is_pending=True).exists()
