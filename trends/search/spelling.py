"""Finding the indexed words with the most similar spelling to a word that was not found."""

import datetime
import re
from collections import Counter
from difflib import get_close_matches

from django.db import connection
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import RawSQL

from trends.search.folding import folded
from trends.search.models import SearchDocument, SearchWord
from trends.search.terms import Term, is_kanji_word, is_spelled, terms_of
from trends.search.trend_words import trends_with_all
from trendsite.shared.text.japanese import KANJI

# The database returns the words that share the most trigrams. difflib ranks them, so that both
# databases give the same suggestions.
_CANDIDATES = 60
_LIKENESS = 0.72
_MOST_SUGGESTED = 3
# The most texts that are read to find the most common word, titles first.
_DOCUMENTS = 500
_TRENDS = 100


def similar_words(term: Term, at: datetime.date) -> list[str]:
    """Return up to three words spelled like a term of one word, the nearest first.

    One query, two for a word with kanji; on PostgreSQL otherwise one more to see whether pg_trgm
    is installed.
    """
    word = folded(term.text)
    if is_kanji_word(word):
        return _with_another_kanji(word, at)
    if not is_spelled(word):
        return []
    return get_close_matches(word, _candidates(word), n=_MOST_SUGGESTED, cutoff=_LIKENESS)


def _with_another_kanji(word: str, at: datetime.date) -> list[str]:
    """Return words that differ in a single kanji (訓練 for 訓錬), the most common first.

    A word of two characters has only one in common with its suggestion. Such a suggestion must
    occur in at least two texts. If very many trends have the characters, the texts of some are
    read.
    """
    pieces = [
        (word[:place], word[place + 1 :])
        for place, character in enumerate(word)
        if re.match(f"[{KANJI}]", character)
    ]
    around = [
        [term for piece in filter(None, pair) for term in terms_of(f'"{piece}"')] for pair in pieces
    ]
    # Of each pair the longer piece is enough to find the trends.
    phrases = (phrase for terms in around for phrase in max(terms, key=_length).phrases)
    any_of_them = Term(word, tuple(phrases))
    trends, _is_cut = trends_with_all([any_of_them], at, _TRENDS)
    holds_one = Q()
    for terms in around:
        holds_one |= Q(*(Q(terms__holds=term) for term in terms))
    documents = SearchDocument.objects.filter(holds_one, trend__in=trends)
    documents = documents.order_by("-weight", "pk")
    counts: Counter[str] = Counter()
    for text in documents.values_list("text", flat=True)[:_DOCUMENTS]:
        counts.update(_words_like(pieces, folded(text)))
    least = 2 if len(word) == 2 else 1
    found = [candidate for candidate, count in counts.items() if count >= least]
    return sorted(found, key=lambda candidate: (-counts[candidate], candidate))[:_MOST_SUGGESTED]


def _length(term: Term) -> int:
    return len(term.text)


def _words_like(pieces: list[tuple[str, str]], text: str) -> set[str]:
    """Return the words of a text that have another kanji between two pieces of a word."""
    return {
        before + kanji + after
        for before, after in pieces
        for kanji in re.findall(f"(?<={re.escape(before)})[{KANJI}](?={re.escape(after)})", text)
    }


def _candidates(word: str) -> list[str]:
    if connection.vendor == "postgresql":
        if not _has_trigrams():
            return []
        distance = Func(F("word"), Value(word), template="%(expressions)s", arg_joiner=" <-> ")
        words = SearchWord.objects.order_by(distance, "word")
    else:
        found = RawSQL(
            "SELECT rowid FROM trends_searchspelling WHERE trends_searchspelling MATCH %s "
            "ORDER BY rank LIMIT %s",
            [" OR ".join(f'"{trigram}"' for trigram in _trigrams(word)), _CANDIDATES],
        )
        words = SearchWord.objects.filter(pk__in=found).order_by("word")
    return list(words.values_list("word", flat=True)[:_CANDIDATES])


def _has_trigrams() -> bool:
    """Return whether pg_trgm is installed, which some servers do not allow. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        return bool(cursor.fetchone()[0])


def _trigrams(word: str) -> list[str]:
    padded = f"  {word} "
    return [padded[n : n + 3] for n in range(len(padded) - 2)]
