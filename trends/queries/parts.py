"""Fetching the rows of one trend for its page."""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

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

# Any: rows of each kind.
_parts_of_trends: dict[str, CompiledRows[Any]] = {
    "tagged": CompiledRows(
        lambda: TaggedTrend.objects.filter(content_object__in=listed("trends")).select_related(
            "tag"
        )
    ),
    "drivers": CompiledRows(lambda: Driver.objects.filter(trend__in=listed("trends"))),
    "trend_mentions": CompiledRows(
        lambda: TrendMention.objects.filter(trend__in=listed("trends")).select_related(
            "mention__expert", "mention__video", "mention__source"
        )
    ),
    "implications": CompiledRows(
        lambda: Implication.objects.filter(trend__in=listed("trends")).select_related("audience")
    ),
    "timeline": CompiledRows(
        lambda: TimelineEntry.objects.filter(trend__in=listed("trends")).select_related(
            "source", "expert", "quotation"
        )
    ),
    "assessments": CompiledRows(lambda: Assessment.objects.filter(trend__in=listed("trends"))),
    "falsifiers": CompiledRows(lambda: Falsifier.objects.filter(trend__in=listed("trends"))),
}
"""By the name of the relation from the trend."""

_tags_of_given_mentions = CompiledRows(
    lambda: TaggedMention.objects.filter(content_object__in=listed("mentions")).select_related(
        "tag"
    )
)


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


def keep_parts(trends: Collection[Trend]) -> None:
    """Fetch all rows of trends, and the rows to which these point. Eight queries."""
    for name in _parts_of_trends:
        _keep(trends, name)
    mentions = [link.mention for trend in trends for link in trend.trend_mentions.all()]
    tagged = defaultdict(list)
    for tag in _tags_of_given_mentions.fetch(mentions={mention.pk for mention in mentions}):
        tagged[tag.content_object_id].append(tag)
    for mention in mentions:
        keep(mention, "tagged", tagged[mention.pk])


def keep_tags(trends: Collection[Trend]) -> None:
    """Fetch the tags of trends, for `Trend.tag_rows`. One query."""
    _keep(trends, "tagged")


def _keep(trends: Collection[Trend], name: str) -> None:
    """Fetch the rows of one relation of trends. One query."""
    by_pk = {trend.pk: trend for trend in trends}
    owner = "content_object" if name == "tagged" else "trend"
    rows = defaultdict(list)
    for row in _parts_of_trends[name].fetch(trends=by_pk):
        trend = by_pk[getattr(row, f"{owner}_id")]
        setattr(row, owner, trend)
        rows[trend.pk].append(row)
    for trend in trends:
        keep(trend, name, rows[trend.pk])
