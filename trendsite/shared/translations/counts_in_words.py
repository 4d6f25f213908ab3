"""Texts on the numbers of missing and stale texts."""

from django.utils.translation import ngettext


def words_for(missing: int, stale: int) -> list[str]:
    """Return in words how many texts are missing and how many are stale, without zeros."""
    words = []
    if missing:
        text = ngettext("%(count)d text missing", "%(count)d texts missing", missing)
        words.append(text % {"count": missing})
    if stale:
        text = ngettext("%(count)d text out of date", "%(count)d texts out of date", stale)
        words.append(text % {"count": stale})
    return words
