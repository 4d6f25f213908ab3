"""Texts as people and their tools write them, the awkward ones first."""

from hypothesis import strategies as st

from trendsite.shared.text.normal_form import control_character, normal_form

AWKWARD = [
    "no",
    "Yes",
    "on",
    "null",
    "~",
    "2024",
    "2025-12-18",
    "2025-06",
    "12:34",
    "1:02:03.5",
    "1e3",
    "0x1F",
    "0o17",
    "1_000",
    "+.inf",
    ".nan",
    "=",
    "<<",
    "- item",
    "-",
    "---",
    "...",
    "? key",
    "key: value",
    "key:",
    ": value",
    "# heading",
    "a # comment",
    "a#b",
    "[x](https://example.org)",
    "{x}",
    "*emphasis* and &more",
    "*alias",
    "&anchor",
    "!tag",
    "|",
    "> quotation",
    "%percent",
    "@handle",
    "`code`",
    "'single'",
    '"double"',
    "it's",
    'it\'s "both"',
    "back\\slash",
    "ends with a blank \nhere",
    "two blanks  \nfor a break",
    "One\n\n\nTwo\n    code\n\tTab",
    " \n x",
    "tab\tinside",
    "\u00a0no-break\u00a0",
    "next\x85line",
    "line\u2028separator\u2029",
    "\ufeffmark",
    "bell\x07",
    "delete\x7f",
    "carriage\rreturn",
    "日本語：「引用」、句読点。",
    "　全角の空白　",
    "# 見出し\n\n**太字。**次",
    "😀 👩‍👩‍👧 🇯🇵",
    "e\u0301 \u202eright to left",
    "\U0010fffd",
    "A long line. " * 400,
]


def texts(max_size: int = 80, *, one_line: bool = False) -> st.SearchStrategy[str]:
    """Texts that are not blank, in the form in which they are stored."""
    characters = st.characters(exclude_categories=["Cs"])
    characters |= st.sampled_from("abc 日本語。#:-'\"\n\t ")
    ordinary = st.text(characters, max_size=min(max_size, 40))
    awkward = st.sampled_from([text for text in AWKWARD if len(text) <= max_size])
    return (
        st.one_of(ordinary, awkward, st.builds("{}{}".format, awkward, ordinary))
        .map(lambda text: _without_control_characters(text)[:max_size])
        .map(lambda text: normal_form(text, one_line=one_line))
        .filter(lambda text: 0 < len(text) <= max_size)
    )


def _without_control_characters(text: str) -> str:
    return "".join(character for character in text if not control_character(character))
