"""What a search finds. The same on SQLite and PostgreSQL: run with either as DATABASE_URL."""

import datetime

import hypothesis
import hypothesis.strategies as st
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cases import cases
from tests.support.days import days_from_now
from tests.support.make import (
    date,
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
)
from trends.models import (
    Assessment,
    Driver,
    Implication,
    Reading,
    TaggedTrend,
    TimelineEntry,
    TrendMention,
)
from trends.queries.kept_lists.renewal import renew_lists
from trends.search.passages import TextPart, marked, passage
from trends.search.results import LONGEST_QUERY, search
from trends.search.terms import terms_of

pytestmark = [pytest.mark.django_db, pytest.mark.searched]


def found(query: str, language: str = "en", **options) -> list[str]:
    return [hit.trend.slug for hit in search(query, language, **options).hits]


def shown(parts: list[TextPart]) -> str:
    return "".join(f"[{part.text}]" if part.is_found else part.text for part in parts)


def passages(query: str, language: str = "en", **options) -> list[tuple[str, str, str]]:
    (hit,) = search(query, language, **options).hits
    return [(str(item.kind), item.language, shown(item.parts)) for item in hit.passages]


@pytest.fixture(scope="class")
def trend(rows_of_class):
    """A trend with one distinctive word in each of its texts."""
    trend = make_trend(
        "everything",
        title_en="Titular",
        title_ja="題名の語",
        subtitle_en="Underneath",
        shift_en="It **shifted** [over there](https://example.org/linked).",
        shift_ja="重心が移った。",
    )
    Driver.objects.create(
        trend=trend, heading_en="Propulsion", body_en="A *reason*", body_ja="原因"
    )
    Implication.objects.create(
        trend=trend, audience=make_audience(), lead_en="Consequence", text_ja="帰結"
    )
    TimelineEntry.objects.create(
        trend=trend,
        date=date("2025"),
        kind="forecast",
        outcome="missed",
        text_en="Foretold",
        note_ja="外れた",
    )
    Assessment.objects.create(
        trend=trend,
        date=date("2025"),
        status="growing",
        confidence="medium",
        rationale_en="Weighed",
    )
    mention = make_mention(
        "Wörtlich gesagt", language="de", translation_en="Verbatim", translation_ja="逐語"
    )
    mention.tags.add(make_tag("on-a-quotation", label_en="Spoken"))
    TrendMention.objects.create(trend=trend, mention=mention)
    TaggedTrend.objects.create(content_object=trend, tag=make_tag("labelled", label_ja="札"))
    Reading.objects.create(
        trend=trend, source=make_source("paper", title="Documented", publisher="Gazette")
    )
    return trend


class TestEverything:
    @pytest.mark.parametrize(
        ("query", "kind", "language"),
        [
            ("underneath", "title", "en"),
            ("shifted", "shift", "en"),
            ("重心", "shift", "ja"),
            ("propulsion", "driver", "en"),
            ("原因", "driver", "ja"),
            ("consequence", "implication", "en"),
            ("帰結", "implication", "ja"),
            ("foretold", "forecast", "en"),
            ("外れた", "forecast", "ja"),
            ("weighed", "assessment", "en"),
            ("wörtlich", "mention", "de"),
            ("verbatim", "mention", "en"),
            ("逐語", "mention", "ja"),
            ("mina", "expert", "en"),
            ("エグザンプル研究所", "expert", "ja"),
            ("spoken", "tag", "en"),
            ("札", "tag", "ja"),
            ("documented", "source", "en"),
            ("gazette", "source", "en"),
        ],
    )
    @pytest.mark.parametrize("page_language", ["en", "ja"])
    def test_every_text_is_found_whatever_the_language_of_the_page(
        self, trend, query, kind, language, page_language
    ):
        assert [item[:2] for item in passages(query, page_language)] == [(kind, language)]

    def test_a_title_is_found_in_either_language_and_marked(self, trend):
        (hit,) = search("題名", "ja").hits
        assert (shown(hit.title), hit.language) == ("[題名]の語", "")
        assert passages("題名", "en") == [("title", "ja", "[題名]の語")]

    @pytest.mark.parametrize("query", ["https", "linked", "example.org/linked"])
    def test_addresses_of_links_are_no_words(self, trend, query):
        assert found(query) == []


def test_japanese_words_of_two_characters_are_found():
    make_trend("reference", title_ja="訓練より応用")
    make_trend("other", title_ja="訓化より応練用")
    assert found("訓練") == found("応用") == ["reference"]
    assert found("練") == ["other", "reference"]


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("The price of AI", "ＡＩ"),
        ("エージェントの時代", "ｴｰｼﾞｪﾝﾄ"),
        ("サーバの時代", "サーバー"),
        ("サーバーの時代", "サーバ"),
        ("AI応用の時代", "AI応用"),
        ("Agentic tools", "agent"),
        ("An agent for tools", "agents"),
        ("Open-weight models", "open weights"),
        ("Café culture", "CAFE"),
        ("応用", "用"),
    ],
)
def test_spellings_that_mean_the_same_are_found(title, query):
    make_trend(title_en=title)
    assert found(query) == ["example-trend"]


def test_all_words_must_be_there_anywhere_on_the_trend():
    both = make_trend("both", title_en="Electricity")
    TrendMention.objects.create(trend=both, mention=make_mention("Turbines hum."))
    make_trend("one", title_en="Electricity alone")
    assert found("electricity turbines") == ["both"]


def test_words_in_quotation_marks_stand_together():
    make_trend("together", title_en="Open weight models")
    make_trend("apart", title_en="Open a weight")
    assert found('"open weight"') == ["together"]
    assert found("open weight") == ["apart", "together"]


def test_a_title_comes_above_a_text_and_a_text_above_a_quotation():
    for number in range(3):
        quoting = make_trend(f"quoting-{number}")
        for n in range(3):
            TrendMention.objects.create(
                trend=quoting, mention=make_mention(f"Turbine {number} {n}, turbine, turbine.")
            )
    make_trend("text", shift_en="A turbine.", published=days_from_now(-10))
    make_trend("title", title_en="Turbine", published=days_from_now(-100))
    assert found("turbine") == ["title", "text", "quoting-0", "quoting-1", "quoting-2"]


def test_drafts_are_not_found_nor_suggested():
    make_trend("draft", title_en="Commodity", published=None)
    assert found("commodity") == []
    assert search("commodti", "en").suggestion == ""


def test_a_scheduled_trend_is_found_from_its_day_on():
    day = days_from_now(3)
    make_trend("scheduled", title_en="Commodity", published=day)
    assert found("commodity") == found("commodity", at=day - datetime.timedelta(days=1)) == []
    assert found("commodity", at=day) == ["scheduled"]


def test_a_row_is_shown_once_in_the_readers_language_where_it_is_found_in_it():
    make_trend(shift_en="OpenAI in English.", shift_ja="OpenAIの話。", title_ja="OpenAI")
    assert passages("openai", "ja") == [("shift", "ja", "[OpenAI]の話。")]
    assert passages("openai", "en") == [
        ("title", "ja", "[OpenAI]"),
        ("shift", "en", "[OpenAI] in English."),
    ]


def test_a_passage_stands_around_what_was_found():
    text = "First sentence. " * 20 + "Here it is: turbines turn. " + "Last sentence. " * 20
    parts = passage(text, terms_of("turbine"))
    assert shown(parts).startswith("… First sentence. First sentence. Here it is: [turbines] turn.")
    assert shown(parts).endswith(" …")
    assert len(shown(parts)) < 300


def test_japanese_sentences_of_a_passage_meet_without_a_blank():
    text = "訓練の話。\n応用の話。\n「次」\n終わり\nAnd more.\nEnd."
    shown = "".join(part.text for part in passage(text, terms_of("応用")))
    assert shown == "訓練の話。応用の話。「次」終わり\nAnd more.\nEnd."


def test_a_japanese_passage_is_half_as_long_and_marks_whole_words():
    text = "前の文。" * 60 + "サーバーの応用である。" + "後の文。" * 60
    assert shown(passage(text, terms_of("サーバ 応用"))).startswith("…前の文。")
    assert shown(passage(text, terms_of("サーバ 応用"))).endswith("後の文…")
    assert "[サーバー]の[応用]である。" in shown(passage(text, terms_of("ｻｰﾊﾞ 応用")))
    assert len(shown(passage(text, terms_of("応用")))) < 160


def test_marks_fit_the_text_as_it_is_written():
    assert shown(marked("ＡＩとcafe\u0301とﾃﾞｰﾀ", terms_of("ai café データ"))) == (
        "[ＡＩ]と[cafe\u0301]と[ﾃﾞｰﾀ]"
    )
    assert shown(marked("応用と用途", terms_of("用"))) == "応[用]と[用]途"


JOINED = (
    "GPT-4o and open-source e-commerce, C++, .NET, Node.js, 1,000 units, U.S. law, AT&T, don’t, "
    "it’s R&D, TCP/IP, 5G, iOS18, snake_case_name, Wi‑Fi, state–of–the–art."
)
AS_PASTED = "The Gesamt\u00adkon\u200bzept of 葛\U000e0100城市, 辻\U000e0101さん and \u795e\ufe00社"


@pytest.mark.parametrize(
    ("text", "query", "marked_as"),
    [
        (AS_PASTED, "Gesamtkonzept", "Gesamtkonzept"),
        (AS_PASTED, "Gesa\u00admt\u200bkonzept", "Gesamtkonzept"),
        (AS_PASTED, "葛城市", "葛\U000e0100城市"),
        (AS_PASTED, "辻\U000e0102さん", "辻\U000e0101さん"),
        (AS_PASTED, "神\u200b社", "\u795e\ufe00社"),
        ("ｸﾗｳﾄﾞｺﾝﾋﾟｭｰﾃｨﾝｸﾞ。", "くらうど", "ｸﾗｳﾄﾞ"),
        ("サーバーの電力", "さーばー", "サーバー"),
        ("ディープ・ラーニングとサム・アルトマン。", "ディープラーニング", "ディープ・ラーニング"),
        ("オープンソースとスターレイル。", "オープン・ソース", "オープンソース"),
        ("オープンソースとスターレイル。", "スター・レイル", "スターレイル"),
        ("渡邉と髙橋﨑子", "渡辺 高橋", "渡邉"),
        ("渡辺と高橋", "髙橋", "高橋"),
        ("Łódź, Øresund, Đorđe, Ærø, Straße", "Lodz", "Łódź"),
        ("Łódź, Øresund, Đorđe, Ærø, Straße", "aero", "Ærø"),
        ("Łódź, Øresund, Đorđe, Ærø, Straße", "oresund", "Øresund"),
        ("Łódź, Øresund, Đorđe, Ærø, Straße", "strasse", "Straße"),
        (JOINED, "GPT4o", "GPT-4o"),
        (JOINED, "gpt4", "GPT-4"),
        (JOINED, "opensource", "open-source"),
        (JOINED, "ecommerce", "e-commerce"),
        (JOINED, "1000", "1,000"),
        (JOINED, "iOS 18", "iOS18"),
        (JOINED, "wi-fi", "Wi‑Fi"),
        (JOINED, "wifi", "Wi‑Fi"),
        (JOINED, "dont", "don’t"),
        (JOINED, "snakecasename", "snake_case_name"),
        (JOINED, '"state of the art"', "state–of–the–art"),
        ("The opensource year, 1000 units", "open source", "opensource"),
        ("The opensource year, 1000 units", "open-source", "opensource"),
        ("The opensource year, 1000 units", "１，０００", "1000"),
        ("مَدْرَسَة في ٢٠٢٥", "مدرسة", "مَدْرَسَة"),
    ],
)
def test_what_is_seen_is_found_and_marked_as_it_is_written(text, query, marked_as):
    make_trend(title_en="Something", shift_en=text)
    assert any(f"[{marked_as}]" in parts for _kind, _language, parts in passages(query))


def test_a_quotation_says_who_speaks():
    trend = make_trend()
    TrendMention.objects.create(
        trend=trend, mention=make_mention("Turbines hum.", expert=make_expert("somebody"))
    )
    (hit,) = search("turbines", "en").hits
    assert [item.speaker.slug for item in hit.passages] == ["somebody"]


def test_a_typing_error_leads_to_a_word_that_finds_something():
    make_trend(title_en="Models become a commodity", title_ja="エージェントの時代")
    assert search("commodti", "en").suggestion == "commodity"
    assert search("Models comodity", "en").suggestion == "Models commodity"
    assert search("エージエント", "en").suggestion == "エージェント"
    assert search("zzzzzz", "en").suggestion == ""


def test_a_suggestion_finds_all_the_words_together():
    make_trend("one", title_en="A commodity")
    make_trend("other", title_en="Turbines")
    assert search("turbines commodti", "en").suggestion == ""


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("training trainin", "training training"),
        ("trainin training trainin", "training training training"),
        ("modeling modelin", "modeling modeling"),
        ('"trainin" modelin', '"training" modeling'),
        ("Trainin trainin", "training training"),
    ],
)
def test_a_suggestion_replaces_the_misspelled_words_wherever_they_stand(query, suggestion):
    make_trend(title_en="Training and modeling")
    assert search(query, "en").suggestion == suggestion
    assert found(suggestion) == ["example-trend"]


WORDS = [
    "training",
    "trainings",
    "modeling",
    "commodity",
    "agent",
    "訓練",
    "機械学習",
    "エージェント",
]


def _misspelled(word: str, place: int, letter: str) -> str:
    return word[: place % len(word)] + letter + word[place % len(word) + 1 :]


@hypothesis.given(
    st.lists(
        st.one_of(
            st.sampled_from(WORDS),
            st.builds(
                _misspelled, st.sampled_from(WORDS), st.integers(0, 9), st.sampled_from("xe練 ")
            ),
            st.sampled_from(["the", '"', "x" * 64, "a b c d e f g h"]),
        ),
        max_size=12,
    ).map(" ".join)
)
@hypothesis.settings(
    max_examples=cases(40),
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
def test_whatever_is_suggested_is_found(titles, query):
    suggestion = search(query, "en").suggestion
    assert not suggestion or search(suggestion, "en").total
    assert len(suggestion) <= LONGEST_QUERY


@pytest.fixture
def titles():
    """Two trends that hold `WORDS`."""
    make_trend("one", title_en="Training, a commodity", title_ja="機械学習の訓練")
    make_trend("two", title_en="Trainings by agent: modeling", title_ja="エージェントの訓練")


def test_a_suggestion_too_long_to_search_for_is_not_made():
    make_trend(title_en="Commodity")
    assert search("commodty", "en").suggestion == "commodity"
    assert search("commodty " + "- " * 95 + "-", "en").suggestion == ""


def test_words_that_never_stand_together_are_counted_by_themselves():
    make_trend("one", title_en="A commodity")
    make_trend("other", title_en="Turbines")
    assert search("turbines commodity", "en").alone == [("turbines", 1), ("commodity", 1)]


def test_results_are_narrowed_by_facets_that_say_how_many_there_would_be():
    one = make_trend("one", title_en="Turbine one", status="growing", tags=["strategy"])
    make_trend(
        "two", title_en="Turbine two", status="declining", confidence="low", since=date("2023-Q2")
    )
    TrendMention.objects.create(trend=one, mention=make_mention("It works."))
    Implication.objects.create(trend=one, audience=make_audience(), lead_en="Buy a turbine")
    renew_lists()
    results = search("turbine", "en")
    counts = {
        facet.name: {choice.value: choice.count for choice in facet.choices if choice.count}
        for facet in results.facets
    }
    assert counts == {
        "kind": {"title": 2, "implication": 1},
        "status": {"growing": 1, "declining": 1},
        "confidence": {"low": 1, "medium": 1},
        "tag": {"strategy": 1},
        "audience": {"enterprises": 1},
        "expert": {"mina-example": 1},
        "year": {"2025": 1, "2023": 1},
    }
    assert found("turbine", chosen={"status": ["declining"]}) == ["two"]
    assert found("turbine", chosen={"kind": ["implication"]}) == ["one"]
    assert found("turbine", chosen={"tag": ["strategy"], "audience": ["enterprises"]}) == ["one"]
    assert found("turbine", chosen={"tag": ["strategy"], "status": ["declining"]}) == []
    assert found("turbine", chosen={"expert": ["mina-example"]}) == ["one"]
    assert found("turbine", chosen={"year": [2023]}) == ["two"]
    narrowed = search("turbine", "en", chosen={"status": ["declining"]})
    assert (narrowed.total, narrowed.unfiltered) == (1, 2)
    counts = {choice.value: choice.count for choice in narrowed.facets[1].choices}
    assert counts == {"emerging": 0, "growing": 1, "established": 0, "declining": 1}
    assert found("turbine", chosen={"status": ["declining", "growing"]}) == ["one", "two"]
    assert found("turbine", chosen={"kind": ["implication", "title"]}) == ["one", "two"]


def test_long_texts_are_searched_to_their_end():
    trend = make_trend(shift_en="word " * 3_900 + "turbine")
    assert found("turbine") == [trend.slug]


HOSTILE = {
    "quotation marks": '" \' ” ` \\ \\"',
    "operators": "turbine AND (NOT turbine*) OR NEAR(a, b) ^c -d +e & | ! <-> :* a:b {x}",
    "unclosed": '"turbine',
    "sql": "'; DROP TABLE trends_trend; --",
    "percent": "%s %(a)s %% _ %",
    "long": "turbine " * 1250,
    "long word": "x" * 10_000,
    "long Japanese": "応" * 10_000,
    "nul": "tur\x00bine",
    "emoji": "😀👩‍👩‍👧‍👦🇯🇵",
    "right to left": "\u202eالذكاء\u202c",
    "surrogate": "\ud800\udfff x",
    "combining": "a" + "\u0301" * 5000,
    "controls": "".join(map(chr, range(32))) + "\x7f\ufeff\ufffe\uffff",
    "markup": "<script>alert(1)</script>",
}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_any_input_is_safe(query):
    make_trend(title_en="Turbine")
    results = search(query, "en")
    assert results.total in (0, 1)
    assert found("turbine") == ["example-trend"]


@pytest.mark.parametrize("query", ["turbine", "turbine 応用", '"a turbine"'])
def test_a_search_takes_the_same_queries_whatever_it_finds(query):
    def queries() -> int:
        renew_lists()
        with CaptureQueriesContext(connection) as captured:
            assert search(query, "en").total
        return len(captured)

    def more(numbers: range) -> None:
        for number in numbers:
            trend = make_trend(
                f"trend-{number}",
                title_en="A turbine",
                title_ja="応用",
                shift_en="A turbine",
                tags=["one"],
                implications=1,
                assessments=1,
            )
            for n in range(2):
                TrendMention.objects.create(
                    trend=trend, mention=make_mention(f"A turbine {number} {n}")
                )

    more(range(1))
    few = queries()
    more(range(1, 12))
    # Which terms are common; matches; their rank; the facets (seven); trends; which passages,
    # their texts; speakers.
    assert queries() == few == 14


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("訓錬", "訓練"),
        ("応容", "応用"),
        ("汎用", "応用"),  # one in common, wherever it stands
        ("機械学週", "機械学習"),
        ("訓錬 機械", "訓練 機械"),
        ("「訓錬」", ""),  # no word of kanji and kana alone
        ("猫犬", ""),  # nothing in common with any
        ("訓電", "訓練"),
        ("秘蜜", ""),  # of a draft
        ("稀有", ""),  # 稀少 stands there once
        ("訓錬 風車", "訓示 風車"),  # the most common that finds something
    ],
)
def test_a_kanji_that_is_mistaken_brings_a_suggestion(query, suggestion):
    make_trend("one", title_ja="訓練から応用へ", shift_ja="訓練と応用。機械学習は稀少な訓示。")
    make_trend("two", title_ja="応用の訓練")
    make_trend("three", title_ja="風車", shift_ja="風車の訓示")
    make_trend("hidden", title_ja="秘密", shift_ja="秘密", published=None)
    result = search(query, "ja")
    assert (result.total, result.suggestion) == (0, suggestion)


def test_a_mistaken_kanji_takes_the_same_queries_whatever_is_like_it():
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert search("訓錬", "ja").suggestion == "訓練"
        return len(captured)

    make_trend(title_ja="訓練", shift_ja="訓練")
    few = queries()
    for number in range(9):
        make_trend(f"trend-{number}", title_ja=f"訓練{number}", shift_ja="訓示と教練")
    assert queries() == few == 8


def test_a_search_without_result_takes_the_same_queries():
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert not search("commodti zzzzzz", "en").total
        return len(captured)

    make_trend(title_en="Commodity")
    few = queries()
    for number in range(9):
        make_trend(f"trend-{number}", title_en=f"Commodity commode {number}")
    assert queries() == few


def test_it_suggests_nothing_where_the_database_has_no_trigrams(settings, monkeypatch):
    monkeypatch.setattr("trends.search.spelling._has_trigrams", lambda: False)
    make_trend(title_en="Commodity")
    suggestion = search("commodti", "en").suggestion
    assert suggestion == ("" if connection.vendor == "postgresql" else "commodity")
    assert found("commodity") == ["example-trend"]
