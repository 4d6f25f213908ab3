"""Enumerations in one line, with the comma of the active language."""

from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext


def enumerated(words: Iterable[object]) -> str:
    """Join texts to one line: `a, b`."""
    return _comma().join(map(str, words))


def enumerated_links(links: Iterable[tuple[str, object]]) -> SafeString:
    """Join links, each given as address and text, to one line."""
    return format_html_join(_comma(), '<a href="{}">{}</a>', links)


def _comma() -> str:
    return pgettext("between items of a list", ", ")
