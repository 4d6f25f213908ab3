"""Rendering editors' Markdown as safe HTML."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain, count
from typing import Any
from urllib.parse import urljoin

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, image
from markdown_it.token import Token
from mdit_py_cjk_friendly import cjk_friendly, is_cjk

from trendsite.shared.text.bare_addresses import address_at
from trendsite.shared.text.marks import (
    SourceMark,
    marks_in_words,
    place,
    put_marks,
    replace_marks,
    without_places,
)
from trendsite.shared.text.normal_form import control_character, without_meaningless

_TAGS = {
    "p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "ruby", "rt", "rp",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}

_SCHEME = re.compile(r"(?<![A-Za-z0-9+.-])https?\Z", re.IGNORECASE)
_BLOCKS = {
    "heading_open", "list_item_open", "blockquote_open", "table_open", "tr_open", "fence",
    "code_block", "hr",
}  # fmt: skip

# A mark with its number, which `_parse()` writes instead of its key.
_NUMBERED_MARK = re.compile(r"\[\^([0-9]+)\]")
# ｜漢字《かんじ》, the notation of Aozora Bunko for readings of kanji (ruby).
_READING = re.compile(r"｜([^｜《》\n]{1,60})《([^｜《》\n]{1,60})》")


def _read_mark(state: StateInline, silent: bool) -> bool:
    """Parse a mark. A rule of markdown-it."""
    # `silent` looks for the end of a link's text, in which a mark must not count as a link.
    found = None if silent else _NUMBERED_MARK.match(state.src, state.pos)
    if found is None:
        return False
    state.push("mark", "", 0).meta["number"] = int(found[1])
    state.pos = found.end()
    return True


# The most lines of a link reference definition: label, address, title.
_DEFINITION_LINES = 3


def _read_reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a link reference definition, except `[^key]: …`. A rule of markdown-it.

    It reads the next `_DEFINITION_LINES` only. The rule of markdown-it reads the rest of the
    paragraph for each definition, so that 20 kB of them take a minute.
    """
    begin = state.bMarks[start] + state.tShift[start]
    if state.src.startswith("[^", begin):
        return False
    last = state.lineMax
    state.lineMax = min(last, start + _DEFINITION_LINES)
    try:
        return reference(state, start, end, silent)
    finally:
        state.lineMax = last


def _read_picture(state: StateInline, silent: bool) -> bool:
    """Parse a picture as plain text. A rule of markdown-it."""
    start = state.pos
    if not image(state, silent):
        return False
    if not silent:
        state.tokens.pop()
        state.push("picture", "", 0).content = state.src[start : state.pos]
    return True


def _read_address(state: StateInline, silent: bool) -> bool:
    """Parse a bare address as a link. A rule of markdown-it, whose own does not stop at kana."""
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    # Only at the end: else a text of many addresses without a host takes quadratic time.
    scheme = _SCHEME.search(state.pending, max(0, len(state.pending) - len("https")))
    address = scheme and address_at(state.src, state.pos - len(scheme[0]), state.posMax)
    if not scheme or not address or not state.md.validateLink(state.md.normalizeLink(address)):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    state.push("link_open", "a", 1).attrs["href"] = state.md.normalizeLink(address)
    state.push("text", "", 0).content = state.md.normalizeLinkText(address)
    state.push("link_close", "a", -1)
    state.pos += len(address) - len(scheme[0])
    return True


def _read_readings(state: StateCore) -> None:
    """Parse readings of kanji in text, but not in code. A rule of markdown-it."""
    for inline in state.tokens:
        if inline.children and "《" in inline.content:
            inline.children = [part for token in inline.children for part in _with_readings(token)]


def _with_readings(token: Token) -> list[Token]:
    if token.type != "text":
        return [token]
    parts, at = [], 0
    for found in _READING.finditer(token.content):
        before = Token("text", "", 0, content=token.content[at : found.start()])
        parts += [before, Token("ruby", "", 0, content=found[1], info=found[2])]
        at = found.end()
    token.content = token.content[at:]
    return [*parts, token]


def _write_picture(renderer: Any, tokens: Sequence[Token], at: int, *args: Any) -> str:
    return escapeHtml(tokens[at].content)


def _write_reading(renderer: Any, tokens: Sequence[Token], at: int, *args: Any) -> str:
    base, reading = escapeHtml(tokens[at].content), escapeHtml(tokens[at].info)
    return f"<ruby>{base}<rp>（</rp><rt>{reading}</rt><rp>）</rp></ruby>"


def without_readings(text: str) -> str:
    """Return a Markdown text without the readings of its kanji."""
    return _READING.sub(r"\1", text)


def with_readings_behind(text: str) -> str:
    """Return a Markdown text with readings of kanji in the usual notation: 漢字（かんじ）."""
    return _READING.sub(r"\1（\2）", text)


def _write_mark(renderer: Any, tokens: Sequence[Token], at: int, *args: Any) -> str:
    return place(tokens[at].meta["number"])


class _Parser(MarkdownIt):
    def normalizeLinkText(self, link: str) -> str:  # noqa: N802  # the name is markdown-it's
        """Return an address as it is shown: decoded, unless that gives unprintable characters."""
        shown = super().normalizeLinkText(link)
        return link if control_character(shown) or without_meaningless(shown) != shown else shown


_parser = _Parser("commonmark", {"html": False}).enable("table").use(cjk_friendly)
_parser.inline.ruler.at("image", _read_picture)
_parser.inline.ruler.before("link", "mark", _read_mark)
_parser.inline.ruler.before("escape", "address", _read_address)
_parser.block.ruler.at("reference", _read_reference)
_parser.core.ruler.push("readings", _read_readings)
_parser.add_render_rule("mark", _write_mark)
_parser.add_render_rule("picture", _write_picture)
_parser.add_render_rule("ruby", _write_reading)


def render_markdown(
    text: str,
    language: str,
    *,
    below: int = 2,
    base: str = "",
    marks: Sequence[str] | None = None,
) -> SafeString:
    """Render a Markdown text as HTML.

    Raw HTML, images and links other than http, https and mailto are not rendered. Bare addresses
    become links, and ｜漢字《かんじ》 a ruby element.

    Args:
        language: the language of the text; in Japanese, line breaks are not spaces.
        below: the level of the heading above the text. The highest heading of the text becomes
            one level lower, whatever level the editor used.
        base: the address of the page, if links have to be absolute.
        marks: the HTML for each mark of the text, in order; None to leave marks out.
    """
    return put_marks(_html(text, language, below, base), marks)


def split_markdown(
    text: str, language: str, *, blocks: int, below: int = 2, marks: Sequence[str] | None = None
) -> tuple[SafeString, SafeString]:
    """Render the first blocks of a Markdown text and the rest, both as `render_markdown()` does.

    A block is a paragraph, a list, a table and so on. The rest is empty if there are no more.
    """
    lead, rest = _halves(text, language, blocks, below)
    return put_marks(lead, marks), put_marks(rest, marks)


@lru_cache(maxsize=4096)
def marks_in_markdown(text: str) -> tuple[SourceMark, ...]:
    """Return the marks of a Markdown text, in order, without those in code or after `\\`."""
    marks = marks_in_words(text)
    if not marks:
        return ()
    # Tokens do not have their place in the text, so marks are parsed with numbers instead of keys.
    inline = chain.from_iterable(token.children or [] for token in _parse(text, marks))
    read = {token.meta["number"] for token in inline if token.type == "mark"}
    return tuple(mark for number, mark in enumerate(marks) if number in read)


def pictures_in_markdown(text: str) -> list[str]:
    """Return the pictures of a Markdown text as they are typed, which is how pages show them."""
    if "![" not in text:
        return []
    inline = chain.from_iterable(token.children or [] for token in _parser.parse(text))
    return [token.content for token in inline if token.type == "picture"]


def links_in_markdown(text: str) -> list[str]:
    """Return the addresses of other sites to which a Markdown text links, bare ones too."""
    if "://" not in text:
        return []
    inline = chain.from_iterable(token.children or [] for token in _parser.parse(text))
    links = (str(token.attrs["href"]) for token in inline if token.type == "link_open")
    return [link for link in links if link.startswith(("http://", "https://"))]


@lru_cache(maxsize=2048)
def _html(text: str, language: str, below: int, base: str) -> str:
    tokens = _prepared(text, language, below)
    if base:
        _complete_links(tokens, base)
    return _render(tokens)


@lru_cache(maxsize=2048)
def _halves(text: str, language: str, blocks: int, below: int) -> tuple[str, str]:
    tokens = _prepared(text, language, below)
    ends = [end for end, token in enumerate(tokens, 1) if token.level == 0 >= token.nesting]
    end = ends[blocks - 1] if blocks <= len(ends) else len(tokens)
    return _render(tokens[:end]), _render(tokens[end:])


def _parse(text: str, marks: Sequence[SourceMark]) -> list[Token]:
    """Parse a Markdown text in which the keys of marks are replaced by numbers."""
    number = count()
    return _parser.parse(
        without_places(replace_marks(text, marks, lambda mark: f"[^{next(number)}]"))
    )


def _prepared(text: str, language: str, below: int) -> list[Token]:
    tokens = _parse(text, marks_in_markdown(text))
    _settle_marks(tokens)
    if language == "ja":
        _join_lines(tokens)
    _lower_headings(tokens, below)
    return tokens


def _settle_marks(tokens: list[Token]) -> None:
    """Move marks to the end of the line before, and after a link that contains them, in place."""
    for inline in tokens:
        settled: list[Token] = []
        of_link: list[Token] | None = None
        for token in inline.children or []:
            if token.type == "mark" and settled and settled[-1].type == "softbreak":
                settled.pop()
            if token.type == "mark" and of_link is not None:
                of_link.append(token)
                continue
            settled.append(token)
            if token.type == "link_open":
                of_link = []
            elif token.type == "link_close":
                settled += of_link or []
                of_link = None
        if inline.children:
            inline.children = settled


def _render(tokens: list[Token]) -> str:
    # Stored texts have no invisible characters, but may have their codes, such as `&#8238;`.
    html = without_meaningless(_parser.renderer.render(tokens, _parser.options, {}))
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def nest_headings(text: str, *, below: int = 2) -> str:
    """Return Markdown with its headings moved to the levels that `render_markdown()` uses."""
    tokens = _parser.parse(text)
    _lower_headings(tokens, below)
    lines = text.split("\n")
    for heading, inline in zip(reversed(tokens), [None, *reversed(tokens)], strict=False):
        # Headings in quotations and lists keep their level: their lines do not begin with “#”.
        if heading.type == "heading_open" and heading.level == 0 and heading.map and inline:
            first, end = heading.map
            words = " ".join(inline.content.split())
            lines[first:end] = [f"{'#' * int(heading.tag[1])} {words}"]
    return "\n".join(lines)


def as_words(text: str) -> str:
    """Escape a plain text as one line of Markdown."""
    line = re.sub(r"""([\\`*_\[\]<>&~|!])""", r"\\\1", " ".join(text.split()))
    return re.sub(r"^([0-9]{0,9})([#+=.)-])", r"\1\\\2", line)


def _complete_links(tokens: list[Token], base: str) -> None:
    """Make links absolute, in place."""
    for token in chain.from_iterable(inline.children or [] for inline in tokens):
        if token.type == "link_open":
            # Invalid addresses stay as they are.
            with suppress(ValueError):
                token.attrs["href"] = urljoin(base, str(token.attrs["href"]))


def _lower_headings(tokens: list[Token], below: int) -> None:
    """Move headings to the levels below `below`, at most to level 6, in place."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - highest + below + 1, 6)}"


def _join_lines(tokens: list[Token]) -> None:
    """Remove line breaks before or after a CJK character, in place.

    The plugin removes those between two CJK characters. In Japanese one such character is enough:
    there is no space between 「した。」 and 「16日」 on the next line.
    """
    for inline in tokens:
        children = [token for token in inline.children or [] if token.type != "mark"]
        for before, token, after in zip(children, children[1:], children[2:], strict=False):
            if token.type == "softbreak" and (
                is_cjk(before.content[-1:]) or is_cjk(after.content[:1])
            ):
                token.type, token.content = "text", ""


def structure_of(text: str) -> Counter[tuple[str, str]]:
    """Count the blocks of a Markdown text by kind, and its links by address.

    A translation has to keep these. Paragraphs and emphasis do not count, since another language
    may divide sentences differently.
    """
    found: Counter[tuple[str, str]] = Counter()
    for token in _parse(text, marks_in_markdown(text)):
        if token.type in _BLOCKS:
            found[token.type, token.tag if token.type == "heading_open" else ""] += 1
        for inline in token.children or []:
            if inline.type == "link_open":
                found["link_open", str(inline.attrs["href"])] += 1
            elif inline.type == "code_inline":
                found["code_inline", inline.content] += 1
    for mark in marks_in_markdown(text):
        found["mark", mark.key] += 1
    return found
