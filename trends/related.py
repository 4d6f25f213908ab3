"""What else to read: trends, tags and experts that have something in common with one at hand."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from quotes.models import Expert
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

_SHOWN = ["slug", "status", "confidence", *columns("title")]


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
        things = [
            tags and ngettext("%(count)d tag", "%(count)d tags", tags) % {"count": tags},
            experts
            and ngettext("%(count)d expert", "%(count)d experts", experts) % {"count": experts},
            sources
            and ngettext("%(count)d source", "%(count)d sources", sources) % {"count": sources},
        ]
        comma = pgettext("between items of a list", ", ")
        listed = comma.join(thing for thing in things if thing)
        return listed and _("%(things)s in common") % {"things": listed}


def related_trends(
    trend: Trend,
    chosen: Iterable[Trend],
    *,
    experts: Collection[int],
    sources: Collection[int],
    today: datetime.date,
) -> list[Related]:
    """The chosen trends in their order, then those published on a day that share the most.

    `experts` and `sources` are the primary keys of those on the trend's page. One query,
    whatever there is in common; of a trend that is not chosen it brings what a link shows.
    """
    found = {other.pk: Related(other, chosen=True) for other in chosen}
    tags = [tag.pk for tag in trend.tag_rows]
    for kind, _thing, pk, *shown in _shared(trend, tags, experts, sources, today):
        if pk not in found:
            found[pk] = Related(Trend(pk=pk, **dict(zip(_SHOWN, shown, strict=True))))
        found[pk].shared[kind] += 1
    first = [related for related in found.values() if related.chosen]
    others = sorted(
        (related for related in found.values() if not related.chosen),
        key=lambda related: (-related.shared.total(), related.trend.slug),
    )
    return first + others[:MOST_TRENDS]


def _shared(
    trend: Trend,
    tags: Collection[int],
    experts: Collection[int],
    sources: Collection[int],
    today: datetime.date,
) -> QuerySet:
    """(kind, thing, trend, what a link shows) for each thing in common, once, as one UNION."""
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
    parts = []
    for kind, model, other, thing, wanted in arms:
        rows = model.objects.all()
        if hasattr(rows, "rewrite"):
            # modeltranslation's own querysets mix up the columns of a union.
            rows = rows.rewrite(False)
        parts.append(
            rows.filter(**{f"{thing}__in": wanted, f"{other}__published__lte": today})
            .exclude(**{other: trend})
            .order_by()
            .annotate(shared_kind=Value(kind), shared=F(thing), sharing=F(other))
            .values_list(
                "shared_kind", "shared", "sharing", *(f"{other}__{name}" for name in _SHOWN)
            )
        )
    return parts[0].union(*parts[1:])


def related_experts(expert: Expert, today: datetime.date) -> QuerySet:
    """The experts quoted on the most of the trends that quote one, each with `in_common`."""
    trends = trends_quoting(expert, today)
    return (
        Expert.objects.exclude(pk=expert.pk)
        .filter(mentions__trend_mentions__trend__in=trends.values("pk"))
        .annotate(in_common=Count("mentions__trend_mentions__trend", distinct=True))
        .order_by("-in_common", "slug")[:MOST_OTHERS]
    )


def trends_quoting(expert: Expert, today: datetime.date) -> QuerySet:
    """The published trends that quote an expert, the latest published first."""
    quoting = TrendMention.objects.filter(mention__expert=expert).values("trend")
    return Trend.objects.published(today).filter(pk__in=quoting).latest_first()


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
