"""The one form of every text: what is removed, what stays, and which texts are the same."""

import unicodedata

import pytest
import regex
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from trendsite.shared.text.facts import facts_in
from trendsite.shared.text.marks import marks_in_words
from trendsite.shared.text.normal_form import (
    INVISIBLE,
    check_characters,
    comparable_text,
    control_character,
    normal_form,
    visible,
)

# From every plane, with more of what is removed, joined and composed.
TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("aé\u0301\u0323が\u3099か葛क्षमی‏ه\u05e9ภ🏴👩🏽❤ \n\r\t\u2028"),
        st.sampled_from("\u200b\u200c\u200d\u00ad\ufeff\u2060\ufe0f\u200e\u202e\u2066\u3164\u034f"),
        st.sampled_from("\U000e0100\U000e0067\U000e007f\u180b\u2800\u115f"),
    ),
    max_size=12,
)


def test_the_invisible_characters_are_those_of_unicode():
    """Python does not carry the property. Those beyond it have no ink and no width either."""
    ours = regex.compile(f"[{INVISIBLE}]")
    ignorable = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    characters = [chr(code) for code in range(0x110000)]
    assert not [char for char in characters if ignorable.match(char) and not ours.match(char)]
    beyond = [char for char in characters if ours.match(char) and not ignorable.match(char)]
    assert {unicodedata.category(char) for char in beyond} <= {"Cf", "Cn", "Mn", "So"}
    assert len(beyond) == 44


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        pytest.param("Gesamt\u00adkonzept", "Gesamtkonzept", id="soft hyphen"),
        pytest.param("Quanten\u200bcomputer", "Quantencomputer", id="zero-width space"),
        pytest.param("Kern\u2060fusion", "Kernfusion", id="word joiner"),
        pytest.param("Schif\u200cfahrt", "Schiffahrt", id="non-joiner in German"),
        pytest.param("Wind\ufeffrad", "Windrad", id="byte order mark"),
        pytest.param("Solar\u200edach", "Solardach", id="mark of direction"),
        pytest.param("photo\u202egpj.exe\u202c", "photogpj.exe", id="override of direction"),
        pytest.param("a\u115f\u1160\u3164\uffa0b", "ab", id="Hangul fillers"),
        pytest.param("a\U000e0041\U000e0042b", "ab", id="tags without a flag"),
        pytest.param("Cafe\u0301", "Café", id="decomposed"),
        pytest.param("が", "が", id="decomposed kana"),
        pytest.param("e\u200b\u0301", "é", id="an accent behind something invisible"),
        pytest.param(" a \u200b ", "a", id="blanks and invisible characters at the end"),
        pytest.param("a\r\nb\rc\u2028d\u2029e\u0085f", "a\nb\nc\nd\ne\nf", id="line ends"),
    ],
)
def test_what_shows_nothing_is_removed(pasted, stored):
    assert normal_form(pasted) == stored


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("می\u200cخواهم", id="non-joiner in Persian"),
        pytest.param("क्\u200dष", id="joiner in Hindi"),
        pytest.param("👩🏽\u200d🚀 ❤\ufe0f\u200d🔥 🙂\u200d↔\ufe0f", id="emoji of several"),
        pytest.param("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", id="flag"),
        pytest.param("葛\U000e0100城市 辻\U000e0101 \u795e\ufe00", id="forms of kanji"),
        pytest.param("שלום (GPT-5)\u200f!", id="mark of direction in Hebrew"),
        pytest.param("ปัญญา\u200bประดิษฐ์", id="between words in Thai"),
        pytest.param("Non\u00a0breaking　全角", id="visible spaces"),
    ],
)
def test_what_has_a_meaning_stays_and_is_not_seen(text):
    assert normal_form(text) == text
    assert visible(text) == regex.sub(r"\p{Default_Ignorable_Code_Point}", "", text)


@pytest.mark.parametrize(
    "text", ["\u200b", "\ufeff", "\u3164", "\u2800", "\u2060", " \u00ad\n", "\u115f\ufe0f"]
)
def test_a_text_of_nothing_visible_is_no_text(text):
    assert normal_form(text) == ""
    assert visible(text) == ""


def test_a_text_of_one_line_has_no_line_breaks():
    assert normal_form("Two \r\n lines\tand\u2028more", one_line=True) == "Two lines and more"
    assert normal_form("a  b", one_line=True) == "a  b"


@given(TEXTS)
def test_the_form_of_the_form_is_the_form(text):
    once = normal_form(text)
    assert normal_form(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
    assert bool(once) == bool(visible(once))


@given(TEXTS)
def test_composed_and_decomposed_texts_have_one_form(text):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert normal_form(composed) == normal_form(decomposed) == normal_form(text)


@given(TEXTS)
def test_nothing_visible_is_lost(text):
    assert visible(normal_form(text)).split() == visible(text).split()
    assert comparable_text(normal_form(text)) == comparable_text(text)


@pytest.mark.parametrize(
    "other",
    [
        "It’s “about” data – really.",
        'It\'s "about" data - really.\u200b',
        'It\'s\u00a0"about"  data ‐ really.',
        "Ｉｔ＇ｓ ＂about＂ data − really.",
    ],
)
def test_texts_that_read_the_same_compare_equal(other):
    assert comparable_text(other) == comparable_text('It\'s "about" data - really.')


@pytest.mark.parametrize(
    ("one", "other"), [("resume", "résumé"), ("はし", "ばし"), ("a b", "ab"), ("Yes.", "yes.")]
)
def test_other_words_do_not(one, other):
    assert comparable_text(one) != comparable_text(other)


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("a\x0bb", "U+000B (vertical tabulation)"),
        ("\x08", "U+0008 (backspace)"),
        ("\x1b[0m", "U+001B (escape)"),
        ("\x7f", "U+007F (delete)"),
        ("\x9f", "U+009F"),
        ("\ufffe", "U+FFFE"),
        ("\U0001ffff", "U+1FFFF"),
        ("\ud800", "U+D800"),
    ],
)
def test_control_characters_are_refused_by_name(text, character):
    assert control_character(text) == character
    with pytest.raises(ValidationError) as caught:
        check_characters(text)
    assert caught.value.messages == [f"Remove the control character {character}."]


@pytest.mark.parametrize("text", ["", "a\n\tb", "\u200b", "\ufffd", "\ue000", "𠮷"])
def test_other_characters_are_no_control_characters(text):
    check_characters(text)


@pytest.mark.parametrize("marks", ["\u0301\u0327\u0323", "\u0f73", "\u0344\u0327", "\u3099\u0301"])
def test_many_marks_are_sorted_as_unicode_has_it(marks, monkeypatch):
    text = f"か{marks * 60}!"
    assert normal_form(text) == unicodedata.normalize("NFC", text)
    # Sorted before: Python moves each mark past all that belong behind it.
    calls = []
    monkeypatch.setattr(
        "trendsite.shared.text.normal_form.normalize",
        lambda form, text: calls.append((form, text)) or unicodedata.normalize(form, text),
    )
    normal_form(text)
    given = next(text for form, text in calls if form == "NFC")
    classes = [unicodedata.combining(mark) for mark in given[1:-1]]
    assert classes == sorted(classes)


@pytest.mark.parametrize(
    "read",
    [
        lambda: normal_form(f"a{' ' * 100_000}b", one_line=True),
        lambda: marks_in_words(f"[^{' ' * 200_000}"),
        lambda: facts_in("1, " * 30_000, "en"),
    ],
)
def test_long_text_is_read_in_linear_time(read):
    """Which shows by itself: each of these took more than half a minute."""
    read()


def test_line_breaks_between_blanks_become_one_space():
    assert normal_form("a \u3000\n\t b  c", one_line=True) == "a b  c"
