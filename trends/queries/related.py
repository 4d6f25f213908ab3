"""Related rows: those that have something in common with a trend, tag, expert, source or video."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import Count, F, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quotes.models import Expert, Mention, Source, Video
from trends.models import VOCABULARIES, Trend, TrendMention, TrendQuerySet
from trends.queries.citations import CITING, citing_pairs
from trends.queries.compiled import (
    SQL,
    CompiledQuery,
    listed,
    parameter,
    union,
    union_arm,
)
from trends.queries.kept_lists.counts import TAGGED, most_counted
from trendsite.shared.models import Tag
from trendsite.shared.text.enumerations import enumerated
from trendsite.shared.translated import columns

Row = TypeVar("Row", bound=models.Model)

MOST_TRENDS = 5
"""The most related trends to list after those that an editor chose."""
MOST_OTHERS = 12
"""The most related experts, tags, sources or videos to list."""
MOST_LINKS = 500
"""Of how many links to a tag, expert or source the trends are compared: those added last."""
MOST_COMPARED = 30
"""Of how many trends of a source, or quotations of a video, the others are compared: the last."""

_SHOWN = ["slug", "status", "confidence", "retired", *columns("title")]


@dataclass(frozen=True)
class Related:
    """A related trend, which an editor chose or which has tags, experts or sources in common."""

    trend: Trend
    chosen: bool
    tags: list[Tag]
    experts: int
    sources: int

    @property
    def reason(self) -> str:
        """Return what is in common except tags: `1 person, 2 sources in common`, or nothing."""
        return _in_common(
            ngettext("%(count)d person", "%(count)d people", self.experts) % {"count": self.experts}
            if self.experts
            else "",
            ngettext("%(count)d source", "%(count)d sources", self.sources)
            % {"count": self.sources}
            if self.sources
            else "",
        )


@dataclass(frozen=True)
class Neighbour(Generic[Row]):
    """An expert, tag or source, and the number of trends that it shares with another one."""

    row: Row
    in_common: int


@dataclass(frozen=True)
class RelatedVideo:
    """A video, and the numbers of speakers and trends that it shares with another one."""

    video: Video
    speakers: int
    trends: int

    @property
    def reason(self) -> str:
        """Return what is in common, as `2 speakers, 1 trend in common`."""
        return _in_common(
            ngettext("%(count)d speaker", "%(count)d speakers", self.speakers)
            % {"count": self.speakers}
            if self.speakers
            else "",
            ngettext("%(count)d trend", "%(count)d trends", self.trends) % {"count": self.trends}
            if self.trends
            else "",
        )


def _in_common(*things: str) -> str:
    """Return the texts that are not empty as one text, such as `1 person, 2 sources in common`."""
    listed = enumerated(filter(None, things))
    return listed and _("%(things)s in common") % {"things": listed}


@dataclass(frozen=True)
class Linked:
    """The trends to which the page of a trend links, with the columns that links show."""

    related: list[Related]
    successors: list[Trend]
    predecessors: list[Trend]


def linked_trends(
    trend: Trend, experts: Collection[int], sources: Collection[int], today: datetime.date
) -> Linked:
    """Return the trends, published on a day, to which the page of a trend links. One query.

    `experts` and `sources` are the keys of those whom it quotes and which it cites. `related` has
    the trends that editors chose, by slug, then those in force that share the most with it. Where a
    tag, expert or source has more than `MOST_LINKS` links, these are found among the trends of the
    links added last; what is said of them counts all links. `predecessors` are the retired trends
    that it succeeds.
    """
    tags = {tag.pk: tag for tag in trend.tag_rows}
    own = {"tag": tags.keys(), "expert": experts, "source": sources}
    sql, params = _linked.bind(trend=trend.pk, today=today, **own)
    chosen, closest = [], []
    linked = Linked([], [], [])
    for other in sorted(Trend.objects.raw(sql, params), key=lambda other: other.slug):
        links: dict[str, Any] = {kind: getattr(other, f"{kind}_links") for kind in _KINDS}
        shared = {int(pk) for pk in filter(None, (vars(other)["tag_keys"] or "").split(","))}
        related = Related(
            other,
            bool(links["chosen"]),
            [tag for pk, tag in tags.items() if pk in shared],
            links["expert"],
            links["source"],
        )
        if links["chosen"]:
            chosen.append(related)
        elif links["closest"]:
            closest.append(related)
        if links["successor"]:
            linked.successors.append(other)
        if links["predecessor"]:
            linked.predecessors.append(other)
    # By slug where they share as much, since sorting is stable.
    closest.sort(key=lambda other: len(other.tags) + other.experts + other.sources, reverse=True)
    linked.related.extend(chosen + closest)
    return linked


_SHARED = ("tag", "expert", "source")
"""The kinds of rows that two trends may have in common."""
_NAMED = ("chosen", "successor", "predecessor")
"""The relations between two trends that an editor may have set."""
_KINDS = (*_SHARED, *_NAMED, "closest")


@CompiledQuery
def _linked() -> SQL:
    """Select the trends that a trend names, and those that share the most with it.

    `tag_links` and so on are the numbers of shared rows of each kind and of relations, `tag_keys`
    the primary keys of shared tags, separated by commas. SQLite copies a common table into a query
    for each time that it is named, and what it names as well. So what the trend has is given as
    lists, and each table is named as rarely as possible: otherwise to plan the query takes 20 ms
    and 9 MB for each connection.
    """
    named, named_params = union(_named_links()).query.sql_with_params()
    recent, recent_params = union(_recent_links()).query.sql_with_params()
    links, links_params = union(_links_of_others()).query.sql_with_params()
    bounds, bounds_params = _bounds()
    today: Any = parameter("today")  # an expression in place of a date
    readable, readable_params = _keys(Trend.objects.published(today))
    in_force, in_force_params = _keys(Trend.objects.in_force(today))
    counts: list[str] = []
    counts_params: list[Any] = []
    for kind in _SHARED:
        given, given_params = _compiled(listed(kind))
        is_shared = f"link_kind = '{kind}' AND thing IN {given}"
        counts.append(f"SUM(CASE WHEN {is_shared} THEN 1 ELSE 0 END) AS {kind}_links")
        counts_params += given_params
        if kind == "tag":
            joined = "string_agg" if connection.vendor == "postgresql" else "group_concat"
            key = f"CASE WHEN {is_shared} THEN CAST(thing AS text) END"
            counts.append(f"{joined}({key}, ',') AS tag_keys")
            counts_params += given_params
    for kind in (*_NAMED, "closest"):
        counts.append(f"SUM(CASE WHEN link_kind = '{kind}' THEN 1 ELSE 0 END) AS {kind}_links")
    shown = ", ".join(f"trend.{column}" for column in ("id", *_SHOWN))
    # The collation that sorts slugs in the same way on both databases.
    by_slug = 'slug COLLATE "C"' if connection.vendor == "postgresql" else "slug COLLATE BINARY"
    sql = f"""
        WITH {bounds},
        named_links AS MATERIALIZED (
            SELECT link_kind, other FROM ({named}) AS named WHERE EXISTS ({readable})
        ),
        closest AS MATERIALIZED (
            SELECT other FROM (
                SELECT other, COUNT(*) AS in_common FROM ({recent}) AS recent GROUP BY other
            ) AS candidates
            CROSS JOIN trends_trend AS trend -- in this order on SQLite
            WHERE trend.id = other AND EXISTS ({in_force})
            AND other NOT IN (SELECT other FROM named_links WHERE link_kind = 'chosen')
            ORDER BY in_common DESC, {by_slug} LIMIT {MOST_TRENDS}
        ),
        others AS MATERIALIZED (SELECT other FROM closest UNION SELECT other FROM named_links)
        SELECT {shown}, counted.* FROM (
            SELECT other, {", ".join(counts)} FROM (
                {links}
                UNION ALL SELECT link_kind, 0, other FROM named_links
                UNION ALL SELECT 'closest', 0, other FROM closest
            ) AS links GROUP BY other
        ) AS counted JOIN trends_trend AS trend ON trend.id = other
    """
    return sql, [
        *bounds_params,
        *named_params,
        *readable_params,
        *recent_params,
        *in_force_params,
        *counts_params,
        *links_params,
    ]


def _compiled(expression: RawSQL) -> SQL:
    """Return the SQL of an expression, as the database in use writes it."""
    sql, params = Trend.objects.all().query.get_compiler(connection.alias).compile(expression)
    return sql, params


def _keys(trends: TrendQuerySet) -> SQL:
    """Select the trend `other` of the query around if it is one of `trends` and not the own one."""
    other = trends.order_by().exclude(pk=parameter("trend")).filter(pk=RawSQL("other", []))
    return other.values("pk").query.sql_with_params()


@dataclass(frozen=True)
class _Thing:
    """A table that links trends to a kind of rows that they may share, and its lookups."""

    kind: str
    links: type[models.Model]
    trend: str
    row: str
    place: str
    """Lookup from a link to the key by which it is known which links were added last."""

    @property
    def places(self) -> QuerySet[Any, Any]:
        """Return the keys at `place` of the links to a row of the query around, the last first."""
        table, row, place = self.links, self.row, self.place
        if place == "mention":  # read from mentions, whose index has both columns
            table, row, place = Mention, self.row.removeprefix("mention__"), "pk"
        of_row = table._default_manager.filter(**{row: RawSQL("given.value", [])})
        return of_row.order_by(f"-{place}").values(place)


def _things() -> dict[str, _Thing]:
    """Return the tables for all that trends share, by the names of their bounds in the query."""
    tag, expert = VOCABULARIES["tag"], VOCABULARIES["expert"]
    things = [
        _Thing("tag", tag.links, tag.trend, tag.row, tag.trend),
        _Thing("expert", expert.links, expert.trend, expert.row, "mention"),
        *(
            _Thing("source", citing.links, citing.trend, citing.source, "mention")
            if citing.source == "mention__source"
            else _Thing("source", citing.links, citing.trend, citing.source, "pk")
            for citing in CITING.values()
        ),
    ]
    return {f"bounds_{number}": thing for number, thing in enumerate(things)}


def _bounds() -> SQL:
    """Define tables of (key, first place of the last links) for the rows of each kind it has."""
    tables, params = [], []
    for name, thing in _things().items():
        first, first_params = thing.places[MOST_LINKS - 1 : MOST_LINKS].query.sql_with_params()
        given, given_params = _compiled(listed(thing.kind))
        tables.append(
            f"{name} AS MATERIALIZED (SELECT given.value AS thing, COALESCE(({first}), 0)"
            f" AS first_place FROM {given} AS given)"
        )
        params += [*first_params, *given_params]
    return ", ".join(tables), params


def _recent_links() -> Iterator[QuerySet[Any, Any]]:
    """Yield querysets of (kind, key, other trend) for the last links to what the trend has."""
    for bounds, thing in _things().items():
        where = {
            thing.row: RawSQL(f"{bounds}.thing", []),
            f"{thing.place}__gte": RawSQL(f"{bounds}.first_place", []),
        }
        yield _links(thing, where).extra(tables=[bounds])


def _links_of_others() -> Iterator[QuerySet[Any, Any]]:
    """Yield querysets of (kind, key, other trend) for all that the trends in `others` have."""
    for thing in _things().values():
        others = RawSQL("SELECT other FROM others", [])
        yield _links(thing, {f"{thing.trend}__in": others, f"{thing.row}__isnull": False})


def _links(thing: _Thing, where: dict[str, Any]) -> QuerySet[Any, Any]:
    columns = {"link_kind": Value(thing.kind), "thing": F(thing.row), "other": F(thing.trend)}
    return union_arm(thing.links, where, **columns)


def _named_links() -> Iterator[QuerySet[Any, Any]]:
    """Yield querysets of (kind, other trend) for the trends that editors named."""
    retired = {"from_trend__retired__lte": parameter("today")}
    for kind, table, trend, other, where in (
        ("chosen", Trend.related.through, "from_trend", "to_trend", {}),
        ("successor", Trend.successors.through, "from_trend", "to_trend", {}),
        ("predecessor", Trend.successors.through, "to_trend", "from_trend", retired),
    ):
        yield union_arm(
            table,
            {trend: parameter("trend"), **where},
            link_kind=Value(kind),
            other=F(other),
        )


def related_experts(expert: Expert, quoting: Collection[int]) -> list[Neighbour[Expert]]:
    """Return the experts who are quoted on the most trends together with one. One query.

    `quoting` are the keys of the published trends on its page.
    """
    experts = (
        Expert.objects.exclude(pk=expert.pk)
        .filter(mentions__trend_mentions__trend__in=quoting)
        .annotate(in_common=Count("mentions__trend_mentions__trend", distinct=True))
        .order_by("-in_common", "slug")[:MOST_OTHERS]
    )
    return [Neighbour(found, found.in_common) for found in experts]


def related_sources(source: Source, citing: Iterable[int]) -> list[Neighbour[Source]]:
    """Return the sources that are cited on the most trends together with one. Two queries.

    `citing` are the keys of published trends that cite it, of which the `MOST_COMPARED` that were
    added last are compared.
    """
    latest = sorted(citing, reverse=True)[:MOST_COMPARED]
    pairs = citing_pairs(latest)
    counts = Counter((pk, key) for _trend, pk, key in pairs if pk != source.pk)
    closest = sorted(counts, key=lambda other: (-counts[other], other[1]))[:MOST_OTHERS]
    rows = Source.objects.in_bulk([pk for pk, _key in closest])
    return [Neighbour(rows[pk], counts[pk, key]) for pk, key in closest]


def related_videos(video: Video, today: datetime.date) -> list[RelatedVideo]:
    """Return the videos that share the most speakers and trends with one. Three queries.

    Only mentions on published trends count, and of many of this video the `MOST_COMPARED` that were
    added last.
    """
    latest = Mention.objects.filter(video=video).order_by("-pk").values("pk")[:MOST_COMPARED]
    on_published = TrendMention.objects.filter(trend__published__lte=today).order_by()
    shown = set(on_published.filter(mention__in=latest).values_list("mention__expert", "trend"))
    with_videos = on_published.filter(mention__video__isnull=False).exclude(mention__video=video)
    key = ("mention__video__platform", "mention__video__video_id", "mention__video")
    pairs = union(
        with_videos.filter(**{f"{lookup}__in": sorted(pks)})
        .annotate(link_kind=Value(kind), thing=F(lookup))
        .values_list("link_kind", "thing", *key)
        for kind, lookup, pks in (
            ("speaker", "mention__expert", {speaker for speaker, _trend in shown}),
            ("trend", "trend", {trend for _speaker, trend in shown}),
        )
    )
    counts: dict[tuple[str, str, int], Counter[str]] = defaultdict(Counter)
    for kind, _thing, *other in pairs if shown else []:
        counts[tuple(other)][kind] += 1
    closest = sorted(counts, key=lambda other: (-counts[other].total(), other))[:MOST_OTHERS]
    rows = Video.objects.in_bulk([pk for *_key, pk in closest])
    return [
        RelatedVideo(rows[other[2]], counts[other]["speaker"], counts[other]["trend"])
        for other in closest
    ]


def related_tags(tag: Tag) -> list[Neighbour[Tag]]:
    """Return the tags that are on the most trends together with one. At most two queries."""
    counts = most_counted("tag", TAGGED.format(tag.pk), [], MOST_OTHERS)
    rows = Tag.objects.in_bulk(list(counts), field_name="slug") if counts else {}
    return [Neighbour(rows[slug], number) for slug, number in counts.items() if slug in rows]
