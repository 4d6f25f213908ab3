"""Marks in texts: `[^key]` cites the source with that key.

Before a text is rendered, each mark is replaced by a placeholder: the number of the mark between
two characters that no stored text contains. After rendering, `put_marks()` replaces placeholders
by HTML, so that no step of rendering can change it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from unicodedata import category

from django.utils.safestring import SafeString

# Noncharacters of Unicode, which are reserved for internal use.
_BEGIN, _END = "\ufdd0", "\ufdd1"
_PLACE = re.compile(f"{_BEGIN}([0-9]+){_END}")
_PLACES = re.compile(f"(?:{_BEGIN}[0-9]+{_END})+")

# Begins where no blank is before it: else a long row of blanks would take quadratic time.
MARK = re.compile(r"(?:(?<![ \t\u3000])[ \t\u3000]+)?\[\^([^\[\]\n]{1,200})\]")
"""A mark, with the blanks before it: it stands close to the word."""

_LIKE_A_MARK = re.compile(r"[\[［][\^＾][^\[\]［］\n]{1,200}[\]］]")
_TAGS = re.compile("(?:<[^>]*>)*")
_SMALL_KANA = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々"


@dataclass(frozen=True)
class SourceMark:
    """A mark from `start` to `end` of a text, which cites the source `key`."""

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


def full_width_marks(text: str) -> list[str]:
    """Return what was meant as marks but has full-width signs, so that it marks nothing."""
    if "[^" not in text and "［" not in text and "＾" not in text:
        return []
    return [found for found in _LIKE_A_MARK.findall(text) if (found[:2], found[-1]) != ("[^", "]")]


def _mark(text: str, found: re.Match[str]) -> SourceMark:
    bracket = found.start(1) - 2
    begins_line = found.start() == 0 or text[found.start() - 1] == "\n"
    return SourceMark(
        found[1].strip(),
        # Spaces before a mark belong to it, except at the beginning of a line.
        bracket if begins_line else found.start(),
        found.end(),
        is_definition=begins_line and text[found.end() : found.end() + 1] == ":",
    )


def replace_marks(text: str, marks: Sequence[SourceMark], new: Callable[[SourceMark], str]) -> str:
    """Return a text with each of its marks replaced by `new(mark)`."""
    parts, at = [], 0
    for mark in marks:
        parts += [text[at : mark.start], new(mark)]
        at = mark.end
    return "".join([*parts, text[at:]])


def without_marks(text: str, marks: Sequence[SourceMark]) -> str:
    """Return a text without its marks."""
    return replace_marks(text, marks, lambda mark: "")


def rename_marks(text: str, marks: Sequence[SourceMark], names: dict[str, str]) -> str:
    """Return a text in whose marks keys are replaced by `names`, a mapping from old to new keys.

    If two adjacent marks cite the same source only after that, the second is removed.
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
    """Return a text with placeholders instead of its marks."""
    number = count()
    return replace_marks(text, marks, lambda mark: place(next(number)))


def place(number: int) -> str:
    """Return the placeholder of a mark, counted from zero."""
    return f"{_BEGIN}{number}{_END}"


def without_places(text: str) -> str:
    """Return a text without the characters of placeholders, for texts of unknown origin."""
    return text.replace(_BEGIN, "").replace(_END, "")


def fill_places(text: str, shown: Sequence[str]) -> str:
    """Return a text with its placeholders replaced by `shown`, in order."""
    return _PLACE.sub(lambda found: shown[int(found[1])], text)


def put_marks(html: str, shown: Sequence[str] | None) -> SafeString:
    """Return safe HTML with its placeholders replaced by `shown`; None removes them.

    Adjacent marks are grouped in a `span`. With it the style sheet prevents a line from beginning
    with a mark, or with the punctuation after it.
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
