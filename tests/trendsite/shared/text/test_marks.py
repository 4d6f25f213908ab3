"""Marks of sources in texts: found, shown, left out, renamed."""

import re

import pytest
from django.utils.html import escape
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.texts import texts
from trendsite.shared.text.japanese import with_numbers
from trendsite.shared.text.markdown import marks_in_markdown, render_markdown, split_markdown
from trendsite.shared.text.marks import (
    marks_in_words,
    put_marks,
    rename_marks,
    with_places,
    without_marks,
    without_places,
)


def html(text: str, language: str = "en") -> str:
    """A Markdown text with `<1>`, `<2>` … for its marks, and no element around these."""
    shown = [f"<{number}>" for number in range(1, len(marks_in_markdown(text)) + 1)]
    page = render_markdown(text, language, marks=shown)
    return re.sub(r'<span class="marks[^>]*>(.*?)</span>', r"\1", page).strip()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Prices fell by 78%[^alphabet-2025].", ["alphabet-2025"]),
        ("One[^a] and two[^b][^a].", ["a", "b", "a"]),
        ("価格は下がった[^a]。", ["a"]),
        ("[^a] at the beginning", ["a"]),
        ("No mark: [a], [^], [^ ", []),
        ("[^two\nlines]", []),
        ("[^ Misspelt Key ]", ["Misspelt Key"]),
    ],
)
def test_marks_are_found_in_order(text, keys):
    assert [mark.key for mark in marks_in_words(text)] == keys
    assert [mark.key for mark in marks_in_markdown(text)] == keys


@pytest.mark.parametrize(
    "text",
    ["`[^a]`", "```\n[^a]\n```", "    [^a]", r"\[^a]", "[x](https://example.org/[^a])"],
    ids=["code", "fence", "indented", "escaped", "address"],
)
def test_what_only_looks_like_a_mark_is_shown_as_it_is(text):
    assert marks_in_markdown(text) == ()
    assert (
        render_markdown(text, "en").count("[^a]") + render_markdown(text, "en").count("%5Ea") == 1
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fell [^a]. Then", "<p>Fell<1>. Then</p>"),
        ("Fell\n[^a]\nthen", "<p>Fell<1>\nthen</p>"),
        ("**Fell**[^a] far", "<p><strong>Fell</strong><1> far</p>"),
        ("**Fell[^a]** far", "<p><strong>Fell<1></strong> far</p>"),
        ("- one[^a]\n- two[^b]", "<ul>\n<li>one<1></li>\n<li>two<2></li>\n</ul>"),
        (
            "[a report[^a] says](https://example.org)",
            '<p><a href="https://example.org">a report says</a><1></p>',
        ),
        ("`[^x]` and[^a] `[^y]`", "<p><code>[^x]</code> and<1> <code>[^y]</code></p>"),
        ("Text[^a].\n\n[^a]: Note.", "<p>Text<1>.</p>\n<p><2>: Note.</p>"),
    ],
)
def test_a_mark_stands_close_to_the_word_before(text, expected):
    assert html(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("下がった。[^a]\n16日に", "<p>下がった。<1>16日に</p>"),
        ("**「太字」**[^a]次", "<p><strong>「太字」</strong><1>次</p>"),
        ("**太字[^a]。**次", "<p><strong>太字<1>。</strong>次</p>"),
        ("前[^a]**「太字」**", "<p>前<1><strong>「太字」</strong></p>"),
    ],
)
def test_japanese_with_marks_is_set_as_without(text, expected):
    assert html(text, "ja") == expected
    bare = without_marks(text, marks_in_markdown(text))
    assert render_markdown(text, "ja") == render_markdown(bare, "ja")


def test_a_number_stays_with_its_counter_beyond_a_mark():
    page = with_numbers(render_markdown("1年で5[^a]倍、78%[^b]。", "ja", marks=["①", "②"]), "ja")
    assert page.count('<span class="number">') == 3
    assert '<span class="number">5<span class="marks">①</span>倍</span>' in page


@pytest.mark.parametrize(
    ("text", "is_held"),
    [
        ("た[^a]。", True),
        ("た[^a]」と", True),
        ("た[^a][^b]、", True),
        ("**た[^a]**。", True),
        ("た[^a]次", False),
        ("た[^a]「次」", False),
        ("so[^a].", True),
        ("so[^a] on", False),
    ],
)
def test_marks_are_held_by_punctuation_that_begins_no_line(text, is_held):
    shown = ["·"] * len(marks_in_markdown(text))
    assert ('class="marks marks-held"' in render_markdown(text, "ja", marks=shown)) is is_held


def test_marks_are_numbered_through_both_parts_of_a_text():
    lead, rest = split_markdown("One[^a].\n\nTwo[^b].", "en", blocks=1, marks=["①", "②"])
    assert ("①" in lead, "②" in lead, "②" in rest) == (True, False, True)


def test_marks_take_new_keys_and_leave_code_alone():
    text = "One [^a], `[^a]`, two[^b][^c]."
    renamed = rename_marks(text, marks_in_markdown(text), {"a": "b", "b": "new"})
    assert renamed == "One [^b], `[^a]`, two[^new][^c]."


def test_marks_side_by_side_that_name_one_source_then_are_one():
    text = "One[^a][^b]. Two[^b] [^a][^c][^c]. Three[^a], four[^b]."
    renamed = rename_marks(text, marks_in_words(text), {"b": "a"})
    assert renamed == "One[^a]. Two[^a][^c][^c]. Three[^a], four[^a]."


@pytest.mark.parametrize(
    ("text", "is_definition"), [("[^a]: Note.", True), ("x\n[^a]: y", True), ("One[^a]: y", False)]
)
def test_a_footnote_defined_in_the_text_is_told_from_a_mark(text, is_definition):
    [mark] = marks_in_markdown(text)
    assert mark.is_definition is is_definition


# Any text

_MARKED = st.lists(
    st.one_of(
        texts(),
        st.sampled_from(["[^a]", " [^b-2]", "[^", "`", "[", "](", "\n", "5", "倍", "年。", "**"]),
    )
).map("".join)


@given(_MARKED, st.sampled_from(["en", "ja"]))
def test_every_mark_of_any_markdown_is_shown_once(text, language):
    marks = marks_in_markdown(text)
    shown = [f"⟦{number}⟧" for number in range(len(marks))]
    page = with_numbers(render_markdown(text, language, marks=shown), language)
    assert re.findall("⟦([0-9]+)⟧", page) == [str(number) for number in range(len(marks))]
    assert "\ufdd0" not in page


@given(_MARKED)
def test_any_words_whose_marks_show_nothing_are_the_words_without_marks(text):
    text = without_places(text)
    marks = marks_in_words(text)
    assert put_marks(escape(with_places(text, marks)), None) == escape(without_marks(text, marks))


@given(
    st.lists(
        st.sampled_from(
            [
                "価格は",
                "2026年",
                "5倍",
                "、",
                "。",
                "下がった",
                "「",
                "」",
                "78%",
                "1,000",
                "万円",
                "AI",
            ]
        ),
        min_size=1,
        max_size=12,
    ),
    st.data(),
)
def test_numbers_of_any_japanese_text_are_held_with_marks_as_without(words, data):
    bare = "".join(words)
    at = data.draw(st.integers(min_value=1, max_value=len(words)))
    # A mark within a number would part it.
    assume(at == len(words) or not (words[at - 1][-1] + words[at][0]).isdigit())
    text = "".join([*words[:at], "[^a]", *words[at:]])
    marked = with_numbers(put_marks(escape(with_places(text, marks_in_words(text))), ["①"]), "ja")
    pieces = re.sub(r'<span class="marks[^>]*>①</span>', "", marked)
    assert pieces == with_numbers(escape(bare), "ja")
