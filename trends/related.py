"""What else to read: what has something in common with a trend, tag, expert, source or video."""

import datetime
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from operator import attrgetter

from django.db.models import Count, F, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from quotes.models import Expert, Source, Video
from trends.citations import citing_pairs, trends_citing
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
from trendsite.models import Tag
from trendsite.translated import columns

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
    found: dict[int, Related] = {}
    after: dict[str, list[Trend]] = {"successor": [], "predecessor": []}
    tags = [tag.pk for tag in trend.tag_rows]
    for kind, _thing, pk, *shown in _links(trend, tags, experts, sources, today):
        other = Trend(pk=pk, **dict(zip(_SHOWN, shown, strict=True)))
        if kind in after:
            after[kind].append(other)
            continue
        related = found.setdefault(pk, Related(other))
        if kind == "chosen":
            related.chosen = True
        else:
            related.shared[kind] += 1
    ranked = sorted(
        # What is retired is related where an editor says so.
        (one for one in found.values() if one.chosen or not one.trend.is_retired(today)),
        key=lambda one: (not one.chosen, not one.chosen and -one.shared.total(), one.trend.slug),
    )
    chosen = [one for one in ranked if one.chosen]
    return Linked(
        chosen + ranked[len(chosen) : len(chosen) + MOST_TRENDS],
        sorted(after["successor"], key=attrgetter("slug")),
        sorted(after["predecessor"], key=attrgetter("slug")),
    )


def _links(
    trend: Trend,
    tags: Collection[int],
    experts: Collection[int],
    sources: Collection[int],
    today: datetime.date,
) -> QuerySet:
    """(kind, thing, trend, what a link shows) for each thing in common, once, as one UNION.

    What an editor chose is a kind as well, and the other trend the thing.
    """
    successors = Trend.successors.through
    retired = successors.objects.filter(from_trend__retired__lte=today)
    arms = [
        ("tag", TaggedTrend, "content_object", "tag", tags),
        ("expert", TrendMention, "trend", "mention__expert", experts),
        ("source", Trend.shift_sources.through, "trend", "source", sources),
        ("source", Driver.sources.through, "driver__trend", "source", sources),
        ("source", Implication.sources.through, "implication__trend", "source", sources),
        ("source", Assessment.sources.through, "assessment__trend", "source", sources),
        ("source", TimelineEntry, "trend", "source", sources),
        ("source", TrendMention, "trend", "mention__source", sources),
        ("source", Reading, "trend", "source", sources),
    ]
    parts = [
        _columns(kind, rows.filter(**{thing: trend}), other, other, today)
        for kind, rows, other, thing in (
            ("chosen", Trend.related.through.objects, "to_trend", "from_trend"),
            ("successor", successors.objects, "to_trend", "from_trend"),
            ("predecessor", retired, "from_trend", "to_trend"),
        )
    ]
    for kind, model, other, thing, wanted in arms:
        rows = model.objects.all()
        if hasattr(rows, "rewrite"):
            # modeltranslation's own querysets mix up the columns of a union.
            rows = rows.rewrite(False)
        rows = rows.filter(**{f"{thing}__in": wanted}).exclude(**{other: trend})
        parts.append(_columns(kind, rows, other, thing, today))
    return parts[0].union(*parts[1:])


def _columns(kind: str, rows: QuerySet, other: str, thing: str, today: datetime.date) -> QuerySet:
    return (
        rows.filter(**{f"{other}__published__lte": today})
        .order_by()
        .annotate(shared_kind=Value(kind), shared=F(thing), sharing=F(other))
        .values_list("shared_kind", "shared", "sharing", *(f"{other}__{name}" for name in _SHOWN))
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
