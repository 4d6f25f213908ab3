"""Who cites what: sources in two queries, whatever a trend holds."""

import datetime
from collections import defaultdict
from collections.abc import Collection

from django.db.models import F, QuerySet, Value

from quotes.models import Source
from trends.models import (
    Assessment,
    Driver,
    Implication,
    Reading,
    TimelineEntry,
    Trend,
    TrendMention,
)

# A part of the trend page, and the row in it that cites.
Citing = tuple[str, int]


def _pairs(trend: Trend) -> QuerySet:
    """(part, row, source, place) for every citation of a trend, as one UNION."""
    many_to_many = [
        ("shift", Trend.shift_sources.through, "trend", "trend"),
        ("driver", Driver.sources.through, "driver", "driver__trend"),
        ("implication", Implication.sources.through, "implication", "implication__trend"),
        ("assessment", Assessment.sources.through, "assessment", "assessment__trend"),
    ]
    direct = [
        ("mention", TrendMention.objects, "mention", "mention__source", "pk"),
        # modeltranslation's own querysets mix up the columns of a union.
        ("timeline", TimelineEntry.objects.rewrite(False), "pk", "source", "pk"),
        ("reading", Reading.objects, "trend", "source", "order"),
    ]
    parts = [
        _columns(through.objects.filter(**{owned_by: trend}), part, owner, "source", "pk")
        for part, through, owner, owned_by in many_to_many
    ] + [
        _columns(
            rows.filter(trend=trend, **{f"{source}__isnull": False}).order_by(),
            part,
            owner,
            source,
            place,
        )
        for part, rows, owner, source, place in direct
    ]
    return parts[0].union(*parts[1:], all=True)


def _columns(rows: QuerySet, part: str, owner: str, source: str, place: str) -> QuerySet:
    return rows.annotate(
        citing_part=Value(part), citing_row=F(owner), cited=F(source), place=F(place)
    ).values_list("citing_part", "citing_row", "cited", "place")


def cited_sources(trend: Trend) -> dict[Citing, list[Source]]:
    """The sources that each part of a trend cites, in the editor's order.

    Keys are a part's name and the primary key of the row that cites: ("driver", 12). The shift
    and the related reading belong to the trend itself, and a mention to its own row.
    """
    pairs = sorted(_pairs(trend), key=lambda pair: pair[3])
    # Not in_bulk(), which on SQLite asks once for each 999.
    ids = {source for _part, _row, source, _place in pairs}
    sources = {source.pk: source for source in Source.objects.filter(pk__in=ids)}
    cited = defaultdict(list)
    for part, row, source, _place in pairs:
        cited[part, row].append(sources[source])
    return dict(cited)


def cited_source_ids(trend: Trend) -> set[int]:
    """The primary keys of all sources that a trend cites or lists. One query."""
    return {source for _part, _row, source, _place in _pairs(trend)}


def sources_by_trend(pks: Collection[int]) -> dict[int, list[Source]]:
    """The sources that trends cite or list, each once a trend. Two queries for any number."""
    pairs = sorted(citing_pairs(pks))
    sources = {
        source.pk: source
        for source in Source.objects.filter(pk__in={pk for _trend, pk, _key in pairs})
    }
    found = defaultdict(list)
    for trend_pk, source_pk, _key in pairs:
        found[trend_pk].append(sources[source_pk])
    return dict(found)


def trends_citing(source: Source) -> QuerySet:
    """The primary keys of the trends that cite a source or list it, as one UNION."""
    parts = [
        rows.filter(**{cited: source}).annotate(citing_trend=F(citing)).values_list("citing_trend")
        for rows, citing, cited in _places()
    ]
    return parts[0].union(*parts[1:])


def citing_pairs(trends: Collection[int] | QuerySet) -> QuerySet:
    """(trend, source, key of the source) for what trends cite or list, once, as one UNION."""
    parts = [
        rows.filter(**{f"{citing}__in": trends})
        .annotate(citing_trend=F(citing), cited=F(cited), cited_key=F(f"{cited}__key"))
        .values_list("citing_trend", "cited", "cited_key")
        for rows, citing, cited in _places()
    ]
    return parts[0].union(*parts[1:])


def cited_by(trends: QuerySet) -> QuerySet:
    """The primary keys of the sources that trends cite or list, as one UNION."""
    parts = [
        rows.filter(**{f"{citing}__in": trends}).annotate(cited=F(cited)).values_list("cited")
        for rows, citing, cited in _places()
    ]
    return parts[0].union(*parts[1:])


def changes_of_citing(
    trends: QuerySet, first: Source, last: Source
) -> dict[int, datetime.datetime]:
    """When the trends that cite a source changed last, by its primary key. One query.

    Of the sources whose primary keys lie between those of the first and the last.
    """
    parts = [
        rows.filter(
            **{f"{citing}__in": trends, f"{cited}__gte": first.pk, f"{cited}__lte": last.pk}
        )
        .annotate(cited=F(cited), changed=F(f"{citing}__updated_at"))
        .values_list("cited", "changed")
        for rows, citing, cited in _places()
    ]
    # The latest of a source is the last to be put in.
    return dict(parts[0].union(*parts[1:]).order_by("changed"))


def _places() -> list[tuple[QuerySet, str, str]]:
    """The rows of each kind that cite, and which of their columns are the trend and the source."""
    places = [
        (Trend.shift_sources.through.objects, "trend", "source"),
        (Driver.sources.through.objects, "driver__trend", "source"),
        (Implication.sources.through.objects, "implication__trend", "source"),
        (Assessment.sources.through.objects, "assessment__trend", "source"),
        (TrendMention.objects.exclude(mention__source=None), "trend", "mention__source"),
        # modeltranslation's own querysets mix up the columns of a union.
        (TimelineEntry.objects.rewrite(False).exclude(source=None), "trend", "source"),
        (Reading.objects, "trend", "source"),
    ]
    return [(rows.order_by(), citing, cited) for rows, citing, cited in places]
