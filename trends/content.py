"""What a page shows, gathered from rows at hand, so that templates only loop."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from django.db import models
from django.utils.translation import gettext as _

from quotes.models import Source
from trends.levels import ForecastState
from trends.models import Audience, Implication, Trend
from trends.pictures.timeline import TimelinePicture, build_timeline_picture
from trends.queries.citations import Citing, cited_sources
from trends.queries.forecasts import count_states_of, state_of
from trends.queries.related import Linked, Related, linked_trends
from trendsite.shared.translated import translated


@dataclass(frozen=True)
class Part:
    """A part of the page, for the list of contents."""

    anchor: str
    heading: str


@dataclass(frozen=True)
class Reference:
    """A place that cites a note; `anchor` is where the note links back to."""

    number: int
    source: Source
    anchor: str


@dataclass
class Note:
    """A numbered source at the foot of the page, with the places that cite it."""

    number: int
    source: Source
    references: list[Reference] = field(default_factory=list)


@dataclass(frozen=True)
class Item:
    """A row on the page with what it cites; of a forecast also its state."""

    row: models.Model
    references: list[Reference]
    state: ForecastState | None = None


class TrendPage:
    """One trend as a page: its parts in order, its notes numbered as a reader meets them.

    Takes a trend of `Trend.objects.for_page()`; asks for its citations, two queries, where
    they are shown for related trends and successors, one more, and for nothing else.
    """

    def __init__(self, trend: Trend, today: datetime.date) -> None:
        self.trend = trend
        self._today = today
        self._cited = cited_sources(trend)
        self._notes: dict[int, Note] = {}
        # Numbers follow the order of the page, so this is the order of its parts.
        self.shift_references = self._cite(("shift", trend.pk)) if self.has_shift else []
        self.drivers = [self._item("driver", row) for row in trend.drivers.all()]
        links = list(trend.trend_mentions.all())
        self.voices = [self._item("mention", link.mention) for link in links if link.voice]
        self.audiences = self._by_audience(trend.implications.all())
        self.timeline = [
            self._item("timeline", row, state_of(row, today)) for row in trend.timeline.all()
        ]
        self.assessments = [self._item("assessment", row) for row in trend.assessments.all()]
        self.mentions = [self._item("mention", link.mention) for link in links]

    @property
    def notes(self) -> list[Note]:
        """The cited sources, by number."""
        return list(self._notes.values())

    @property
    def reading(self) -> list[Source]:
        """Related reading, in the editor's order."""
        return self._cited.get(("reading", self.trend.pk), [])

    @property
    def is_retired(self) -> bool:
        return self.trend.is_retired(self._today)

    @property
    def successors(self) -> list[Trend]:
        """The trends that say now what it said, where it is retired."""
        return self._linked.successors if self.is_retired else []

    @property
    def predecessors(self) -> list[Trend]:
        """The retired trends that it succeeds."""
        return self._linked.predecessors

    @property
    def related_trends(self) -> list[Related]:
        """The chosen trends, then others that share tags, experts or sources with it."""
        return self._linked.related

    @cached_property
    def _linked(self) -> Linked:
        return linked_trends(self.trend, self._today)

    @property
    def reviewed(self) -> object:
        """The date of the newest assessment; None where there is none."""
        return self.assessments[0].row.date if self.assessments else None

    @cached_property
    def has_shift(self) -> bool:
        return bool(translated(self.trend, "shift").text)

    @cached_property
    def timeline_picture(self) -> TimelinePicture | None:
        return build_timeline_picture([item.row for item in self.timeline], self._today)

    @cached_property
    def forecast_counts(self) -> dict[ForecastState, int]:
        """How many of its forecasts are due, pending, confirmed, missed, where there are some."""
        return count_states_of((item.row for item in self.timeline), self._today)

    @cached_property
    def parts(self) -> list[Part]:
        """The parts that have content, in the order of the page."""
        moved = len(self.assessments) > 1
        parts = [
            ("shift", _("The shift"), self.has_shift),
            ("drivers", _("Key drivers"), self.drivers),
            ("voices", _("Who is saying this"), self.voices),
            ("implications", _("Implications"), self.audiences),
            ("timeline", _("Timeline"), self.timeline),
            (
                "assessments",
                _("How the judgement moved") if moved else _("Why this judgement"),
                self.assessments,
            ),
            ("reading", _("Related reading"), self.reading),
            ("mentions", _("Expert mentions"), self.mentions),
            ("sources", _("Sources"), self.notes),
            ("related", _("Related trends"), self.related_trends),
        ]
        return [Part(anchor, heading) for anchor, heading, content in parts if content]

    @cached_property
    def headings(self) -> dict[str, str]:
        """The heading of each part, by anchor; a part without content has none."""
        return {part.anchor: part.heading for part in self.parts}

    def _by_audience(
        self, implications: Iterable[Implication]
    ) -> list[tuple[Audience, list[Item]]]:
        return [
            (audience, [self._item("implication", row) for row in rows])
            for audience, rows in groupby(implications, key=attrgetter("audience"))
        ]

    def _item(self, part: str, row: models.Model, state: ForecastState | None = None) -> Item:
        return Item(row, self._cite((part, row.pk)), state)

    def _cite(self, citing: Citing) -> list[Reference]:
        references = []
        for source in self._cited.get(citing, []):
            note = self._notes.setdefault(source.pk, Note(len(self._notes) + 1, source))
            anchor = f"cites-{note.number}-{len(note.references) + 1}"
            reference = Reference(note.number, source, anchor)
            note.references.append(reference)
            references.append(reference)
        return references
