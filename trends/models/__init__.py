"""Trends and their parts: drivers, implications, timeline, assessments, mentions, reading.

A foreign key to a trend names it as a string (`"trends.Trend"`), so that modules of parts do not
import that of the trend. The models of the search index are imported since Django finds models in
this package only.
"""

from trends.models.assessments import Assessment, AssessmentQuerySet
from trends.models.audiences import Audience, Implication
from trends.models.drivers import Driver
from trends.models.falsifiers import Falsifier
from trends.models.kept_lists import (
    KEPT_LISTS,
    ListCount,
    ListedChange,
    ListedForecast,
    ListedMention,
    ListedTrend,
    UnlistedChange,
)
from trends.models.links import Reading, TaggedTrend, TrendMention
from trends.models.load_steps import LoadStep
from trends.models.marked_texts import (
    MARKED_TEXTS,
    MarkedText,
    marks_shown,
    translated_unmarked,
    typed_marks,
    typed_pictures,
    unmarked,
)
from trends.models.pending_imports import PendingImport
from trends.models.preparations import Preparation
from trends.models.timeline_entries import TimelineEntry
from trends.models.trend_parts import PARTS
from trends.models.trend_queryset import TrendQuerySet
from trends.models.trends import Trend
from trends.models.vocabulary import VOCABULARIES, Vocabulary
from trends.search.models import SearchDocument, SearchWord, TrendWords

__all__ = [
    "KEPT_LISTS",
    "MARKED_TEXTS",
    "PARTS",
    "VOCABULARIES",
    "Assessment",
    "AssessmentQuerySet",
    "Audience",
    "Driver",
    "Falsifier",
    "Implication",
    "ListCount",
    "ListedChange",
    "ListedForecast",
    "ListedMention",
    "ListedTrend",
    "LoadStep",
    "MarkedText",
    "PendingImport",
    "Preparation",
    "Reading",
    "SearchDocument",
    "SearchWord",
    "TaggedTrend",
    "TimelineEntry",
    "Trend",
    "TrendMention",
    "TrendQuerySet",
    "TrendWords",
    "UnlistedChange",
    "Vocabulary",
    "marks_shown",
    "translated_unmarked",
    "typed_marks",
    "typed_pictures",
    "unmarked",
]
