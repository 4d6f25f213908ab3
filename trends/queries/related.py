"""Related rows: those that have something in common with a trend, tag, expert, source or video."""

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quotes.models import Expert, Source, Video
from trends.models import VOCABULARIES, TaggedTrend, Trend, TrendMention, TrendQuerySet
from trends.queries.citations import CITING, citing_pairs, trends_citing
from trends.queries.compiled import (
    SQL,
    CompiledQuery,
    CompiledRows,
    parameter,
    union,
    union_arm,
)
from trendsite.shared.models import Tag
from trendsite.shared.text.enumerations import enumerated
from trendsite.shared.translated import columns

Row = TypeVar("Row", bound=models.Model)

MOST_TRENDS = 5
"""The most related trends to list after those that an editor chose."""
MOST_OTHERS = 12
"""The most related experts, tags, sources or videos to list."""

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
    with it. `predecessors` are the retired trends that it succeeds.
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
    links, links_params = union([*_named_links(), *_shared_links()]).query.sql_with_params()
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
    shared, named = (" + ".join(f"{kind}_links" for kind in kinds) for kinds in (_SHARED, _NAMED))
    # The collation that sorts slugs in the same way on both databases.
    by_slug = 'slug COLLATE "C"' if connection.vendor == "postgresql" else "slug COLLATE BINARY"
    sql = f"""
        WITH own AS ({own}),
        counted AS (
            SELECT other, {counts} FROM ({links}) AS links
            WHERE other IN ({readable}) GROUP BY other
        ),
        named AS (
            SELECT {shown}, {numbers}, 1 AS is_named
            FROM counted JOIN trends_trend AS trend ON trend.id = other
            WHERE {named} > 0
        ),
        closest AS (
            SELECT {shown}, {numbers}, 0 AS is_named
            FROM counted JOIN trends_trend AS trend ON trend.id = other
            WHERE chosen_links = 0 AND {shared} > 0 AND other IN ({in_force})
            ORDER BY {shared} DESC, {by_slug} LIMIT {MOST_TRENDS}
        )
        SELECT * FROM (SELECT * FROM named UNION ALL SELECT * FROM closest) AS linked
        ORDER BY is_named DESC, CASE WHEN is_named = 1 THEN 0 ELSE -({shared}) END, {by_slug}
    """
    return sql, [*own_params, *links_params, *readable_params, *in_force_params]


def _keys(trends: TrendQuerySet) -> SQL:
    others = trends.order_by().exclude(pk=parameter("trend"))
    return others.values("pk").query.sql_with_params()


def _things() -> Iterator[tuple[str, type[models.Model], str, str]]:
    """Yield kind, linking model, and its lookups of trend and row, for all that trends share."""
    for name in ("tag", "expert"):
        vocabulary = VOCABULARIES[name]
        yield name, vocabulary.links, vocabulary.trend, vocabulary.row
    for citing in CITING.values():
        yield "source", citing.links, citing.trend, citing.source


def _own_things() -> Iterator[QuerySet[Any, Any]]:
    """Yield querysets of (kind, key) for the tags, experts and sources of the trend."""
    for kind, table, trend, thing in _things():
        yield union_arm(table, {trend: parameter("trend")}, link_kind=Value(kind), thing=F(thing))


def _shared_links() -> Iterator[QuerySet[Any, Any]]:
    """Yield querysets of (kind, key, other trend) for what other trends share with it."""
    for kind, table, trend, thing in _things():
        own = RawSQL("SELECT thing FROM own WHERE link_kind = %s", [kind])
        yield union_arm(
            table, {f"{thing}__in": own}, link_kind=Value(kind), thing=F(thing), other=F(trend)
        )


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


def related_experts(expert: Expert, today: datetime.date) -> list[Neighbour[Expert]]:
    """Return the experts who are quoted on the most trends together with one. One query."""
    trends = trends_quoting(expert, today)
    experts = (
        Expert.objects.exclude(pk=expert.pk)
        .filter(mentions__trend_mentions__trend__in=trends.values("pk"))
        .annotate(in_common=Count("mentions__trend_mentions__trend", distinct=True))
        .order_by("-in_common", "slug")[:MOST_OTHERS]
    )
    return [Neighbour(found, found.in_common) for found in experts]


def trends_quoting(what: Expert | Video, today: datetime.date) -> QuerySet[Trend]:
    """Return the published trends that quote an expert or a video, those in force first."""
    name = "expert" if isinstance(what, Expert) else "video"
    quoting = TrendMention.objects.filter(**{f"mention__{name}": what}).values("trend")
    return Trend.objects.published(today).filter(pk__in=quoting).in_force_first(today)


def related_sources(source: Source, today: datetime.date) -> list[Neighbour[Source]]:
    """Return the sources that are cited on the most trends together with one. Two queries."""
    citing = Trend.objects.published(today).filter(pk__in=trends_citing(source))
    pairs = citing_pairs(citing.values("pk"))
    counts = Counter((pk, key) for _trend, pk, key in pairs if pk != source.pk)
    closest = sorted(counts, key=lambda other: (-counts[other], other[1]))[:MOST_OTHERS]
    rows = Source.objects.in_bulk([pk for pk, _key in closest])
    return [Neighbour(rows[pk], counts[pk, key]) for pk, key in closest]


def related_videos(video: Video, today: datetime.date) -> list[RelatedVideo]:
    """Return the videos that share the most speakers and trends with one. One query.

    Only mentions on published trends count.
    """
    shown = TrendMention.objects.filter(mention__video=video, trend__published__lte=today)
    speakers = Q(mentions__expert__in=shown.values("mention__expert"))
    trends = Q(mentions__trend_mentions__trend__in=shown.values("trend"))
    others = (
        Video.objects.exclude(pk=video.pk)
        .filter(speakers | trends, mentions__trend_mentions__trend__published__lte=today)
        .annotate(
            speakers=Count("mentions__expert", distinct=True, filter=speakers),
            trends=Count("mentions__trend_mentions__trend", distinct=True, filter=trends),
        )
        .order_by(-(F("speakers") + F("trends")), "platform", "video_id")[:MOST_OTHERS]
    )
    return [RelatedVideo(other, other.speakers, other.trends) for other in others]


def related_tags(tag: Tag, today: datetime.date) -> list[Neighbour[Tag]]:
    """Return the tags that are on the most trends together with one. One query."""
    return [Neighbour(found, found.in_common) for found in _tags.fetch(today, tag=tag.pk)]


@CompiledRows
def _tags(today: datetime.date) -> QuerySet[Any]:  # Any: annotated
    tagged = TaggedTrend.objects.filter(tag=parameter("tag")).values("content_object")
    trends = Trend.objects.published(today).filter(pk__in=tagged)
    tags: QuerySet[Any] = (
        Tag.objects.exclude(pk=parameter("tag"))
        .filter(tagged_trends__content_object__in=trends.values("pk"))
        .annotate(in_common=Count("tagged_trends__content_object", distinct=True))
        .order_by("-in_common", "slug")[:MOST_OTHERS]
    )
    return tags
