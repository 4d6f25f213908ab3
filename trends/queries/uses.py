"""Where a source is used: by which trends, and where on each."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quotes.models import Source
from trends.models import (
    Assessment,
    Driver,
    Implication,
    Reading,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trends.queries.citations import trends_citing
from trendsite.shared.partial_dates import PartialDate


@dataclass(frozen=True)
class Use:
    """A place on a trend's page: its anchor, the heading of its part, and what stands there.

    That is the text `field` of `row`, or the date of an assessment; the shift and the reading
    are one place each.
    """

    anchor: str
    part: str
    row: models.Model | None = None
    field: str = ""
    date: PartialDate | None = None


def trends_using(source: Source, today: datetime.date) -> QuerySet:
    """The published trends that cite a source or list it, those in force first."""
    citing = Trend.objects.published(today).filter(pk__in=trends_citing(source))
    return citing.in_force_first(today)


def uses_of(source: Source, trends: Iterable[Trend]) -> dict[Trend, list[Use]]:
    """Where each of the trends uses a source, in the order of their pages. Seven queries."""
    trends = list(trends)
    found: dict[int, list[Use]] = defaultdict(list)
    for link in Trend.shift_sources.through.objects.filter(trend__in=trends, source=source):
        found[link.trend_id].append(Use("shift", _("The shift")))
    on_these = {"trend__in": [trend.pk for trend in trends]}
    cited = [
        (_("Key drivers"), Driver, "heading"),
        (_("Implications"), Implication, "lead"),
        (_("Timeline"), TimelineEntry, "text"),
    ]
    for part, model, field in cited:
        name = "source" if model is TimelineEntry else "sources"
        for row in model.objects.filter(**on_these, **{name: source}):
            found[row.trend_id].append(Use(row.anchor, part, row, field))
    for row in Assessment.objects.filter(**on_these, sources=source):
        place = Use(row.anchor, _("How the judgement moved"), date=row.date)
        found[row.trend_id].append(place)
    links = TrendMention.objects.filter(**on_these, mention__source=source)
    for link in links.select_related("mention__expert"):
        found[link.trend_id].append(
            Use(link.mention.anchor, _("Expert mentions"), link.mention.expert, "name")
        )
    for link in Reading.objects.filter(**on_these, source=source):
        found[link.trend_id].append(Use("reading", _("Related reading")))
    return {trend: found[trend.pk] for trend in trends}
