"""The models whose rows belong to one trend."""

from django.db.models import Model

from trends.models.assessments import Assessment
from trends.models.audiences import Implication
from trends.models.drivers import Driver
from trends.models.falsifiers import Falsifier
from trends.models.links import Reading, TaggedTrend, TrendMention
from trends.models.timeline_entries import TimelineEntry

PARTS: dict[type[Model], str] = {
    TaggedTrend: "content_object",
    Driver: "trend",
    TrendMention: "trend",
    Implication: "trend",
    TimelineEntry: "trend",
    Assessment: "trend",
    Falsifier: "trend",
    Reading: "trend",
}
"""The models of the rows that belong to one trend, each with its foreign key to the trend."""
