"""What else to read: what has something in common with a trend, tag, expert, source or video."""

import datetime
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.query import RawQuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from quotes.models import Expert, Source, Video
from trends.models import (
    Assessment,
    Driver,
    Implication,
    Reading,
    TaggedTrend,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trends.queries.citations import citing_pairs, trends_citing
from trendsite.shared.models import Tag
from trendsite.shared.translated import columns

MOST_TRENDS = 5
"""How many trends are named beside those that an editor chose."""
MOST_OTHERS = 12

_SHOWN = ["slug", "status", "confidence", "retired", *columns("title")]


@dataclass
class Related:
    """Another trend, and why it is named: an editor chose it, or what the two share."""

    trend: Trend
    chosen: bool = False
    shared: Counter = field(default_factory=Counter)

    @property
    def reason(self) -> str:
        """`3 tags, 1 expert in common`; empty where there is nothing."""
        tags, experts, sources = (self.shared[kind] for kind in ("tag", "expert", "source"))
        return _in_common(
            tags and ngettext("%(count)d tag", "%(count)d tags", tags) % {"count": tags},
            experts
            and ngettext("%(count)d expert", "%(count)d experts", experts) % {"count": experts},
            sources
            and ngettext("%(count)d source", "%(count)d sources", sources) % {"count": sources},
        )


def _in_common(*things: str | int) -> str:
    """`3 tags, 1 expert in common`, without what there is none of."""
    comma = pgettext("between items of a list", ", ")
    listed = comma.join(str(thing) for thing in things if thing)
    return listed and _("%(things)s in common") % {"things": listed}


@dataclass(frozen=True)
class Linked:
    """The trends to which the page of one links; of each what a link shows."""

    related: list[Related]
    successors: list[Trend]
    predecessors: list[Trend]


def linked_trends(
    trend: Trend,
    *,
    experts: Collection[int],
    sources: Collection[int],
    today: datetime.date,
) -> Linked:
    """What a page links to of the trends that readers see on a day, by slug where not ranked.

    Related are the chosen trends, then those in force that share the most; predecessors are
    those that are retired. `experts` and `sources` are the primary keys of those on the trend's
    page. One query, whatever there is in common.
    """
    wanted = {"tag": [tag.pk for tag in trend.tag_rows], "expert": experts, "source": sources}
    found: dict[int, Related] = {}
    after: dict[str, list[Trend]] = {"successor": [], "predecessor": []}
    for other in _linked(trend, wanted, today):
        for kind, trends in after.items():
            if other.is_named and getattr(other, f"{kind}_links"):
                trends.append(other)
        if other.chosen_links or not other.is_named:
            shared = Counter({kind: getattr(other, f"{kind}_links") for kind in wanted})
            found[other.pk] = Related(other, bool(other.chosen_links), shared)
    return Linked(list(found.values()), after["successor"], after["predecessor"])


_KINDS = ("tag", "expert", "source", "chosen", "successor", "predecessor")


def _linked(
    trend: Trend, wanted: Mapping[str, Collection[int]], today: datetime.date
) -> RawQuerySet:
    """The trends that are named on the page of one, and those that share the most with it.

    The first are the chosen trends, successors and predecessors, by slug; one that is named
    without being chosen may stand among the others as well. Each has `is_named`, and the number
    of its links of each kind, as `tag_links`. They are counted in the database: a common tag is
    shared by thousands.
    """
    links, params = _links(trend, wanted, today).query.sql_with_params()
    readable, readable_params = _keys(Trend.objects.published(today).exclude(pk=trend.pk))
    in_force, in_force_params = _keys(Trend.objects.in_force(today))
    counts = ", ".join(
        f"SUM(CASE WHEN shared_kind = '{kind}' THEN 1 ELSE 0 END) AS {kind}_links"
        for kind in _KINDS
    )
    shown = ", ".join(f"trend.{column}" for column in ("id", *_SHOWN))
    numbers = ", ".join(f"{kind}_links" for kind in _KINDS)
    things = "tag_links + expert_links + source_links"
    # The databases know several orders of letters and hyphens; this one they have in common.
    by_slug = 'slug COLLATE "C"' if connection.vendor == "postgresql" else "slug COLLATE BINARY"
    sql = f"""
        WITH counted AS (
            SELECT sharing, {counts} FROM ({links}) AS links
            WHERE sharing IN ({readable}) GROUP BY sharing
        ),
        named AS (
            SELECT {shown}, {numbers}, 1 AS is_named
            FROM counted JOIN trends_trend AS trend ON trend.id = sharing
            WHERE chosen_links + successor_links + predecessor_links > 0
        ),
        closest AS (
            SELECT {shown}, {numbers}, 0 AS is_named
            FROM counted JOIN trends_trend AS trend ON trend.id = sharing
            WHERE chosen_links = 0 AND {things} > 0 AND sharing IN ({in_force})
            ORDER BY {things} DESC, {by_slug} LIMIT %s
        )
        SELECT * FROM (SELECT * FROM named UNION ALL SELECT * FROM closest) AS linked
        ORDER BY is_named DESC, CASE WHEN is_named = 1 THEN 0 ELSE -({things}) END,
            {by_slug}
    """
    return Trend.objects.raw(sql, [*params, *readable_params, *in_force_params, MOST_TRENDS])


def _keys(trends: QuerySet) -> tuple[str, tuple]:
    return trends.order_by().values("pk").query.sql_with_params()


def _links(trend: Trend, wanted: Mapping[str, Collection[int]], today: datetime.date) -> QuerySet:
    """(kind, thing, trend) for each thing in common, once, as one UNION.

    What an editor chose is a kind as well, and the other trend the thing.
    """
    successors = Trend.successors.through
    retired = successors.objects.filter(from_trend__retired__lte=today)
    arms = [
        ("tag", TaggedTrend, "content_object", "tag"),
        ("expert", TrendMention, "trend", "mention__expert"),
        ("source", Trend.shift_sources.through, "trend", "source"),
        ("source", Driver.sources.through, "driver__trend", "source"),
        ("source", Implication.sources.through, "implication__trend", "source"),
        ("source", Assessment.sources.through, "assessment__trend", "source"),
        ("source", TimelineEntry, "trend", "source"),
        ("source", TrendMention, "trend", "mention__source"),
        ("source", Reading, "trend", "source"),
    ]
    parts = [
        _columns(kind, rows.filter(**{thing: trend}), other, other)
        for kind, rows, other, thing in (
            ("chosen", Trend.related.through.objects, "to_trend", "from_trend"),
            ("successor", successors.objects, "to_trend", "from_trend"),
            ("predecessor", retired, "from_trend", "to_trend"),
        )
    ]
    for kind, model, other, thing in arms:
        rows = model.objects.all()
        if hasattr(rows, "rewrite"):
            # modeltranslation's own querysets mix up the columns of a union.
            rows = rows.rewrite(False)
        parts.append(_columns(kind, rows.filter(**{f"{thing}__in": wanted[kind]}), other, thing))
    return parts[0].union(*parts[1:])


def _columns(kind: str, rows: QuerySet, other: str, thing: str) -> QuerySet:
    return (
        rows.order_by()
        .annotate(shared_kind=Value(kind), shared=F(thing), sharing=F(other))
        .values_list("shared_kind", "shared", "sharing")
    )


def related_experts(expert: Expert, today: datetime.date) -> QuerySet:
    """The experts quoted on the most of the trends that quote one, each with `in_common`."""
    trends = trends_quoting(expert, today)
    return (
        Expert.objects.exclude(pk=expert.pk)
        .filter(mentions__trend_mentions__trend__in=trends.values("pk"))
        .annotate(in_common=Count("mentions__trend_mentions__trend", distinct=True))
        .order_by("-in_common", "slug")[:MOST_OTHERS]
    )


def trends_quoting(what: Expert | Video, today: datetime.date) -> QuerySet:
    """The published trends that quote an expert or a video, those in force first."""
    name = "expert" if isinstance(what, Expert) else "video"
    quoting = TrendMention.objects.filter(**{f"mention__{name}": what}).values("trend")
    return Trend.objects.published(today).filter(pk__in=quoting).in_force_first(today)


def related_sources(source: Source, today: datetime.date) -> list[Source]:
    """The sources cited on the most of the trends that cite one, each with `in_common`.

    Two queries.
    """
    citing = Trend.objects.published(today).filter(pk__in=trends_citing(source))
    pairs = citing_pairs(citing.values("pk"))
    counts = Counter((pk, key) for _trend, pk, key in pairs if pk != source.pk)
    closest = sorted(counts, key=lambda other: (-counts[other], other[1]))[:MOST_OTHERS]
    rows = {row.pk: row for row in Source.objects.filter(pk__in=[pk for pk, _key in closest])}
    for pk, key in closest:
        rows[pk].in_common = counts[pk, key]
    return [rows[pk] for pk, _key in closest]


def related_videos(video: Video, today: datetime.date) -> list[Video]:
    """The videos that share the most speakers and trends with one, each with its `reason`.

    Only what is quoted on published trends counts. One query.
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
    for other in others:
        other.reason = _in_common(
            other.speakers
            and ngettext("%(count)d speaker", "%(count)d speakers", other.speakers)
            % {"count": other.speakers},
            other.trends
            and ngettext("%(count)d trend", "%(count)d trends", other.trends)
            % {"count": other.trends},
        )
    return list(others)


def related_tags(tag: Tag, today: datetime.date) -> QuerySet:
    """The tags that stand on the most of the trends that have one, each with `in_common`."""
    tagged = TaggedTrend.objects.filter(tag=tag).values("content_object")
    trends = Trend.objects.published(today).filter(pk__in=tagged)
    return (
        Tag.objects.exclude(pk=tag.pk)
        .filter(tagged_trends__content_object__in=trends.values("pk"))
        .annotate(in_common=Count("tagged_trends__content_object", distinct=True))
        .order_by("-in_common", "slug")[:MOST_OTHERS]
    )
