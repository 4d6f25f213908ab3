"""The piece of a text that a search found, with what was found marked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from trends.search.terms import Term, Token, placed_words_of

# In columns: a full-width character takes two.
_BEFORE = 60
_LENGTH = 220

_SENTENCE = re.compile(r"\n+|[。？！]|[.?!] +")
_CLAUSE = re.compile(r"、|[,;:—] *(?<= )")
_WORD = re.compile(r" +")
# A browser shows the end of a line as a blank, which such a mark carries already.
_LINE_AFTER_MARK = re.compile(r"(?<=[。、！？」』）：])\n+")


@dataclass(frozen=True)
class Part:
    """A piece of text, found or not."""

    text: str
    is_found: bool = False


def marked(text: str, terms: Sequence[Term]) -> list[Part]:
    """The whole text, in parts."""
    return list(_parts(text, found_places(text, terms), 0, len(text)))


def passage(text: str, terms: Sequence[Term]) -> list[Part]:
    """What stands around the first place that was found, in parts; else the beginning."""
    places = found_places(text, terms)
    start = _start(text, places[0][0]) if places else 0
    end = _end(text, start, places[0][1] if places else 0)
    # What is found is shown whole or not at all.
    end = next((found for found, until in places[1:] if found < end < until), end)
    parts = list(_parts(text, places, start, end))
    if start:
        parts.insert(0, Part("… "))
    if end < len(text):
        parts.append(Part(" …"))
    return parts


def found_places(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where the terms stand in a text: starts and ends, in order and apart."""
    tokens = placed_words_of(text)
    places: list[tuple[int, int]] = []
    for start, end in sorted(
        (tokens[n].start, _end_of(term, tokens[n + len(term.words) - 1]))
        for term in terms
        for n in range(len(tokens) - len(term.words) + 1)
        if _stands_at(term, tokens, n)
    ):
        while text[end : end + 1] == "ー":  # which the index drops at the end of a word
            end += 1
        if places and start <= places[-1][1]:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    return places


def _stands_at(term: Term, tokens: list[Token], place: int) -> bool:
    *first, last = term.words
    found = [token.word for token in tokens[place : place + len(term.words)]]
    if found[:-1] != first:
        return False
    return found[-1].startswith(last) if term.is_beginning else found[-1] == last


def _end_of(term: Term, token: Token) -> int:
    # Of a pair of characters the first alone was asked for.
    is_half = len(term.words[-1]) == 1 and len(token.word) == 2 and not token.word.isascii()
    return token.start + 1 if is_half else token.end


def _parts(text: str, places: list[tuple[int, int]], start: int, end: int) -> Iterator[Part]:
    at = start
    for found, until in places:
        if found >= end:
            break
        if until <= start:
            continue
        if found > at:
            yield Part(_LINE_AFTER_MARK.sub("", text[at:found]))
        yield Part(text[max(found, start) : min(until, end)], is_found=True)
        at = min(until, end)
    if at < end:
        yield Part(_LINE_AFTER_MARK.sub("", text[at:end]))


def _start(text: str, found: int) -> int:
    """Where to begin so that a few words stand before what was found."""
    start, columns = found, 0
    while start and columns < _BEFORE:
        start -= 1
        columns += _columns(text[start])
    if not start:
        return 0
    # At the beginning of a sentence, of a clause, or of a word, whichever there is.
    for pattern in (_SENTENCE, _CLAUSE, _WORD):
        if beginning := pattern.search(text, start, found):
            return beginning.end()
    return start


def _end(text: str, start: int, at_least: int) -> int:
    end, columns = start, 0
    while end < len(text) and (columns < _LENGTH or end < at_least):
        columns += _columns(text[end])
        end += 1
    if end < len(text) and (blank := text.rfind(" ", max(start, at_least, end - 20), end)) > start:
        return blank
    return end


def _columns(character: str) -> int:
    return 2 if east_asian_width(character) in "WF" else 1
