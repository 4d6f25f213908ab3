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
    parameter,
    union,
    union_arm,
)
from trends.queries.kept_lists.counts import TAGGED, KeptCounts
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


def linked_trends(trend: Trend, today: datetime.date) -> Linked:
    """Return the trends, published on a day, to which the page of a trend links. One query.

    `related` has the trends that editors chose, by slug, then those in force that share the most
    with it. Where a tag, expert or source has more than `MOST_LINKS` links, these are found among
    the trends of the links added last; what is said of them counts all links. `predecessors` are
    the retired trends that it succeeds.
    """
    linked = Linked([], [], [])
    tags = {str(tag.pk): tag for tag in trend.tag_rows}
    sql, params = _linked.bind(trend=trend.pk, today=today)
    for other in Trend.objects.raw(sql, params):
        links = {kind: getattr(other, f"{kind}_links") for kind in (*_SHARED, *_NAMED)}
        is_named = vars(other)["is_named"]
        shared_tags = (vars(other)["tag_keys"] or "").split(",")
        if links["chosen"] or not is_named:
            linked.related.append(
                Related(
                    other,
                    bool(links["chosen"]),
                    [tag for pk, tag in tags.items() if pk in shared_tags],
                    links["expert"],
                    links["source"],
                )
            )
        if links["successor"] and is_named:
            linked.successors.append(other)
        if links["predecessor"] and is_named:
            linked.predecessors.append(other)
    return linked


_SHARED = ("tag", "expert", "source")
"""The kinds of rows that two trends may have in common."""
_NAMED = ("chosen", "successor", "predecessor")
"""The relations between two trends that an editor may have set."""


@CompiledQuery
def _linked() -> SQL:
    """Select the trends that a trend names, and those that share the most with it.

    Rows with `is_named` are chosen trends, successors and predecessors, by slug. A successor or
    predecessor may be among the other rows as well. `tag_links` and so on are the numbers of shared
    rows of each kind, which the database counts, since thousands of trends may share a tag.
    `tag_keys` are the primary keys of shared tags, separated by commas.
    """
    own, own_params = union(_own_things()).query.sql_with_params()
    bounds, bounds_params = _bounds()
    recent, recent_params = union(_recent_links()).query.sql_with_params()
    named, named_params = union(_named_links()).query.sql_with_params()
    shares, shares_params = _has_in_common()
    today: Any = parameter("today")  # an expression in place of a date
    readable, readable_params = _keys(Trend.objects.published(today))
    in_force, in_force_params = _keys(Trend.objects.in_force(today))
    counts = ", ".join(
        f"SUM(CASE WHEN link_kind = '{kind}' THEN 1 ELSE 0 END) AS {kind}_links"
        for kind in (*_SHARED, *_NAMED)
    )
    tag = "CASE WHEN link_kind = 'tag' THEN CAST(thing AS text) END"
    joined = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    counts += f", {joined}({tag}, ',') AS tag_keys"
    shown = ", ".join(f"trend.{column}" for column in ("id", *_SHOWN))
    numbers = ", ".join((*(f"{kind}_links" for kind in (*_SHARED, *_NAMED)), "tag_keys"))
    shared, is_named = (
        " + ".join(f"{kind}_links" for kind in kinds) for kinds in (_SHARED, _NAMED)
    )
    # The collation that sorts slugs in the same way on both databases.
    by_slug = 'slug COLLATE "C"' if connection.vendor == "postgresql" else "slug COLLATE BINARY"
    sql = f"""
        WITH own AS MATERIALIZED ({own}),
        bounds AS MATERIALIZED ({bounds}),
        named_links AS MATERIALIZED ({named}),
        closest AS MATERIALIZED (
            SELECT other FROM (
                SELECT other, COUNT(*) AS in_common FROM ({recent}) AS recent GROUP BY other
            ) AS candidates
            CROSS JOIN trends_trend AS trend -- in this order on SQLite
            WHERE trend.id = other AND EXISTS ({in_force})
            AND other NOT IN (SELECT other FROM named_links WHERE link_kind = 'chosen')
            ORDER BY in_common DESC, {by_slug} LIMIT {MOST_TRENDS}
        ),
        others AS MATERIALIZED (
            SELECT other FROM closest UNION SELECT other FROM named_links
            WHERE EXISTS ({readable})
        ),
        counted AS (
            SELECT other, {counts} FROM (
                SELECT link_kind, thing, other FROM named_links
                WHERE other IN (SELECT other FROM others)
                UNION ALL
                SELECT link_kind, thing, other FROM others CROSS JOIN own WHERE {shares}
            ) AS links GROUP BY other
        )
        SELECT * FROM (
            SELECT {shown}, {numbers}, 1 AS is_named
            FROM counted JOIN trends_trend AS trend ON trend.id = other
            WHERE {is_named} > 0
            UNION ALL
            SELECT {shown}, {numbers}, 0 AS is_named
            FROM counted JOIN trends_trend AS trend ON trend.id = other
            WHERE other IN (SELECT other FROM closest)
        ) AS linked
        ORDER BY is_named DESC, CASE WHEN is_named = 1 THEN 0 ELSE -({shared}) END, {by_slug}
    """
    return sql, [
        *own_params,
        *bounds_params,
        *named_params,
        *recent_params,
        *in_force_params,
        *readable_params,
        *shares_params,
    ]


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
        of_row = table._default_manager.filter(**{row: RawSQL("own.thing", [])})
        return of_row.order_by(f"-{place}").values(place)


def _things() -> list[_Thing]:
    """Return the tables for all that trends share."""
    tag, expert = VOCABULARIES["tag"], VOCABULARIES["expert"]
    return [
        _Thing("tag", tag.links, tag.trend, tag.row, tag.trend),
        _Thing("expert", expert.links, expert.trend, expert.row, "mention"),
        *(
            _Thing("source", citing.links, citing.trend, citing.source, "mention")
            if citing.source == "mention__source"
            else _Thing("source", citing.links, citing.trend, citing.source, "pk")
            for citing in CITING.values()
        ),
    ]


def _own_things() -> Iterator[QuerySet[Any, Any]]:
    """Yield querysets of (kind, key) for the tags, experts and sources of the trend."""
    for thing in _things():
        yield union_arm(
            thing.links,
            {thing.trend: parameter("trend"), f"{thing.row}__isnull": False},
            link_kind=Value(thing.kind),
            thing=F(thing.row),
        )


def _bounds() -> SQL:
    """Select (table, key, first place) for what the trend has, to find the `MOST_LINKS` last."""
    arms, params = [], []
    for number, thing in enumerate(_things()):
        first, first_params = thing.places[MOST_LINKS - 1 : MOST_LINKS].query.sql_with_params()
        arms.append(
            f"SELECT {number} AS number, thing, COALESCE(({first}), 0) AS first_place "
            "FROM own WHERE link_kind = %s"
        )
        params += [*first_params, thing.kind]
    return " UNION ALL ".join(arms), params


def _recent_links() -> Iterator[QuerySet[Any, Any]]:
    """Yield querysets of (kind, key, other trend) for the last links to what the trend has."""
    for number, thing in enumerate(_things()):
        where = {
            thing.row: RawSQL("bounds.thing", []),
            f"{thing.place}__gte": RawSQL("bounds.first_place", []),
        }
        links = union_arm(
            thing.links,
            where,
            link_kind=Value(thing.kind),
            thing=F(thing.row),
            other=F(thing.trend),
        )
        yield links.extra(tables=["bounds"], where=["bounds.number = %s"], params=[number])


def _has_in_common() -> SQL:
    """Test whether the trend `others.other` of the query around has the row `own` of the same kind.

    SQLite plans a common table anew wherever a query names it. With a subquery of `others` for each
    kind of link, that took four times the memory and time.
    """
    tests, params = [], []
    for thing in _things():
        links = thing.links._default_manager.filter(**{thing.trend: RawSQL("others.other", [])})
        sql, more = links.order_by().values(thing.row).query.sql_with_params()
        tests.append(f"(own.link_kind = %s AND own.thing IN ({sql}))")
        params += [thing.kind, *more]
    return " OR ".join(tests), params


def _named_links() -> Iterator[QuerySet[Any, Any]]:
    """Yield querysets of (kind, other trend, other trend) for the trends that editors named."""
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
            thing=F(other),
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
    counts = KeptCounts.most("tag", TAGGED.format(tag.pk), [], MOST_OTHERS)
    rows = Tag.objects.in_bulk(list(counts), field_name="slug") if counts else {}
    return [Neighbour(rows[slug], number) for slug, number in counts.items()]
