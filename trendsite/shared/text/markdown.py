"""Rendering of the Markdown that editors write to safe HTML."""

import re
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from urllib.parse import urljoin

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_cjk_friendly import cjk_friendly, is_cjk

_TAGS = {
    "p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}

_parser = (
    MarkdownIt("commonmark", {"html": False}).enable("table").disable("image").use(cjk_friendly)
)


@lru_cache(maxsize=2048)
def render_markdown(text: str, language: str, *, below: int = 2, base: str = "") -> SafeString:
    """Return a Markdown text as HTML without raw HTML, images or links but http, https, mailto.

    Args:
        language: the language of the text; in Japanese, line breaks are not spaces.
        below: the level of the heading above the text. Its own highest heading becomes one
            level lower, whatever level the editor began with.
        base: the address of the page; where given, links become absolute, for use elsewhere.
    """
    tokens = _prepared(text, language, below)
    if base:
        _complete_links(tokens, base)
    return _render(tokens)


@lru_cache(maxsize=2048)
def split_markdown(
    text: str, language: str, *, blocks: int, below: int = 2
) -> tuple[SafeString, SafeString]:
    """Return the first blocks of a Markdown text and the rest, both as `render_markdown()` does.

    A block is a paragraph, a list, a table and so on. The rest is empty if there are no more.
    """
    tokens = _prepared(text, language, below)
    ends = [place for place, token in enumerate(tokens, 1) if token.level == 0 >= token.nesting]
    place = ends[blocks - 1] if blocks <= len(ends) else len(tokens)
    return _render(tokens[:place]), _render(tokens[place:])


def _prepared(text: str, language: str, below: int) -> list[Token]:
    tokens = _parser.parse(text)
    if language == "ja":
        _join_lines(tokens)
    _lower_headings(tokens, below)
    return tokens


def _render(tokens: list[Token]) -> SafeString:
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return mark_safe(clean)  # the sanitiser wrote it


def nest_headings(text: str, *, below: int = 2) -> str:
    """Return Markdown with its headings moved to the levels that `render_markdown()` uses."""
    tokens = _parser.parse(text)
    _lower_headings(tokens, below)
    lines = text.split("\n")
    for heading, inline in zip(reversed(tokens), [None, *reversed(tokens)], strict=False):
        # A heading in a quotation or a list keeps its level: its lines begin with other marks.
        if heading.type == "heading_open" and heading.level == 0 and heading.map and inline:
            first, end = heading.map
            words = " ".join(inline.content.split())
            lines[first:end] = [f"{'#' * int(heading.tag[1])} {words}"]
    return "\n".join(lines)


def as_words(text: str) -> str:
    """Return Markdown on one line that renders as the plain text given."""
    line = re.sub(r"""([\\`*_\[\]<>&~|!])""", r"\\\1", " ".join(text.split()))
    return re.sub(r"^([0-9]{0,9})([#+=.)-])", r"\1\\\2", line)


def _complete_links(tokens: list[Token], base: str) -> None:
    """Make the links absolute, in place."""
    for token in chain.from_iterable(inline.children or [] for inline in tokens):
        if token.type == "link_open":
            # What is not an address is left as it is.
            with suppress(ValueError):
                token.attrs["href"] = urljoin(base, str(token.attrs["href"]))


def _lower_headings(tokens: list[Token], below: int) -> None:
    """Move the headings below level `below`, in place, at most to level 6."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - highest + below + 1, 6)}"


def _join_lines(tokens: list[Token]) -> None:
    """Drop the line breaks before or after a CJK character, in place.

    The plugin drops those between two CJK characters. In Japanese one such character is enough:
    no space belongs between 「した。」 and 「16日」 on the next line.
    """
    for inline in tokens:
        children = inline.children or []
        for before, token, after in zip(children, children[1:], children[2:], strict=False):
            if token.type == "softbreak" and (
                is_cjk(before.content[-1:]) or is_cjk(after.content[:1])
            ):
                token.type, token.content = "text", ""
