"""Split texts and queries into the words of the search index.

Letters lose case, width and accents. Japanese, written without spaces, is cut into pairs of
characters (応用化 is 応用, 用化, 化), so that a phrase of pairs matches any part of a text. English
words are reduced to their stems. Texts that are indexed already keep their old words: a change
of these rules needs a migration like `0006_search_stems`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import is_normalized, normalize

from snowballstemmer import stemmer

from trendsite.shared.text.japanese import KANJI

# Longer words are cut: both databases limit the length of an indexed word.
_LONGEST_WORD = 64
_MOST_TERMS = 8
_MOST_TOKENS_A_TERM = 40
_SHORTEST_PREFIX = 4

_KATAKANA = r"\u30a1-\u30fa"
# Kanji and kana, with the marks that repeat or lengthen them.
_UNSPACED = rf"{KANJI}\u3041-\u3096\u309d-\u309f{_KATAKANA}\u30fc-\u30ff"
_RUN = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_CLUSTER = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", re.DOTALL)
_ACCENTS = re.compile(r"[\u0300-\u036f]+")
# Characters typed for the long mark; and the final long mark, which is optional: サーバ, サーバー.
_LIKE_LONG_MARKS = re.compile(rf"(?<=[{_KATAKANA}])[\u2010-\u2013\u2212\u2500]")
_LAST_LONG_MARKS = re.compile(rf"(?<=[{_KATAKANA}ー][{_KATAKANA}])ー+(?![{_KATAKANA}ー])")
_SPELLED = re.compile(rf"[{_KATAKANA}ー]{{4,}}|[^\W_{_UNSPACED}]{{4,}}")
_WITH_KANJI = re.compile(rf"(?=.*[{KANJI}])[{_UNSPACED}]{{2,8}}")
_ASKED = re.compile(r'["“”＂]([^"“”＂]*)["“”＂]|(\S+)')


@dataclass(frozen=True)
class Token:
    """A word of the index and its position in the text, `text[start:end]`."""

    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Term:
    """Consecutive words that a text must contain; the last may be the beginning of a word.

    `text` is the part of the query that the term was read from.
    """

    words: tuple[str, ...]
    is_beginning: bool
    text: str


@dataclass(frozen=True)
class PlacedTerm:
    """A term and its position in the query, `query[start:end]`, without quotation marks."""

    term: Term
    start: int
    end: int


def words_of(text: str) -> list[str]:
    """Return the index words of a text, in order."""
    words: list[str] = []
    for run in _RUN.findall(_LAST_LONG_MARKS.sub("", folded(text))):
        words += _words_of_run(run)
    return words


def placed_words_of(text: str) -> list[Token]:
    """Return the same words as `words_of`, each with its position in the original text."""
    joined, places = _placed(text)
    for mark in reversed(list(_LAST_LONG_MARKS.finditer(joined))):
        joined = joined[: mark.start()] + joined[mark.end() :]
        del places[mark.start() : mark.end()]
    return [
        Token(token.word, places[token.start][0], places[token.end - 1][1])
        for token in _tokens(joined)
    ]


def terms_of(query: str) -> list[Term]:
    """Return the distinct terms of a query, at most eight: words, and "phrases in quotes".

    Parts without a letter or digit are no terms.
    """
    return list(dict.fromkeys(placed.term for placed in placed_terms_of(query)))[:_MOST_TERMS]


def placed_terms_of(query: str) -> Iterator[PlacedTerm]:
    """Yield every term of a query, repeated ones too, with its position.

    A term that repeats an earlier one in other letters is yielded as the earlier one.
    """
    first: dict[tuple[tuple[str, ...], bool], Term] = {}
    for match in _ASKED.finditer(query):
        group = 2 if match[1] is None else 1
        if term := _term(match[group], is_quoted=group == 1):
            known = first.setdefault((term.words, term.is_beginning), term)
            yield PlacedTerm(known, *match.span(group))


def spelled_words_of(text: str) -> set[str]:
    """Return the words of a text that can be suggested: unstemmed, four letters or more."""
    return {
        match[0]
        for match in _SPELLED.finditer(folded(text))
        if len(match[0]) <= _LONGEST_WORD and not any(map(str.isdigit, match[0]))
    }


def is_spelled(text: str) -> bool:
    """Tell whether a text is a single word for which similar ones can be suggested."""
    return spelled_words_of(text) == {folded(text)}


def is_kanji_word(text: str) -> bool:
    """Tell whether a text is two to eight kanji and kana, at least one of them a kanji."""
    return bool(_WITH_KANJI.fullmatch(folded(text)))


def folded(text: str) -> str:
    """Return a text without differences of case, width and accents."""
    if text.isascii():
        return text.lower()
    without_accents = _ACCENTS.sub("", normalize("NFKD", text))
    lower = normalize("NFKC", without_accents).casefold()
    return _LIKE_LONG_MARKS.sub("ー", lower)


def _placed(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a folded text, and for each of its characters the span it was folded from."""
    whole = folded(text)
    # In a normalized text without loose accents folding only lengthens, so that an equal length
    # means one character for each. It saves most texts the slow way.
    if len(whole) == len(text) and is_normalized("NFKC", text) and not _ACCENTS.search(text):
        return whole, [(place, place + 1) for place in range(len(text))]
    characters, places = [], []
    for cluster in _CLUSTER.finditer(text):
        for character in folded(cluster[0]):
            characters.append(character)
            places.append(cluster.span())
    return _LIKE_LONG_MARKS.sub("ー", "".join(characters)), places


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
    """Return the pairs of characters of a Japanese run, or the stem of a word, as a tuple."""
    if _IS_UNSPACED.match(run):
        return tuple(run[n : n + 2] for n in range(len(run)))
    return (_stem(run[:_LONGEST_WORD]),)


def _term(text: str, *, is_quoted: bool) -> Term | None:
    tokens = list(_tokens(_LAST_LONG_MARKS.sub("", folded(text))))[:_MOST_TOKENS_A_TERM]
    if not tokens:
        return None
    last = tokens[-1]
    is_single = len(last.word) == 1 and bool(_IS_UNSPACED.match(last.word))
    if is_single and len(tokens) > 1 and tokens[-2].end == last.end:
        # The last character is already part of the pair before it.
        tokens.pop()
        is_single = False
    is_beginning = is_single or (
        not is_quoted
        and len(last.word) >= _SHORTEST_PREFIX
        and not _IS_UNSPACED.match(last.word)
        and not any(map(str.isdigit, last.word))
    )
    return Term(tuple(token.word for token in tokens), is_beginning, text)


def _stem(word: str) -> str:
    """Return the stem of an English word; other words are returned unchanged."""
    # A stemmer keeps the word it works on, so threads cannot share one. Making one is free.
    return stemmer("english").stemWord(word) if word.isascii() and word.isalpha() else word
