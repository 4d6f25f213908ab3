"""Markdown as editors write it, HTML as readers get it."""

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
    """HTML of a Markdown text: no raw HTML, no image, no address but http, https and mailto.

    Its headings stand below a heading of level `below`, whatever level the editor begins with.
    With the address of its page as `base` its links are whole, to be read elsewhere.
    """
    tokens = _parser.parse(text)
    if base:
        _complete_links(tokens, base)
    if language == "ja":
        _join_lines(tokens)
    _lower_headings(tokens, below)
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
    """The same Markdown with its headings at the levels that `render_markdown` gives them."""
    tokens = _parser.parse(text)
    _lower_headings(tokens, below)
    lines = text.split("\n")
    for heading, inline in zip(reversed(tokens), [None, *reversed(tokens)], strict=False):
        # One within a quotation or a list keeps its level: its lines begin with other marks.
        if heading.type == "heading_open" and heading.level == 0:
            first, end = heading.map
            words = " ".join(inline.content.split())
            lines[first:end] = [f"{'#' * int(heading.tag[1])} {words}"]
    return "\n".join(lines)


def as_words(text: str) -> str:
    """Markdown, on one line, that shows a plain text as it is."""
    line = re.sub(r"""([\\`*_\[\]<>&~|!])""", r"\\\1", " ".join(text.split()))
    return re.sub(r"^([0-9]{0,9})([#+=.)-])", r"\1\\\2", line)


def _complete_links(tokens: list[Token], base: str) -> None:
    for token in chain.from_iterable(inline.children or [] for inline in tokens):
        if token.type == "link_open":
            # What is no address stays what it is.
            with suppress(ValueError):
                token.attrs["href"] = urljoin(base, str(token.attrs["href"]))


def _lower_headings(tokens: list[Token], below: int) -> None:
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - highest + below + 1, 6)}"


def _join_lines(tokens: list[Token]) -> None:
    """Drop the line breaks at which a space would be wrong.

    The plugin drops them between two CJK characters; in Japanese, one before or after is enough:
    「した。」 and 「16日」 on the next line stand together.
    """
    for inline in tokens:
        children = inline.children or []
        for before, token, after in zip(children, children[1:], children[2:], strict=False):
            if token.type == "softbreak" and (
                is_cjk(before.content[-1:]) or is_cjk(after.content[:1])
            ):
                token.type, token.content = "text", ""
