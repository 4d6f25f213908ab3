"""What counts as the same word, in English and Japanese."""

import unicodedata

import hypothesis
import hypothesis.strategies as st
import pytest

from trends.search.folding import folded
from trends.search.passages import found_places
from trends.search.terms import (
    Phrase,
    is_kanji_word,
    placed_terms_of,
    placed_words_of,
    terms_of,
    words_of,
)

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
    st.text(st.sampled_from("aéÉßﬁ １Ａｶﾞがカﾞーサ−ｰ訓練İıΣς!\u0301\u200bø邉・\u3099𠮷가각Å")),
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
        ("Łódź", "Lodz"),
        ("Øresund Đorđe Ærø", "oresund dorde aero"),
        ("œuvre Þór ħal", "oeuvre thor hal"),
        ("İstanbul ısı", "istanbul isi"),
        ("クラウド", "くらうど"),
        ("髙橋﨑子", "高橋崎子"),
        ("渡邉 渡邊", "渡辺 渡辺"),
        ("國學院", "国学院"),
        ("葛\U000e0100城市", "葛城市"),
        ("\u795e\ufe00社", "神社"),
        ("機械\u200b学習", "機械学習"),
        ("Gesamt\u00adkon\u2060zept", "Gesamtkonzept"),
        ("ディープ・ラーニング", "ディープラーニング"),
        ("ｽﾀｰ･ﾚｲﾙ", "スターレイル"),
        ("ジャン＝ポール", "ジャンポール"),
        ("1,000,000", "１００００００"),
        ("1’000", "1000"),
        ("GPT-4o", "GPT4o"),
        ("GPT‑4", "ＧＰＴ４"),
        ("iOS18", "iOS 18"),
        ("مَدْرَسَة", "مدرسة"),
        ("٢٠٢٥", "2025"),
        ("العـــربية", "العربية"),
    ],
)
def test_different_spellings_are_one_word(written, asked):
    assert words_of(written) == words_of(asked)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("がく", "かく"),
        ("string", "str"),
        ("news", "new"),
        ("キー", "キ"),
        ("class", "clas"),
        ("1,5", "15"),
        ("3.5", "35"),
    ],
)
def test_different_words_stay_apart(one, other):
    assert words_of(one) != words_of(other)


@pytest.mark.parametrize(
    "written",
    [
        "open source",
        "open-source",
        "opensource",
        "Open‑Source",
        "open/source",
        "ＯＰＥＮ＿ＳＯＵＲＣＥ",
    ],
)
@pytest.mark.parametrize("asked", ["open source", "open-source", "opensource", "opensourc"])
def test_a_word_is_found_whether_written_as_one_or_as_two(written, asked):
    assert all(found_places(f"New {written} tools", [term]) for term in terms_of(asked))


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("e-commerce", "ecommerce"),
        ("Wi‑Fi", "wifi"),
        ("don’t", "dont"),
        ("R&D", "RD"),
        ("U.S. law", "US"),
        ("Node.js", "nodejs"),
        ("state–of–the–art", "stateoftheart"),
        ("state of the art", "state-of-the-art"),
        ("TCP/IP", "tcpip"),
        ("GPT4", "GPT-4"),
        ("GPT-4o", "GPT 4"),
        ("AT&T", '"at&t"'),
    ],
)
def test_marks_inside_a_word_make_no_difference(written, asked):
    [*terms] = terms_of(asked)
    assert all(found_places(written, [term]) for term in terms)


@pytest.mark.parametrize(
    ("written", "asked"),
    [("may be", "maybe"), ("open", "opensource"), ("open a source", "opensource")],
)
def test_other_words_are_not_joined(written, asked):
    assert not found_places(written, terms_of(asked))


@hypothesis.given(
    st.text(
        st.characters(exclude_categories=["Cs"])
        | st.sampled_from("aéßŁ １Ａｶﾞがサー訓練髙邉Σ-・,0\u0301\u200b\ufe00م\u064e"),
        max_size=12,
    ),
    st.integers(0, 11),
    st.integers(1, 12),
)
def test_any_part_of_a_text_finds_it(text, start, length):
    """Whole words of it, as a reader copies them, in another form; Japanese anywhere."""
    parts = text.split()
    for part in parts[start : start + length]:
        for form in ("NFC", "NFD"):
            for term in terms_of(f'"{unicodedata.normalize(form, part)}"'):
                assert found_places(text, [term])


@hypothesis.given(st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_folding_twice_is_folding_once(text):
    once = folded(text)
    assert folded(once) == once
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert words_of(unicodedata.normalize(form, text)) == words_of(text)


def test_japanese_is_cut_into_pairs():
    assert words_of("応用化") == ["応用", "用化", "化"]


def test_words_apart_are_terms_and_words_in_quotation_marks_one_term():
    plain, quoted = terms_of('agent　"open weight models"')
    assert plain.phrases[0] == Phrase(("agent",), is_beginning=True)
    assert quoted.phrases == (Phrase(("open", "weight", "model"), is_beginning=False),)


@pytest.mark.parametrize(
    ("query", "is_beginning"),
    [("inference", True), ("AI", False), ("2025", False), ("応用", False), ("用", True)],
)
def test_long_words_and_single_characters_find_what_begins_with_them(query, is_beginning):
    assert terms_of(query)[0].phrases[0].is_beginning is is_beginning


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
    assert words_of("𠮟る者") == ["叱ル", "ル者", "者"]
    assert words_of("𩸽を焼く") == ["𩸽ヲ", "ヲ焼", "焼ク", "ク"]


@pytest.mark.parametrize("query", ["", " ", "😀", '"', '""', "' ) * -", "\x00", "\ud800", "\u202e"])
def test_what_holds_no_letter_is_no_term(query):
    assert terms_of(query) == []


def test_a_query_has_no_more_terms_than_are_searched_for():
    assert len(terms_of(" ".join(f"word{n}" for n in range(100)))) == 8
    assert len(terms_of("応" * 10_000)[0].phrases[0].words) == 40
    assert len(terms_of("a" * 10_000)[0].phrases[0].words[0]) == 64
