"""Cutting a passage of a text around the found terms, and marking these."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import east_asian_width

from trends.search.terms import Phrase, Term, Token, placed_words_of

# Lengths in columns, where a full-width character counts as two.
_BEFORE = 60
_LENGTH = 220

_SENTENCE = re.compile(r"\n+|[。？！]|[.?!] +")
_CLAUSE = re.compile(r"、|[,;:—] *(?<= )")
_WORD = re.compile(r" +")
# Line breaks after full-width marks, which are removed since browsers show them as spaces.
_LINE_AFTER_MARK = re.compile(r"(?<=[。、！？」』）：])\n+")

# Cached, since the best texts of a collection are shown for many queries.
_placed_words = lru_cache(maxsize=256)(placed_words_of)


@dataclass(frozen=True)
class TextPart:
    """A part of a text. `is_found` means that a term matched it."""

    text: str
    is_found: bool = False


def marked(text: str, terms: Sequence[Term]) -> list[TextPart]:
    """Return the whole text in parts, those that terms matched and the others."""
    return list(_parts(text, found_places(text, terms), 0, len(text)))


def passage(text: str, terms: Sequence[Term]) -> list[TextPart]:
    """Return the text around the first match, or the beginning of the text, in parts."""
    places = found_places(text, terms)
    start = _start(text, places[0][0]) if places else 0
    end = _end(text, start, places[0][1] if places else 0)
    # A passage does not end within a match.
    end = next((found for found, until in places[1:] if found < end < until), end)
    parts = list(_parts(text, places, start, end))
    if start:
        parts.insert(0, TextPart("…" if _columns(text[start]) == 2 else "… "))
    if end < len(text):
        parts.append(TextPart("…" if _columns(text[end - 1]) == 2 else " …"))
    return parts


def found_places(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Return the (start, end) of all matches, in order. Adjacent matches are joined."""
    tokens = _placed_words(text)
    places: list[tuple[int, int]] = []
    for start, end in sorted(_matches(tokens, terms)):
        while text[end : end + 1] == "ー":  # the index has no final long marks
            end += 1
        if places and start <= places[-1][1]:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    return places


def _matches(tokens: list[Token], terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    words = [token.word for token in tokens]
    for phrase in (phrase for term in terms for phrase in term.phrases):
        *first, last = phrase.words
        is_found = str.startswith if phrase.is_beginning else str.__eq__
        for end in range(len(first), len(words)):
            start = end - len(first)
            if is_found(words[end], last) and words[start:end] == first:
                yield tokens[start].start, _end_of(phrase, tokens[end])


def _end_of(phrase: Phrase, token: Token) -> int:
    # A term of one character matches a pair of characters in the index.
    is_half = len(phrase.words[-1]) == 1 and len(token.word) == 2 and not token.word.isascii()
    return token.start + 1 if is_half else token.end


def _parts(text: str, places: list[tuple[int, int]], start: int, end: int) -> Iterator[TextPart]:
    at = start
    for found, until in places:
        if found >= end:
            break
        if until <= start:
            continue
        if found > at:
            yield TextPart(_LINE_AFTER_MARK.sub("", text[at:found]))
        yield TextPart(text[max(found, start) : min(until, end)], is_found=True)
        at = min(until, end)
    if at < end:
        yield TextPart(_LINE_AFTER_MARK.sub("", text[at:end]))


def _start(text: str, found: int) -> int:
    """Return the start of a passage, some words before the match."""
    start, columns = found, 0
    while start and columns < _BEFORE:
        start -= 1
        columns += _columns(text[start])
    if not start:
        return 0
    # Preferably at the beginning of a sentence, else of a clause, else of a word.
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
