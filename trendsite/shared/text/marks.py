"""Marks in texts: `[^key]` stands where a text rests on the source with that key.

A text is first written with a place instead of each mark, two characters that stand in no text
around the number of the mark. `put_marks()` puts what is shown into the places, after everything
that would take it for a part of the text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from unicodedata import category

from django.utils.safestring import SafeString

# Noncharacters of Unicode, for use inside a program alone.
_BEGIN, _END = "\ufdd0", "\ufdd1"
_PLACE = re.compile(f"{_BEGIN}([0-9]+){_END}")
_PLACES = re.compile(f"(?:{_BEGIN}[0-9]+{_END})+")

MARK = re.compile(r"[ \t\u3000]*\[\^([^\[\]\n]{1,200})\]")
"""A mark, with the blanks before it: it stands close to the word."""

_TAGS = re.compile("(?:<[^>]*>)*")
_SMALL_KANA = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々"


@dataclass(frozen=True)
class SourceMark:
    """A mark in a text from `start` to `end`, which names the source `key`."""

    key: str
    start: int
    end: int
    is_definition: bool = False
    """Whether it begins a line and a colon follows, as a footnote is defined in Markdown."""


def marks_in_words(text: str) -> tuple[SourceMark, ...]:
    """Return the marks of a text without markup, in order."""
    if "[^" not in text:
        return ()
    return tuple(_mark(text, found) for found in MARK.finditer(text))


def _mark(text: str, found: re.Match[str]) -> SourceMark:
    bracket = found.start(1) - 2
    begins_line = found.start() == 0 or text[found.start() - 1] == "\n"
    return SourceMark(
        found[1].strip(),
        # Blanks at the beginning of a line are its indentation.
        bracket if begins_line else found.start(),
        found.end(),
        is_definition=begins_line and text[found.end() : found.end() + 1] == ":",
    )


def replace_marks(text: str, marks: Sequence[SourceMark], new: Callable[[SourceMark], str]) -> str:
    """Return a text with something else instead of each of its marks."""
    parts, at = [], 0
    for mark in marks:
        parts += [text[at : mark.start], new(mark)]
        at = mark.end
    return "".join([*parts, text[at:]])


def without_marks(text: str, marks: Sequence[SourceMark]) -> str:
    """Return a text without its marks."""
    return replace_marks(text, marks, lambda mark: "")


def rename_marks(text: str, marks: Sequence[SourceMark], names: dict[str, str]) -> str:
    """Return a text whose marks name other keys, where `names` has a new one for the key.

    Of two marks side by side that name one source only then, the second is left out.
    """
    doubled = {
        mark.start
        for before, mark in pairwise(marks)
        if before.end == mark.start and before.key != mark.key
        if names.get(before.key, before.key) == names.get(mark.key, mark.key)
    }

    def renamed(mark: SourceMark) -> str:
        written = text[mark.start : mark.end]
        if mark.key not in names or mark.start in doubled:
            return "" if mark.start in doubled else written
        return f"{written[: written.index('[^')]}[^{names[mark.key]}]"

    return replace_marks(text, marks, renamed)


def with_places(text: str, marks: Sequence[SourceMark]) -> str:
    """Return a text with a place instead of each of its marks."""
    number = count()
    return replace_marks(text, marks, lambda mark: place(next(number)))


def place(number: int) -> str:
    """Return the place of a mark, counted from zero."""
    return f"{_BEGIN}{number}{_END}"


def without_places(text: str) -> str:
    """Return a text that somebody wrote without the two characters that make a place."""
    return text.replace(_BEGIN, "").replace(_END, "")


def fill_places(text: str, shown: Sequence[str]) -> str:
    """Return a text with what is given for each mark in its place."""
    return _PLACE.sub(lambda found: shown[int(found[1])], text)


def put_marks(html: str, shown: Sequence[str] | None) -> SafeString:
    """Return safe HTML with what is shown for each mark in its place; None for no marks at all.

    No line begins with a mark, and none with the punctuation after it: the style sheet sees to
    it, for marks that stand side by side and are followed by such a sign.
    """
    if shown is None:
        return SafeString(_PLACES.sub("", html))

    def group(found: re.Match[str]) -> str:
        marks = fill_places(found[0], shown)
        following = html[_TAGS.match(html, found.end()).end() :][:1]  # type: ignore[union-attr]
        names = "marks marks-held" if _begins_no_line(following) else "marks"
        return f'<span class="{names}">{marks}</span>' if marks else ""

    return SafeString(_PLACES.sub(group, html))


def _begins_no_line(character: str) -> bool:
    return bool(character) and (
        category(character) in {"Pe", "Pf", "Po", "Pd"} or character in _SMALL_KANA
    )
