"""Finding rows by any part of their texts, with an index that follows whatever is written."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.models import Source
from tests.support.make import make_source, make_trend
from trends.models import Trend
from trendsite.shared import text_parts
from trendsite.shared.text_parts import PartsIndex, install_indexes, remove_triggers

pytestmark = pytest.mark.django_db

[TRENDS] = [index for index in text_parts._indexes if index.table == "trends_trend"]
[SOURCES] = [index for index in text_parts._indexes if index.table == "quotes_source"]


def found(*words: str, index: PartsIndex = TRENDS) -> list[str]:
    """Return the slugs of the trends, or the keys of the sources, that are found."""
    pks = index.rows_with(words)
    if index is TRENDS:
        return [Trend.objects.get(pk=pk).slug for pk in pks]
    return [Source.objects.get(pk=pk).key for pk in pks]


@pytest.mark.parametrize(
    "word",
    [
        "vertrai",
        "OVERTRAIN",
        "over-tr",
        "用より訓",
        "訓練",
        "訓",
        "tr",
        "50%",
        "a_b",
        'so "',
        "\\n",
    ],
)
def test_a_row_is_found_by_any_part_of_its_texts(word):
    make_trend("one", title_en="Overtraining", title_ja="応用より訓練")
    Trend.objects.update(subtitle_en='over-trained by 50% a_b so "x" \\n')
    make_trend("other", title_en="Ox 500 aXb", title_ja="ほか", subtitle_en="", subtitle_ja="")
    assert found(word) == ["one"]


def test_a_row_has_each_word_in_some_text():
    make_trend("one", title_en="Compute scales", title_ja="計算")
    make_trend("two", title_en="Compute", title_ja="ほか")
    assert found("compute", "計算") == found("COMPUTE", "計算", "scal") == ["one"]
    assert found("comp") == ["two", "one"]
    assert found("compute", "nothing") == []


def test_a_long_word_is_looked_for_as_a_whole():
    make_trend("example-of-what-is-done", title_en="x")
    make_trend("other-of-what-is-done", title_en="y")
    assert found("EXAMPLE-OF-what-is-done") == ["example-of-what-is-done"]
    assert found("-of-what-is-done") == ["other-of-what-is-done", "example-of-what-is-done"]
    assert found("of-what-is-done-") == []


def test_a_text_does_not_run_on_in_the_next_one():
    make_trend("one", title_en="abc", title_ja="def")
    assert found("abcdef") == []


def test_an_accent_or_case_beyond_ascii_is_no_obstacle():
    make_source("one", title="Étude")
    assert found("étude", index=SOURCES) == ["one"]


def test_what_is_found_follows_whatever_is_written():
    Source.objects.bulk_create(
        Source(key=key, url=f"https://{key}.example/", title=f"Report of {key}")
        for key in ("anna", "ben")
    )
    assert found("report", index=SOURCES) == ["ben", "anna"]
    Source.objects.filter(key="anna").update(title="Paper")
    assert found("report", index=SOURCES) == ["ben"]
    assert found("paper", index=SOURCES) == ["anna"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM quotes_source WHERE key = 'anna'")
        cursor.execute("UPDATE quotes_source SET publisher = 'Zeppelin' WHERE key = 'ben'")
    assert found("paper", index=SOURCES) == []
    assert found("zepp", index=SOURCES) == ["ben"]


def test_of_many_rows_the_last_are_found_and_one_more(monkeypatch):
    for slug in "abcd":
        make_trend(slug, title_en="Many")
    monkeypatch.setattr(text_parts, "MOST_FOUND", 2)
    assert found("many") == ["d", "c", "b"]


def test_the_index_is_complete_after_it_is_installed_again():
    remove_triggers(plan=["a migration"])
    make_trend("unnoticed", title_en="Unnoticed")
    Trend.objects.filter(slug="unnoticed").update(title_en="Later")
    install_indexes()
    assert found("later") == ["unnoticed"]
    make_trend("noticed", title_en="Later too")
    assert found("later") == ["noticed", "unnoticed"]


def test_triggers_stay_if_nothing_is_migrated_and_what_is_there_is_not_made_again():
    remove_triggers(plan=[])
    with CaptureQueriesContext(connection) as captured:
        install_indexes()
    assert not [query for query in captured if "CREATE" in query["sql"]]


def test_the_index_answers():
    with CaptureQueriesContext(connection) as captured:
        TRENDS.rows_with(["overtraining", "scales"])
    [sql] = [query["sql"] for query in captured]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            steps = [row[-1] for row in cursor.fetchall()]
            assert steps[0].startswith("SCAN found VIRTUAL TABLE INDEX")
            assert steps[1:] == ["SEARCH named USING INTEGER PRIMARY KEY (rowid=?)"]
            return
        for other in ("seqscan", "indexscan"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute(f"EXPLAIN (COSTS OFF) {sql}")
        assert "Bitmap Index Scan on trends_trend_parts" in str(cursor.fetchall())
