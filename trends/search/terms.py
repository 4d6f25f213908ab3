"""Words as the index holds them: the same for what is written and for what is asked.

Letters lose case, width and accents. Scripts that write without spaces are cut into pairs of
characters (応用化 is 応用, 用化, 化), so that a phrase of pairs finds any piece of a text. English
words lose their endings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

# Longer ones are cut; neither database indexes a word of any length.
_LONGEST_WORD = 64
_MOST_TERMS = 8
_MOST_TOKENS_A_TERM = 40
_SHORTEST_PREFIX = 4

_KATAKANA = r"\u30a1-\u30fa"
KANJI = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Of a class of characters in a regular expression."""
# Kanji and kana, with the marks that repeat or lengthen them.
_UNSPACED = rf"{KANJI}\u3041-\u3096\u309d-\u309f{_KATAKANA}\u30fc-\u30ff"
_RUN = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_CLUSTER = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", re.DOTALL)
_ACCENTS = re.compile(r"[\u0300-\u036f]+")
# What is typed for the long mark, and the long mark that some write and some do not: サーバー.
_LIKE_LONG_MARKS = re.compile(rf"(?<=[{_KATAKANA}])[\u2010-\u2013\u2212\u2500]")
_LAST_LONG_MARKS = re.compile(rf"(?<=[{_KATAKANA}ー][{_KATAKANA}])ー+(?![{_KATAKANA}ー])")
_SPELLED = re.compile(rf"[{_KATAKANA}ー]{{4,}}|[^\W_{_UNSPACED}]{{4,}}")
_WITH_KANJI = re.compile(rf"(?=.*[{KANJI}])[{_UNSPACED}]{{2,8}}")
_ASKED = re.compile(r'["“”＂]([^"“”＂]*)["“”＂]|(\S+)')


@dataclass(frozen=True)
class Token:
    """A word of the index, and where it stands in the text: from `start` up to `end`."""

    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Term:
    """Words that a text must hold one after the other; the last may be a beginning.

    `text` is what the reader typed.
    """

    words: tuple[str, ...]
    is_beginning: bool
    text: str


def words_of(text: str) -> list[str]:
    """The words of a text in order, as the index holds them."""
    words: list[str] = []
    for run in _RUN.findall(_LAST_LONG_MARKS.sub("", folded(text))):
        words += _words_of_run(run)
    return words


def placed_words_of(text: str) -> list[Token]:
    """The same words, each with its place in the text as it is written."""
    characters, places = [], []
    for cluster in _CLUSTER.finditer(text):
        for character in folded(cluster[0]):
            characters.append(character)
            places.append(cluster.span())
    joined = _LIKE_LONG_MARKS.sub("ー", "".join(characters))
    for mark in reversed(list(_LAST_LONG_MARKS.finditer(joined))):
        joined = joined[: mark.start()] + joined[mark.end() :]
        del places[mark.start() : mark.end()]
    return [
        Token(token.word, places[token.start][0], places[token.end - 1][1])
        for token in _tokens(joined)
    ]


def terms_of(query: str) -> list[Term]:
    """What a reader asks for: words apart by spaces, and "words in quotation marks" together.

    Whatever holds no letter and no digit is no term. Of many terms the first count.
    """
    terms: dict[tuple, Term] = {}
    for match in _ASKED.finditer(query):
        quoted, word = match.groups()
        term = _term(quoted or word or "", is_quoted=quoted is not None)
        if term:
            terms.setdefault((term.words, term.is_beginning), term)
    return list(terms.values())[:_MOST_TERMS]


def spelled_words_of(text: str) -> set[str]:
    """The words that a reader may misspell: in full, without digits."""
    return {
        match[0]
        for match in _SPELLED.finditer(folded(text))
        if len(match[0]) <= _LONGEST_WORD and not any(map(str.isdigit, match[0]))
    }


def is_spelled(text: str) -> bool:
    """Is a text one word that a reader may have misspelled?"""
    return spelled_words_of(text) == {folded(text)}


def is_kanji_word(text: str) -> bool:
    """Is a text a word, or a few in one, of kanji, or of kanji and kana?"""
    return bool(_WITH_KANJI.fullmatch(folded(text)))


def folded(text: str) -> str:
    """A text without differences of case, width and accents."""
    if text.isascii():
        return text.lower()
    without_accents = _ACCENTS.sub("", normalize("NFKD", text))
    lower = normalize("NFKC", without_accents).casefold()
    return _LIKE_LONG_MARKS.sub("ー", lower)


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
    """Pairs of characters, of which the last is alone; or one word without its ending."""
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
        # The second half of a pair says nothing that the pair does not.
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
    """An English word without the endings -s, -ed, -ing and a silent e; others as they are.

    What is left need not be a word: it has but to be the same for code, codes and coding.
    """
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        left = word.removesuffix(ending)
        if left != word and len(word) > 5 and re.search("[aeiouy]", left):
            word = left
            if word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            return word
    return word.removesuffix("e") if len(word) > 3 else word
