"""Sources for an editor to cite."""

from collections.abc import Collection

from django.db.models import BooleanField, Case, Q, Value, When

from quotes.models import Source
from trendsite.shared.former_slugs import former_rows
from trendsite.shared.translated import columns

MOST = 20
"""The most sources that are offered at once."""

_SEARCHED = ("key", "title", *columns("description"), "publisher", "origin", "url")


def citable_sources(term: str, cited: Collection[int] = ()) -> list[Source]:
    """Return sources that contain each word of a term, the latest added first. One query.

    Those in `cited`, by primary key, come before all others.
    """
    sources = Source.objects.annotate(
        is_cited=Case(When(pk__in=cited, then=True), default=False, output_field=BooleanField())
        if cited
        else Value(False)
    )
    for word in term.split():
        condition = Q()
        for name in _SEARCHED:
            condition |= Q(**{f"{name}__icontains": word})
        sources = sources.filter(condition)
    return list(sources.order_by("-is_cited", "-pk")[:MOST])


def sources_by_key(keys: Collection[str]) -> dict[str, Source]:
    """Return the sources with these keys, or with these former ones, by them.

    One query, and two where a key is nobody's at present.
    """
    sources = {source.key: source for source in Source.objects.filter(key__in=keys)}
    if missing := set(keys) - sources.keys():
        former = former_rows(Source, missing)
        rows = Source.objects.in_bulk(former.values())
        sources.update({key: rows[pk] for key, pk in former.items() if pk in rows})
    return sources


def all_keys_of_sources() -> list[str]:
    """Return the keys of all sources, to find the one that was meant. One query."""
    return list(Source.objects.values_list("key", flat=True))
