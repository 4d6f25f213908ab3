"""Finding the end of a bare address in a text: before punctuation, and before Japanese text."""

import re

from trendsite.shared.text.japanese import KANJI

# Scripts that are written without spaces, in which a text may follow an address directly.
_UNSPACED = (
    rf"\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u31ff\uac00-\ud7ff{KANJI}"
)
# Dashes, arrows and full-width marks, which are never part of an address.
_SIGNS = r"\u00a0-\u00bf\u2000-\u2bff\u3000-\u3004\u3008-\u303f\ufdd0\ufdd1\ufe00-\uffff"
_ASCII_SIGNS = r"\x00-\x2c./:-@\[-`{-\x7f"  # all but the hyphen

# A label of the host name, in ASCII or in another script with digits, but not in both: in
# 「https://example.jpはexample.comの」 the host is example.jp.
_NAME = (
    rf"(?:[A-Za-z0-9_-]+|[^\s{_ASCII_SIGNS}{_SIGNS}{_UNSPACED}]+|[{_UNSPACED}][{_UNSPACED}0-9-]*)"
)
_LAST_NAME = (
    r"(?:xn--[A-Za-z0-9-]+|[A-Za-z]{2,63}(?![A-Za-z0-9_-])"
    rf"|[^\s\x00-\x7f{_SIGNS}]{{2,63}}(?=[/:?#.,)\s]|[{_SIGNS}]|\Z))"
)
_SITE = re.compile(
    r"[Hh][Tt][Tt][Pp][Ss]?://"
    # Atomic: a name fits two kinds, and trying both for each would double the time with each name.
    rf"(?:(?>{_NAME}\.)+{_LAST_NAME}|\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w.]))(?::\d{{1,5}})?"
)
_IN_PATH = re.compile(rf"[A-Za-z0-9/?#%.,:;~@!$&'()*+=_\[\]-]|[^\x00-\x7f\s{_SIGNS}{_UNSPACED}]")
_OPENING = {")": "(", "]": "["}
_BEHIND = ("[^", ",http", ";http")  # the mark of a source, another address
_NEVER_LAST = ".,:;?!'*_~"
_GOES_ON = re.compile(rf"[\\|]|(?<=[/=#_%-])(?![ぁ-ゖ])[{_UNSPACED}]")


def address_at(text: str, start: int, end: int) -> str:
    """Return the http address that begins at a place of a text, or an empty text.

    It does not include punctuation at its end, or a bracket that closes one before it. Returns an
    empty text if the address seems to continue in kanji or katakana, as in …/wiki/人工知能を, since
    its end is ambiguous; editors can write such an address in angle brackets.
    """
    site = _SITE.match(text, start, end)
    if site is None:
        return ""
    place = site.end()
    if text.startswith(("/", "?", "#"), place, end):
        place = _end_of_path(text, place, end)
    if place - site.end() > 1 and _GOES_ON.match(text, place, end):
        return ""
    return text[start:place].rstrip(_NEVER_LAST)


def _end_of_path(text: str, place: int, end: int) -> int:
    """Return the end of the path, with query and fragment, that begins at a place."""
    open_brackets: list[str] = []
    while place < end and _IN_PATH.match(text, place):
        character = text[place]
        if text.startswith(_BEHIND, place):
            break
        if character in _OPENING.values():
            open_brackets.append(character)
        elif character in _OPENING and open_brackets[-1:] != [_OPENING[character]]:
            break
        elif character in _OPENING:
            open_brackets.pop()
        place += 1
    return place
