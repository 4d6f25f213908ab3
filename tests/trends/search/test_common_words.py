"""Words that very many trends contain: what is bounded, and what stays the same."""

import pytest
from django.db import connection

from tests.support.days import days_from_now
from tests.support.make import make_mention, make_tag, make_trend
from trends.models import TaggedTrend, TrendMention, TrendWords
from trends.queries.kept_lists.renewal import renew_lists
from trends.search.index import rebuild
from trends.search.results import search
from trends.search.terms import terms_of
from trends.search.trend_words import common_terms, trends_with_all
from trendsite.shared import days

pytestmark = [pytest.mark.django_db, pytest.mark.searched]


def bound(monkeypatch, *, trends: int = 1000, read: int = 300) -> None:
    """Let a word of more trends be common, and so many trends be read."""
    monkeypatch.setattr("trends.search.trend_words.MOST_TRENDS", trends)
    monkeypatch.setattr("trends.search.matches.MOST_READ", read)


@pytest.fixture(scope="class")
def trends(rows_of_class):
    one = make_trend(
        "one",
        title_en="Open-source turbines",
        title_ja="風車の応用化",
        shift_en="GPT-4 hums. A turbine turns.",
        shift_ja="サーバーの応用。",
    )
    TrendMention.objects.create(trend=one, mention=make_mention("A wind turbine"))
    two = make_trend("two", title_en="Wind", shift_en="The source is open. GPT 4", shift_ja="応用")
    TaggedTrend.objects.create(content_object=two, tag=make_tag("turbine", label_ja="風車"))
    make_trend("three", title_en="A turbine", retired=days_from_now(-1), retired_note_en="Windless")
    make_trend("four", title_en="Turbine", retired=days_from_now(9), retired_note_en="Windless")
    make_trend("draft", title_en="Turbine", published=None)
    make_trend("later", title_en="Turbine", published=days_from_now(3))


@pytest.mark.usefixtures("trends")
class TestTheSameResults:
    @pytest.mark.parametrize(
        "query",
        [
            "turbine",
            "turb",
            "wind turbine",
            '"wind turbine"',
            "windless",
            "open source",
            "opensource",
            '"open source"',
            "open-source",
            "GPT4",
            "応用",
            "応用化",
            "応",
            "サーバ",
            "さーばー",
            "風車 turbine",
            "turbine wind source hums turns 応用 gpt 4",
            "mina wind",
            "turbine nowhere",
        ],
    )
    @pytest.mark.parametrize("kinds", [[], ["title"], ["mention", "tag"]])
    def test_come_from_the_words_of_trends_as_from_the_index(self, monkeypatch, query, kinds):
        def results():
            found = search(query, "en", chosen={"kind": kinds})
            return found.total, found.unfiltered, found.is_cut, found.hits, found.facets

        from_the_index = results()
        bound(monkeypatch, trends=0)
        assert results() == from_the_index

    def test_suggest_the_same(self, monkeypatch):
        for query in ("turbnie", "turbnie wind", "応要"):
            suggestion = search(query, "en").suggestion
            assert suggestion
            with monkeypatch.context() as patches:
                bound(patches, trends=0)
                assert search(query, "en").suggestion == suggestion


def test_of_very_many_trends_those_with_the_words_in_their_titles_are_read_then_the_newest(
    monkeypatch,
):
    make_trend("old-title", title_en="Turbine", status="declining")
    for number in range(3):
        make_trend(f"body-{number}", shift_en="A turbine.")
    renew_lists()
    bound(monkeypatch, trends=3, read=2)
    results = search("turbine", "en")
    assert [hit.trend.slug for hit in results.hits] == ["old-title", "body-2"]
    assert (results.total, results.unfiltered, results.is_cut) == (2, 2, True)
    counts = {choice.value: choice.count for choice in results.facets[1].choices if choice.count}
    assert counts == {"declining": 1, "growing": 1}
    assert search("turbine", "en", chosen={"kind": ["shift"]}).total == 1
    assert not search("nowhere", "en").is_cut


def test_several_common_words_share_what_is_read(monkeypatch):
    for number in range(6):
        make_trend(f"trend-{number}", title_en="Wind turbine")
    bound(monkeypatch, trends=5, read=4)
    assert search("turbine", "en").unfiltered == 4
    assert search("wind turbine", "en").unfiltered == 2


def test_a_rare_word_beside_a_common_one_finds_the_trends_with_both(monkeypatch):
    make_trend("both", title_en="Wind turbine")
    for number in range(4):
        make_trend(f"trend-{number}", title_en="Turbine")
    bound(monkeypatch, trends=3, read=4)
    results = search("wind turbine", "en")
    assert [hit.trend.slug for hit in results.hits] == ["both"]
    assert not results.is_cut


def test_of_words_that_never_meet_the_common_ones_are_not_counted(monkeypatch):
    make_trend("wind", title_en="Wind")
    for number in range(4):
        make_trend(f"trend-{number}", title_en="Turbine")
    bound(monkeypatch, trends=3)
    results = search("turbine wind", "en")
    assert results.alone == [("turbine", None), ("wind", 1)]
    assert search("turbine wnid", "en").suggestion == ""


def test_a_phrase_may_be_missed_where_its_words_are_common_and_the_page_knows(monkeypatch):
    make_trend("phrase", shift_en="A wind turbine")
    for number in range(3):
        make_trend(f"trend-{number}", shift_en="A turbine in the wind")
    bound(monkeypatch, trends=3, read=2)
    results = search('"wind turbine"', "en")
    assert (results.total, results.is_cut) == (0, True)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite counts its steps")
@pytest.mark.parametrize("query", ["turbine", "wind turbine", "turbine 風車", '"a turbine"'])
def test_a_common_word_takes_no_more_steps_in_ten_times_the_trends(monkeypatch, query):
    def steps() -> int:
        with connection.cursor() as cursor:  # what was written last is in pieces of its own
            cursor.execute("INSERT INTO trends_trendindex(trends_trendindex) VALUES ('optimize')")
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        connection.connection.set_progress_handler(count, 10)
        try:
            assert search(query, "en").hits
        finally:
            connection.connection.set_progress_handler(None, 0)
        return counted

    def more(numbers: range) -> None:
        for number in numbers:
            make_trend(
                f"trend-{number:03}",
                title_en="A turbine",
                title_ja="風車",
                shift_en="Wind. A turbine.",
                shift_ja="風車",
            )

    bound(monkeypatch, trends=4, read=4)
    more(range(6))
    few = steps()
    more(range(6, 60))
    assert steps() < 1.2 * few


def test_the_words_of_trends_follow_their_texts():
    trend = make_trend(title_en="Turbine", shift_en="Wind")
    other = make_trend("other", title_en="Wind")

    def has(query: str) -> list[int]:
        return trends_with_all(terms_of(query), days.today(), 9)[0]

    assert has("wind") == [other.pk, trend.pk]
    trend.shift_en = "Water"
    trend.save()
    assert (has("wind"), has("water"), has("turbine water")) == ([other.pk], [trend.pk], [trend.pk])
    pk = trend.pk
    trend.delete()
    assert has("water") == []
    assert not TrendWords.objects.filter(trend=pk).exists()
    columns = TrendWords.objects.values_list("trend", "title_words", "words")
    before = list(columns.all())
    rebuild()
    assert list(columns.all()) == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite reads no words without it")
def test_words_of_trends_are_asked_of_the_index():
    def may_scan() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_seqscan")
            return cursor.fetchone()[0]

    asked = []

    def note(execute, sql, *args):
        if "trends_trendwords" in sql:
            asked.append(connection.connection.execute("SHOW enable_seqscan").fetchone()[0])
        return execute(sql, *args)

    with connection.execute_wrapper(note):
        common_terms(terms_of("turbine"))
        trends_with_all(terms_of("turbine"), days.today(), 5)
    assert asked == ["off", "off"]
    assert may_scan() == "on"
