"""Finding sources for editors to cite."""

from collections.abc import Collection

from django.db.models import BooleanField, Case, Q, Value, When

from quotes.models import Source
from trendsite.shared.former_slugs import former_rows
from trendsite.shared.translated import columns

MOST = 20
"""The most sources that are offered at once."""

_SEARCHED = ("key", "title", *columns("description"), "publisher", "origin", "url")


def citable_sources(term: str, cited: Collection[int] = ()) -> list[Source]:
    """Return the sources that contain all words of a term, the latest added first. One query.

    Sources whose primary keys are in `cited` come first.
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
    """Map keys, also former ones, to sources.

    One query, and up to two more if a key is not the present key of a source.
    """
    sources = {source.key: source for source in Source.objects.filter(key__in=keys)}
    if missing := set(keys) - sources.keys():
        former = former_rows(Source, missing)
        rows = Source.objects.in_bulk(former.values())
        sources.update({key: rows[pk] for key, pk in former.items() if pk in rows})
    return sources


def all_keys_of_sources() -> list[str]:
    """Return the keys of all sources, for suggestions. One query."""
    return list(Source.objects.values_list("key", flat=True))
