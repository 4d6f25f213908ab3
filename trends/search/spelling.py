"""“Did you mean”: the indexed words that are spelled most like one that was not found."""

from difflib import get_close_matches

from django.db import connection
from django.db.models import F, Func, Value
from django.db.models.expressions import RawSQL

from trends.search.models import SearchWord
from trends.search.terms import Term, folded, is_spelled

# The databases find the words that share most letters in threes; which of them is nearest is
# decided here, the same for both.
_CANDIDATES = 60
_LIKENESS = 0.72


def similar_words(term: Term) -> list[str]:
    """The indexed words nearest to a term of one word, the nearest first; there may be none."""
    if not is_spelled(term.text):
        return []
    word = folded(term.text)
    return get_close_matches(word, _candidates(word), n=3, cutoff=_LIKENESS)


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
    """May pg_trgm be used? Who administers the database may not allow it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        return cursor.fetchone()[0]


def _trigrams(word: str) -> list[str]:
    padded = f"  {word} "
    return [padded[n : n + 3] for n in range(len(padded) - 2)]
