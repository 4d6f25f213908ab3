"""Folding for the search, over all planes of Unicode."""

from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from trends.search.folding import folded, index_form, placed
from trends.search.terms import placed_words_of, words_of

_LETTERS = st.one_of(
    st.characters(exclude_categories=["Cs", "Mn", "Mc", "Me"]),
    st.sampled_from("aÉłßﬁ①かがｶﾞヴー・-,1０髙﨑𠮷Ωё한ا‐"),
)
_MARKS = st.sampled_from("\u0301\u0323\u3099\u309a\u064e\u05b8\u200b\u00ad\u200d\ufe0f\U000e0100")
TEXTS = st.text(_LETTERS | _MARKS, max_size=12)


@given(TEXTS)
def test_what_is_folded_is_not_folded_further(text):
    assert folded(folded(text)) == folded(text)


@given(TEXTS, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_the_form_of_a_text_does_not_matter(text, form):
    assert folded(normalize(form, text)) == folded(text)


@given(TEXTS, st.integers(0, 12), st.sampled_from("\u200b\u00ad\u2060\ufeff\U000e0100"))
def test_what_shows_nothing_does_not_matter_wherever_it_is(text, place, character):
    other = text[:place] + character + text[place:]
    assert folded(other) == folded(text)
    assert words_of(other) == words_of(text)


@given(TEXTS)
def test_each_folded_character_knows_its_place(text):
    form, places = placed(text)
    assert form == index_form(text)
    assert len(places) == len(form)
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert [token.word for token in placed_words_of(text)] == words_of(text)
