"""Where two texts differ: by words, in Japanese by phrases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendsite.shared.revisions.wording import compared, compared_lists


def marked(before: str, after: str, language: str = "en") -> str:
    """The pieces with what was taken out in [-…-], and what was put in in {+…+}."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(
        "…" if piece.is_cut else marks[piece.kind].format(piece.text)
        for piece in compared(before, after, language)
    )


@pytest.mark.parametrize(
    ("before", "after", "language", "expected"),
    [
        ("It grew by 17%.", "It grew by 27%.", "en", "It grew by [-17-]{+27+}%."),
        ("One two three.", "One six seven.", "en", "One [-two three-]{+six seven+}."),
        ("One three.", "One two three.", "en", "One{+ two+} three."),
        ("A subtitle of a trend", "What an editor regrets", "en", None),
        (
            "データは端末に残る。",
            "データは手元に残る。",
            "ja",
            "データは[-端末に-]{+手元に+}残る。",
        ),
        ("", "New", "en", "{+New+}"),
    ],
)
def test_pieces_are_words_and_phrases(before, after, language, expected):
    assert marked(before, after, language) == (expected or f"[-{before}-]{{+{after}+}}")


def test_long_stretches_that_are_the_same_are_cut():
    same = "word " * 300
    pieces = compared(f"{same}old {same}", f"{same}new {same}", "en")
    assert [piece.is_cut for piece in pieces] == [True, False, False, False, False, True]
    assert sum(len(piece.text) for piece in pieces) < 400


def test_lists_are_compared_item_by_item():
    pieces = compared_lists(["a", "b"], ["b", "c"])
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("removed", "a"),
        ("same", "b"),
        ("added", "c"),
    ]


@given(st.text("ab 。\n漢字", max_size=40), st.text("ab 。\n漢字", max_size=40))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_pieces_give_both_texts_again(language, before, after):
    pieces = compared(before, after, language)
    assert "".join(p.text for p in pieces if p.kind != "added") == before
    assert "".join(p.text for p in pieces if p.kind != "removed") == after
