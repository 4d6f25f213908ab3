"""Fetching the rows of one trend for its page."""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from quotes.models import TaggedMention
from trends.models import (
    Assessment,
    Driver,
    Falsifier,
    Implication,
    TaggedTrend,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trends.queries.compiled import CompiledRows, keep, listed, parameter
from trendsite.shared.partial_dates import PartialDate

_tags = CompiledRows(
    lambda: TaggedTrend.objects.filter(content_object=parameter("trend")).select_related("tag")
)
_tags_of_trends = CompiledRows(
    lambda: TaggedTrend.objects.filter(content_object__in=listed("trends")).select_related("tag")
)
_drivers = CompiledRows(lambda: Driver.objects.filter(trend=parameter("trend")))
_links = CompiledRows(
    lambda: TrendMention.objects.filter(trend=parameter("trend")).select_related(
        "mention__expert", "mention__video", "mention__source"
    )
)
_tags_of_mentions = CompiledRows(
    lambda: TaggedMention.objects.filter(
        content_object__trend_mentions__trend=parameter("trend")
    ).select_related("tag")
)
_implications = CompiledRows(
    lambda: Implication.objects.filter(trend=parameter("trend")).select_related("audience")
)
_timeline = CompiledRows(
    lambda: TimelineEntry.objects.filter(trend=parameter("trend")).select_related(
        "source", "expert", "quotation"
    )
)
_assessments = CompiledRows(
    lambda: Assessment.objects.known(parameter("today")).filter(trend=parameter("trend"))
)
_falsifiers = CompiledRows(lambda: Falsifier.objects.filter(trend=parameter("trend")))


@dataclass(frozen=True)
class TrendParts:
    """The rows that belong to a trend, in the order of its page."""

    drivers: list[Driver]
    mentions: list[TrendMention]
    """With mention, expert, video, source, and the tags of the mention."""
    implications: list[Implication]
    timeline: list[TimelineEntry]
    assessments: list[Assessment]
    """The newest first, without those that are dated later."""
    falsifiers: list[Falsifier]


def fetch_parts(trend: Trend, today: datetime.date) -> TrendParts:
    """Return the rows of a trend that readers see on a day, and set its tags. Eight queries.

    Citations and linked trends are not included: see `citations.cited_sources()` and
    `related.linked_trends()`.
    """
    until = PartialDate.from_date(today).to_column()
    keep(trend, "tagged", _tags.fetch(trend=trend.pk))
    links = _links.fetch(trend=trend.pk)
    tagged = defaultdict(list)
    for tag in _tags_of_mentions.fetch(trend=trend.pk):
        tagged[tag.content_object_id].append(tag)
    for link in links:
        keep(link.mention, "tagged", tagged[link.mention_id])
    return TrendParts(
        drivers=_drivers.fetch(trend=trend.pk),
        mentions=links,
        implications=_implications.fetch(trend=trend.pk),
        timeline=_timeline.fetch(trend=trend.pk),
        assessments=_assessments.fetch(trend=trend.pk, today=until),
        falsifiers=_falsifiers.fetch(trend=trend.pk),
    )


def keep_tags(trends: Collection[Trend]) -> None:
    """Fetch the tags of trends, for `Trend.tag_rows`. One query."""
    tagged = defaultdict(list)
    for tag in _tags_of_trends.fetch(trends={trend.pk for trend in trends}):
        tagged[tag.content_object_id].append(tag)
    for trend in trends:
        keep(trend, "tagged", tagged[trend.pk])
