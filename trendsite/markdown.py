"""Markdown as editors write it, HTML as readers get it."""

from functools import lru_cache

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
def render_markdown(text: str, language: str, *, below: int = 2) -> SafeString:
    """HTML of a Markdown text: no raw HTML, no image, no address but http, https and mailto.

    Its headings stand below a heading of level `below`, whatever level the editor begins with.
    """
    tokens = _parser.parse(text)
    if language == "ja":
        _join_lines(tokens)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - highest + below + 1, 6)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return mark_safe(clean)  # the sanitiser wrote it


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
