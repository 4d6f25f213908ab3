"""What counts as the same word, in English and Japanese."""

import hypothesis
import hypothesis.strategies as st
import pytest

from trends.search.terms import is_kanji_word, placed_terms_of, placed_words_of, terms_of, words_of

TEXTS = {
    "latin": "Models, modelling & Coding: the agent’s 3 codes (GPT-4o)",
    "accents": "Café Über naïve ﬁne ẞtraße Ångström",
    "japanese": "訓練より応用、という見方。ﾃﾞｰﾀｾﾝﾀｰとサーバー",
    "full_width": "ＡＩエージェント２０２６年　ＧＰＴ−５",
    "decomposed": "データ が cafe\u0301",
    "mixed": "AI応用AI サ−バ− コピーー!ー",
    "other_scripts": "الذكاء الاصطناعي искусственный интеллект 인공지능",
    "not_words": "😀 \x00 \u202e ' \" ) - * \ud800",
    "empty": "",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_words_have_their_places_in_the_text(text):
    placed = placed_words_of(text)
    assert [token.word for token in placed] == words_of(text)
    for token in placed:
        assert set(token.word) & set(words_of(text[token.start : token.end])[0])


@hypothesis.given(
    st.text(st.sampled_from("aéÉßﬁ １Ａｶﾞがカﾞーサ−ｰ訓練İıΣς.\u0301\u3099𠮷가각Å")),
)
def test_words_of_any_text_have_their_places(text):
    placed = placed_words_of(text)
    assert [token.word for token in placed] == words_of(text)
    assert all(0 <= token.start < token.end <= len(text) for token in placed)
    assert [token.start for token in placed] == sorted(token.start for token in placed)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("ＡＩ", "ai"),
        ("ｴｰｼﾞｪﾝﾄ", "エージェント"),
        ("サーバー", "サーバ"),
        ("サ−バ−", "サーバー"),
        ("Café", "cafe"),
        ("ﬁne", "fine"),
        ("Straße", "STRASSE"),
        ("models", "model"),
        ("energies", "energy"),
        ("coding", "code"),
        ("codes", "coding"),
        ("running", "run"),
        ("prices", "pricing"),
        ("が", "か\u3099"),
        ("moved", "move"),
        ("moving", "moves"),
        ("coded", "code"),
        ("based", "base"),
        ("named", "name"),
    ],
)
def test_different_spellings_are_one_word(written, asked):
    assert words_of(written) == words_of(asked)


@pytest.mark.parametrize(
    ("one", "other"),
    [("がく", "かく"), ("string", "str"), ("news", "new"), ("キー", "キ"), ("class", "clas")],
)
def test_different_words_stay_apart(one, other):
    assert words_of(one) != words_of(other)


def test_japanese_is_cut_into_pairs():
    assert words_of("応用化") == ["応用", "用化", "化"]


def test_words_apart_are_terms_and_words_in_quotation_marks_one_term():
    plain, quoted = terms_of('agent　"open weight models"')
    assert (plain.words, plain.is_beginning) == (("agent",), True)
    assert (quoted.words, quoted.is_beginning) == (("open", "weight", "model"), False)


@pytest.mark.parametrize(
    ("query", "is_beginning"),
    [("inference", True), ("AI", False), ("2025", False), ("応用", False), ("用", True)],
)
def test_long_words_and_single_characters_find_what_begins_with_them(query, is_beginning):
    assert terms_of(query)[0].is_beginning is is_beginning


def test_each_occurrence_of_a_term_has_its_place_in_the_query():
    query = '訓練 Agents "open weights" agent'
    placed = list(placed_terms_of(query))
    assert [query[term.start : term.end] for term in placed] == [
        "訓練",
        "Agents",
        "open weights",
        "agent",
    ]
    assert placed[1].term == placed[3].term == terms_of(query)[1]


def test_kanji_beyond_the_basic_plane_are_kanji():
    assert is_kanji_word("𠮷野")
    assert words_of("𠮷野家") == ["𠮷野", "野家", "家"]


@pytest.mark.parametrize("query", ["", " ", "😀", '"', '""', "' ) * -", "\x00", "\ud800", "\u202e"])
def test_what_holds_no_letter_is_no_term(query):
    assert terms_of(query) == []


def test_a_query_has_no_more_terms_than_are_searched_for():
    assert len(terms_of(" ".join(f"word{n}" for n in range(100)))) == 8
    assert len(terms_of("応" * 10_000)[0].words) == 40
    assert len(terms_of("a" * 10_000)[0].words[0]) == 64
