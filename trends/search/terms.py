"""Splitting texts and queries into the words of the search index.

- Japanese, which has no spaces, is cut into pairs of characters (応用化 is 応用, 用化, 化), so that
  a phrase of pairs matches any part of a text. Its hiragana are indexed as katakana.
- English words are reduced to their stems.
- Letters and digits are separate words, so that GPT4 is the same as GPT-4.
- A word with marks inside, such as open-source, is indexed in parts and joined. A query has
  alternatives for the reverse: opensource also finds “open source”.

Documents keep the words with which they were indexed: a change of these rules needs a migration
like `0008_normal_texts`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from operator import add

from trends.search.folding import KATAKANA, UNSPACED, folded, index_form, joined, placed
from trendsite.shared.text.japanese import KANJI

# Longer words are cut, since both databases limit the length of an indexed word.
_LONGEST_WORD = 64
_MOST_TERMS = 8
_MOST_TOKENS_A_TERM = 40
_SHORTEST_PREFIX = 4
# The most parts of a word with marks inside, such as state-of-the-art, that are joined.
_MOST_PARTS = 6
_MOST_JOINED_FREELY = 4
# A query for a long word also searches for two words of at least three letters each.
_SHORTEST_HALF = 3
_SHORTEST_WHOLE = 7
_LONGEST_WHOLE = 24

_RUN = re.compile(rf"[{UNSPACED}]+|\d+|[^\W\d_{UNSPACED}]+")
_IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
_JOINING = "-‐‑‒–−'’&/._+"
_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_WITH_LONG_MARK = re.compile("[\u3041-\u3096]+ー[\u3041-\u3096ー]*")
_SPELLED = re.compile(rf"[{KATAKANA}ー]{{4,}}|[^\W\d_{UNSPACED}]{{4,}}")
_WITH_KANJI = re.compile(rf"(?=.*[{KANJI}])[{UNSPACED}]{{2,8}}")
_ASKED = re.compile(r'["“”＂]([^"“”＂]*)["“”＂]|(\S+)')


@dataclass(frozen=True)
class Token:
    """A word of the index and its position in the text, `text[start:end]`."""

    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Phrase:
    """Consecutive words of a text; the last may be the beginning of a word."""

    words: tuple[str, ...]
    is_beginning: bool


@dataclass(frozen=True)
class Term:
    """A part of a query, and the phrases of which a text must contain one.

    The first phrase is the one that was typed, the others are spelled differently.
    """

    text: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class PlacedTerm:
    """A term and its position in the query, `query[start:end]`, without quotation marks."""

    term: Term
    start: int
    end: int


def words_of(text: str) -> list[str]:
    """Return the index words of a text in order, then the joined forms of words with marks."""
    form = index_form(text)
    words: list[str] = []
    for run in _RUN.findall(form):
        words += _words_of_run(run)
    return words + [_stem(word) for word, _start, _end in _joined_words(form)]


def placed_words_of(text: str) -> list[Token]:
    """Return the words of `words_of()` with their positions in the text."""
    form, places = placed(text)
    tokens = [
        *_tokens(form),
        *(Token(_stem(word), start, end) for word, start, end in _joined_words(form)),
    ]
    return [Token(token.word, places[token.start][0], places[token.end - 1][1]) for token in tokens]


def terms_of(query: str) -> list[Term]:
    """Return the distinct terms of a query, at most eight: words, and "phrases in quotes".

    Parts without a letter or digit are left out.
    """
    return list(dict.fromkeys(placed.term for placed in placed_terms_of(query)))[:_MOST_TERMS]


def placed_terms_of(query: str) -> Iterator[PlacedTerm]:
    """Yield all terms of a query with their positions, also repeated ones.

    A term that repeats an earlier one in another spelling is yielded as the earlier one.
    """
    found: list[PlacedTerm] = []
    for match in _ASKED.finditer(query):
        group = 2 if match[1] is None else 1
        if term := _term(match[group], is_quoted=group == 1):
            found.append(PlacedTerm(term, *match.span(group)))
    first: dict[Phrase, Term] = {}
    for each in _with_neighbours(query, found):
        known = first.setdefault(each.term.phrases[0], each.term)
        yield replace(each, term=known)


def spelled_words_of(text: str) -> set[str]:
    """Return the words of a text that can be suggested: unstemmed, four letters or more."""
    return {word for word in _SPELLED.findall(joined(text)) if len(word) <= _LONGEST_WORD}


def is_spelled(text: str) -> bool:
    """Return whether a text is a single word for which similar ones can be suggested."""
    return spelled_words_of(text) == {folded(text)}


def is_kanji_word(text: str) -> bool:
    """Return whether a text is two to eight kanji and kana, at least one of them a kanji."""
    return bool(_WITH_KANJI.fullmatch(folded(text)))


def _tokens(text: str) -> Iterator[Token]:
    for match in _RUN.finditer(text):
        run, start = match[0], match.start()
        words = _words_of_run(run)
        if _IS_UNSPACED.match(run):
            for n, word in enumerate(words):
                yield Token(word, start + n, start + n + len(word))
        else:
            yield Token(words[0], start, match.end())


@lru_cache(maxsize=20_000)
def _words_of_run(run: str) -> tuple[str, ...]:
    """Return the pairs of characters of Japanese text, or the stem of a word."""
    if _IS_UNSPACED.match(run):
        kana = run.translate(_TO_KATAKANA)
        return (*map(add, kana, kana[1:]), kana[-1])
    return (_stem(run),)


def _chains(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield the words with marks inside as lists of their parts: open, source."""
    chain: list[re.Match[str]] = []
    for run in _RUN.finditer(text):
        if not (run[0][0].isdecimal() or _IS_UNSPACED.match(run[0])):
            if chain and not (
                run.start() == chain[-1].end() + 1 and text[chain[-1].end()] in _JOINING
            ):
                yield chain
                chain = []
            chain.append(run)
    if chain:
        yield chain


def _joined_words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the joined parts of words with marks inside, with their positions: opensource."""
    if not any(mark in text for mark in _JOINING):
        return
    for chain in _chains(text):
        parts = chain[:_MOST_PARTS]
        for first in range(len(parts)):
            for last in range(first + 1, len(parts)):
                word = "".join(part[0] for part in parts[first : last + 1])
                yield word, parts[first].start(), parts[last].end()


def _term(text: str, *, is_quoted: bool) -> Term | None:
    # Hiragana with a long mark are folded as katakana: さーばー is サーバー, whose last mark is
    # optional.
    form = index_form(_WITH_LONG_MARK.sub(lambda kana: kana[0].translate(_TO_KATAKANA), text))
    tokens = list(_tokens(form))[:_MOST_TOKENS_A_TERM]
    if not tokens:
        return None
    last = tokens[-1]
    is_single = len(last.word) == 1 and bool(_IS_UNSPACED.match(last.word))
    if is_single and len(tokens) > 1 and tokens[-2].end == last.end:
        # The last character is already in the pair before it.
        tokens.pop()
        is_single = False
    is_beginning = is_single or (not is_quoted and _may_begin(last.word))
    phrases = [Phrase(tuple(token.word for token in tokens), is_beginning)]
    phrases += _joined_phrases(form, tokens, is_quoted=is_quoted)
    if len(tokens) == 1 and not is_quoted:
        phrases += _halves(form[last.start : last.end])
    return Term(text, tuple(phrases))


def _may_begin(word: str) -> bool:
    """Return whether a word of a query may be the beginning of a word in a text."""
    return (
        len(word) >= _SHORTEST_PREFIX
        and not _IS_UNSPACED.match(word)
        and not any(map(str.isdigit, word))
    )


def _joined_phrases(form: str, tokens: Sequence[Token], *, is_quoted: bool) -> Iterator[Phrase]:
    """Yield the phrases of a term whose parts are joined: opensource for open-source."""
    for chain in _chains(form):
        at = {token.start: place for place, token in enumerate(tokens)}
        if len(chain) == 1 or not all(part.start() in at for part in chain):
            continue
        first, last = at[chain[0].start()], at[chain[-1].start()]
        for parts in _ways_to_join([part[0] for part in chain]):
            words = [token.word for token in tokens]
            words[first : last + 1] = map(_stem, parts)
            is_beginning = not is_quoted and last == len(tokens) - 1 and _may_begin(words[-1])
            yield Phrase(tuple(words), is_beginning)


def _ways_to_join(parts: list[str]) -> Iterator[list[str]]:
    if len(parts) > _MOST_JOINED_FREELY:
        if len(parts) <= _MOST_PARTS:
            yield ["".join(parts)]
        return
    for joints in range(1, 2 ** (len(parts) - 1)):
        way = [parts[0]]
        for place, part in enumerate(parts[1:]):
            if joints >> place & 1:
                way[-1] += part
            else:
                way.append(part)
        yield way


def _halves(word: str) -> Iterator[Phrase]:
    """Yield phrases of two words for other spellings of a long word: open source."""
    if not (word.isalpha() and _SHORTEST_WHOLE <= len(word) <= _LONGEST_WHOLE):
        return
    if _IS_UNSPACED.match(word):
        return
    for place in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1):
        end = _stem(word[place:])
        yield Phrase((_stem(word[:place]), end), _may_begin(end))


def _with_neighbours(query: str, placed_terms: list[PlacedTerm]) -> list[PlacedTerm]:
    """Add alternatives for two adjacent words written as one: opensource for open source."""
    terms = [each.term for each in placed_terms]
    for n, (one, other) in enumerate(pairwise(placed_terms)):
        pair = [folded(each.term.text) for each in (one, other)]
        is_row = query[one.end : other.start].isspace()
        if is_row and all(word.isalpha() and not _IS_UNSPACED.match(word) for word in pair):
            word = _stem("".join(pair))
            phrase = Phrase((word,), _may_begin(word))
            for place in (n, n + 1):
                terms[place] = replace(terms[place], phrases=(*terms[place].phrases, phrase))
    return [replace(each, term=term) for each, term in zip(placed_terms, terms, strict=True)]


@lru_cache(maxsize=5_000)
def _stem(word: str) -> str:
    """Return the stem of an English word. Other words are only cut to the maximum length."""
    word = word[:_LONGEST_WORD]
    if not (word.isascii() and word.isalpha()):
        return word
    from snowballstemmer import stemmer  # here, since it takes 3 MB

    # A stemmer is not thread-safe. Making one takes no time.
    stemmed: str = stemmer("english").stemWord(word)
    return stemmed
