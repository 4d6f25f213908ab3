"""Queries for the sources that trends cite, and for the places that cite them.

`CITING` lists all kinds of rows that cite; all queries about citations are built from it.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from quotes.models import Mention, Source
from trends.models import (
    Assessment,
    Driver,
    Implication,
    Reading,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trends.queries.compiled import (
    SQL,
    CompiledQuery,
    CompiledRows,
    listed,
    parameter,
    union,
    union_arm,
    union_of_slices,
)
from trendsite.shared import days
from trendsite.shared.partial_dates import PartialDate


@dataclass(frozen=True)
class CitationKind:
    """A kind of citation: a table whose rows link a source to a place on the page of a trend."""

    links: type[models.Model]
    trend: str
    """Lookup from a link to the trend."""
    source: str
    """Lookup from a link to the source."""
    row: str
    """Lookup from a link to the row that cites: "pk" where it is the link itself."""
    heading: str | Promise
    """The heading of the part of the page in which the row is shown."""
    text: str = ""
    """Lookup from the row to the translated text that names it, if there is one."""
    order: str = "pk"
    """The column by which the sources of one row are ordered."""

    def arm(self, where: Mapping[str, Any], **columns: Any) -> QuerySet[Any, Any]:
        """Return columns of the links that match `where`, for a UNION with those of other kinds."""
        return union_arm(self.links, {f"{self.source}__isnull": False, **where}, **columns)


CITING = {
    "shift": CitationKind(Trend.shift_sources.through, "trend", "source", "trend", _("The shift")),
    "driver": CitationKind(
        Driver.sources.through,
        "driver__trend",
        "source",
        "driver",
        _("Key drivers"),
        "heading",
    ),
    "implication": CitationKind(
        Implication.sources.through,
        "implication__trend",
        "source",
        "implication",
        _("Implications"),
        "lead",
    ),
    "timeline": CitationKind(TimelineEntry, "trend", "source", "pk", _("Timeline"), "text"),
    "assessment": CitationKind(
        Assessment.sources.through,
        "assessment__trend",
        "source",
        "assessment",
        _("Assessment history"),
    ),
    "mention": CitationKind(
        TrendMention,
        "trend",
        "mention__source",
        "mention",
        _("Expert mentions"),
        "expert__name",
    ),
    "reading": CitationKind(
        Reading, "trend", "source", "trend", _("Related reading"), order="order"
    ),
}
"""By the name of the part of the page, in the order in which the uses of a source are listed."""

MOST_CITATIONS = 200
"""Of how many citations of a source of each kind its page lists the trends: those added last."""

Citing = tuple[str, int]
"""A part of the page of a trend, and the primary key of the row in it that cites.

The shift and the related reading belong to the trend itself, and a mention to its own row.
"""


@CompiledQuery
def _citations_of_trend() -> SQL:
    """Select (part, row, source, place) for all citations of a trend."""
    arms = (
        kind.arm(
            {kind.trend: parameter("trend")},
            citing_part=Value(part),
            citing_row=F(kind.row),
            cited=F(kind.source),
            place=F(kind.order),
        )
        for part, kind in CITING.items()
    )
    return union(arms, distinct=False).query.sql_with_params()


@CompiledQuery
def _citations_of_trends() -> SQL:
    """Select (trend, part, row, source, place) for all citations of some trends."""
    arms = (
        kind.arm(
            {f"{kind.trend}__in": listed("trends")},
            citing_trend=F(kind.trend),
            citing_part=Value(part),
            citing_row=F(kind.row),
            cited=F(kind.source),
            place=F(kind.order),
        )
        for part, kind in CITING.items()
    )
    return union(arms, distinct=False).query.sql_with_params()


_sources = CompiledRows(lambda: Source.objects.filter(pk__in=listed("sources")).order_by())


@CompiledRows
def _sources_of_trend() -> QuerySet[Any]:  # Any: annotated
    """Return the sources that a trend cites or lists, and whether another trend does, too."""
    cited = union(
        kind.arm({kind.trend: parameter("trend")}, cited=F(kind.source)) for kind in CITING.values()
    )
    elsewhere = Q()
    for kind in CITING.values():
        published = {f"{kind.trend}__published__lte": parameter("today")}
        links = kind.links._default_manager.filter(**{kind.source: OuterRef("pk")}, **published)
        elsewhere |= Q(Exists(links.exclude(**{kind.trend: parameter("trend")}).order_by()))
    return (
        Source.objects.filter(pk__in=RawSQL(*cited.query.sql_with_params()))
        .annotate(is_cited_elsewhere=ExpressionWrapper(elsewhere, BooleanField()))
        .order_by()
    )


def cited_sources(trend: Trend, today: datetime.date | None = None) -> dict[Citing, list[Source]]:
    """Return the sources that each part of a trend cites, in the editors' order. Two queries.

    Sources are annotated with whether another trend cites them that is published on a day.
    """
    citations = sorted(_citations_of_trend.rows(trend=trend.pk), key=lambda row: row[3])
    today = today or days.today()
    sources = {source.pk: source for source in _sources_of_trend.fetch(trend=trend.pk, today=today)}
    cited = defaultdict(list)
    for part, row, source, _place in citations:
        cited[part, row].append(sources[source])
    return dict(cited)


def cited_sources_of_each(pks: Collection[int]) -> dict[int, dict[Citing, list[Source]]]:
    """Return what `cited_sources()` returns, for several trends. Two queries."""
    citations = sorted(_citations_of_trends.rows(trends=pks), key=lambda row: row[4])
    sources = _in_bulk({row[3] for row in citations})
    cited: dict[int, dict[Citing, list[Source]]] = {pk: {} for pk in pks}
    for trend, part, row, source, _place in citations:
        cited[trend].setdefault((part, row), []).append(sources[source])
    return cited


def cited_source_ids(trend: Trend) -> set[int]:
    """Return the primary keys of all sources that a trend cites or lists. One query."""
    return {source for _part, _row, source, _place in _citations_of_trend.rows(trend=trend.pk)}


def sources_by_trend(pks: Collection[int]) -> dict[int, list[Source]]:
    """Return the sources that trends cite or list, each once a trend. Two queries."""
    citations = sorted({(row[0], row[3]) for row in _citations_of_trends.rows(trends=pks)})
    sources = _in_bulk({source for _trend, source in citations})
    found = defaultdict(list)
    for trend, source in citations:
        found[trend].append(sources[source])
    return dict(found)


def _in_bulk(pks: Collection[int]) -> dict[int, Source]:
    return {source.pk: source for source in _sources.fetch(sources=pks)}


def trends_citing(source: Source) -> QuerySet[Any, Any]:
    """Return the primary keys of the trends that cite or list a source, as one UNION."""
    return union(
        kind.arm({kind.source: source}, citing_trend=F(kind.trend)) for kind in CITING.values()
    )


def cited_by_trends() -> QuerySet[Any, Any]:
    """Return the primary keys of what any trend cites or lists, as one UNION.

    What working versions alone cite is left out.
    """
    return union(
        kind.arm({f"{kind.trend}__working_of__isnull": True}, cited=F(kind.source))
        for kind in CITING.values()
    )


def citing_pairs(trends: Collection[int] | QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return distinct (trend, source, key of the source) for citations of trends, as one UNION."""
    return union(
        kind.arm(
            {f"{kind.trend}__in": trends},
            citing_trend=F(kind.trend),
            cited=F(kind.source),
            cited_key=F(f"{kind.source}__key"),
        )
        for kind in CITING.values()
    )


@dataclass(frozen=True)
class Use:
    """A place on the page of a trend that cites a source: its anchor, and the heading above it.

    The place is named by the text `field` of `row`, or by the date of an assessment. The shift and
    the related reading are one place each and have no name.
    """

    anchor: str
    part: str
    row: models.Model | None = None
    field: str = ""
    date: PartialDate | None = None


@dataclass(frozen=True)
class LatestCiting:
    """The published trends that cite a source or list it, those in force first.

    Of each kind of citation the `MOST_CITATIONS` that were added last are read. `are_all` says
    whether there are no more.
    """

    pks: list[int]
    are_all: bool


@CompiledQuery
def _latest_citations() -> SQL:
    """Select (kind, trend) for the last citations of a source of each kind, one more than count."""
    arms = []
    for number, kind in enumerate(CITING.values()):
        where = {kind.source: parameter("source")}
        links = kind.arm(where, citing_kind=Value(number), citing_trend=F(kind.trend))
        # The key of the mention, by which an index orders the mentions of a source.
        last = "-mention" if kind.source == "mention__source" else "-pk"
        arms.append(links.order_by(last)[: MOST_CITATIONS + 1])
    return union_of_slices(arms)


@CompiledRows
def _published_in_order(today: datetime.date) -> QuerySet[Trend, int]:
    published = Trend.objects.published(today).filter(pk__in=listed("found"))
    return published.in_force_first(today).values_list("pk", flat=True)


def latest_citing(source: Source, today: datetime.date) -> LatestCiting:
    """Return the keys of the trends that a source's page lists. Two queries."""
    links = _latest_citations.rows(source=source.pk)
    numbers = Counter(kind for kind, _trend in links)
    return LatestCiting(
        _published_in_order.fetch(today, found={trend for _kind, trend in links}),
        are_all=max(numbers.values(), default=0) <= MOST_CITATIONS,
    )


def uses_of(source: Source, trends: Iterable[Trend]) -> dict[Trend, list[Use]]:
    """Return where each of the trends cites a source, in the order of their pages.

    One query for all that they cite, and one for each kind of citation of this source, at most
    seven.
    """
    uses: dict[int, list[Use]] = {trend.pk: [] for trend in trends}
    rows: dict[str, list[int]] = defaultdict(list)
    for _trend, part, row, cited, _place in _citations_of_trends.rows(trends=list(uses)):
        if cited == source.pk:
            rows[part].append(row)
    for part, kind in CITING.items():
        for link in _links_to(source, kind, list(uses), rows[part]):
            uses[link.citing_trend].append(_use(part, kind, link))
    return {trend: uses[trend.pk] for trend in trends}


def _links_to(
    source: Source, kind: CitationKind, trends: Collection[int], rows: Collection[int]
) -> QuerySet[Any, Any]:
    """Return the links of a kind from rows of trends to a source, in the order of the page.

    Without the rows, the databases would read all links to the source.
    """
    links: QuerySet[Any, Any] = kind.links._default_manager.filter(
        **{f"{kind.row}__in": rows, f"{kind.trend}__in": trends, kind.source: source}
    ).annotate(citing_trend=F(kind.trend))
    if kind.links._meta.auto_created:
        links = links.order_by(kind.row)  # the default order of the rows that cite
    if kind.row not in ("pk", "trend"):
        links = links.select_related(f"{kind.row}__{kind.text}".rpartition("__")[0])
    return links


def _use(part: str, kind: CitationKind, link: Any) -> Use:
    heading = str(kind.heading)
    if kind.row == "trend":
        return Use(part, heading)
    row = link if kind.row == "pk" else getattr(link, kind.row)
    if isinstance(row, Assessment):
        return Use(row.anchor, heading, date=row.date)
    named = row.expert if isinstance(row, Mention) else row
    return Use(row.anchor, heading, named, kind.text.rpartition("__")[2])
