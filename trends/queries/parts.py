"""The rows that hang on one trend, as its page shows them."""

import datetime
from collections import defaultdict
from typing import Any

from django.db.models import Model

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
from trends.queries.compiled import CompiledRows, parameter
from trendsite.shared.partial_dates import PartialDate

# Any: rows of many models.
_PARTS: dict[str, CompiledRows[Any]] = {
    "tagged": CompiledRows(
        lambda: TaggedTrend.objects.filter(content_object=parameter("trend")).select_related("tag")
    ),
    "drivers": CompiledRows(lambda: Driver.objects.filter(trend=parameter("trend"))),
    "trend_mentions": CompiledRows(
        lambda: TrendMention.objects.filter(trend=parameter("trend")).select_related(
            "mention__expert", "mention__video", "mention__source"
        )
    ),
    "implications": CompiledRows(
        lambda: Implication.objects.filter(trend=parameter("trend")).select_related("audience")
    ),
    "timeline": CompiledRows(
        lambda: TimelineEntry.objects.filter(trend=parameter("trend")).select_related(
            "source", "expert", "quotation"
        )
    ),
    "assessments": CompiledRows(
        lambda: Assessment.objects.known(parameter("today")).filter(trend=parameter("trend"))
    ),
    "falsifiers": CompiledRows(lambda: Falsifier.objects.filter(trend=parameter("trend"))),
}
"""By the name of the relation of `Trend`."""

_tags_of_mentions = CompiledRows(
    lambda: TaggedMention.objects.filter(
        content_object__trend_mentions__trend=parameter("trend")
    ).select_related("tag")
)


def fetch_parts(trend: Trend, today: datetime.date) -> None:
    """Fetch all that hangs on a trend on a day, as `prefetch_related()` does. Eight queries.

    That is but its citations and the trends to which it links: see `citations.cited_sources()`
    and `related.linked_trends()`.
    """
    values = {"trend": trend.pk, "today": PartialDate.from_date(today).to_column()}
    for name, query in _PARTS.items():
        rows = query.fetch(**values)
        for row in rows:
            if name != "tagged":
                row.trend = trend
        _keep(trend, name, rows)
    tags = defaultdict(list)
    for tagged in _tags_of_mentions.fetch(**values):
        tags[tagged.content_object_id].append(tagged)
    for link in trend.trend_mentions.all():
        _keep(link.mention, "tagged", tags[link.mention_id])


def _keep(owner: Model, name: str, rows: list[Any]) -> None:
    """Let `owner.<name>.all()` return these rows without a query."""
    related: Any = getattr(owner, name).all()
    related._result_cache = rows
    related._prefetch_done = True
    vars(owner).setdefault("_prefetched_objects_cache", {})[name] = related
