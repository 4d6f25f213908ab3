"""The content of one trend, whose page, JSON and Markdown show the same."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Generic, TypeVar

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from quotes.models import Mention, Source
from trends.levels import ForecastState, ScheduledState
from trends.models import (
    Assessment,
    Audience,
    Driver,
    Falsifier,
    Implication,
    TimelineEntry,
    Trend,
    marks_shown,
)
from trends.queries.citations import CITING, Citing, cited_sources
from trends.queries.forecasts import count_states_of, hold_back, state_of
from trends.queries.parts import fetch_parts
from trends.queries.related import Related, linked_trends
from trends.queries.shown_rows import outdated_since
from trendsite.shared import days
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import active_language, translated

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class PartHeading:
    """The heading of a part of the page, for the list of contents; `anchor` is its address."""

    anchor: str
    text: str


@dataclass(frozen=True)
class Reference:
    """A place that cites a note; `anchor` is where the note links back to, for the first one."""

    number: int
    source: Source
    anchor: str


@dataclass
class Note:
    """A numbered source at the foot of the page, with the places that cite it."""

    number: int
    source: Source
    references: list[Reference] = field(default_factory=list)
    is_marked: bool = False
    """Whether a mark in a text cites it, and not the list below a part alone."""

    @property
    def is_cited_elsewhere(self) -> bool:
        """Whether another trend cites its source, as `cited_sources()` found."""
        return bool(vars(self.source)["is_cited_elsewhere"])


@dataclass(frozen=True)
class Item(Generic[Row]):
    """A row on the page with what it cites; `state` is that of a forecast or scheduled date.

    `references` are to the sources of the whole row that its text does not mark. `marks` are
    those of the text as it is shown, in order; None for one that names no source of the row.
    """

    row: Row
    references: list[Reference]
    state: ForecastState | ScheduledState | None = None
    marks: list[Reference | None] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """The numbers of all sources of the row, in the order in which a reader meets them."""
        marked = [reference.number for reference in self.marks if reference]
        return [*dict.fromkeys(marked), *(reference.number for reference in self.references)]


@dataclass(frozen=True)
class OutdatedPage:
    """Since when the original of a page has changes that its translation lacks, and where it is."""

    since: datetime.date
    language: str
    url: str


@dataclass(frozen=True)
class TrendContent:
    """A trend as of a day: its parts in the order of the page, and the notes that they cite.

    `gather_trend()` makes it; nothing in it asks the database. `successors` are those of a
    retired trend, `predecessors` the retired trends that it succeeds, `related_trends` the
    chosen trends, then others that share tags, experts or sources with it.
    """

    trend: Trend
    today: datetime.date
    shift: Item[Trend] | None
    drivers: list[Item[Driver]]
    voices: list[Item[Mention]]
    audiences: list[tuple[Audience, list[Item[Implication]]]]
    timeline: list[Item[TimelineEntry]]
    assessments: list[Item[Assessment]]
    falsifiers: list[tuple[Falsifier, bool]]
    """What would change the editors' minds, each with whether its date is past."""
    mentions: list[Item[Mention]]
    reading: list[Source]
    notes: list[Note]
    successors: list[Trend]
    predecessors: list[Trend]
    related_trends: list[Related]

    @property
    def is_retired(self) -> bool:
        return self.trend.is_retired(self.today)

    @cached_property
    def outdated(self) -> "OutdatedPage | None":
        """What a reader has to know of a page that lacks changes of the original; None if none."""
        since = outdated_since(self.trend)
        others = [code for code in self.trend.languages if code != active_language()]
        if since is None or not others:
            return None
        day = days.day_of(since)
        return OutdatedPage(day, others[0], self.trend.absolute_urls(others[0])["html"])

    @cached_property
    def voiced(self) -> set[int]:
        """The primary keys of the mentions whose words are among the voices."""
        return {item.row.pk for item in self.voices}

    @cached_property
    def verified(self) -> set[str]:
        """How far the words of its quotations are verified, the values that occur."""
        return {item.row.verified for item in self.mentions}

    @property
    def earlier_assessments(self) -> int:
        return max(len(self.assessments) - 1, 0)

    @property
    def reviewed(self) -> PartialDate | None:
        """The date of the newest assessment that was not reconstructed; None without one."""
        dates = (item.row.date for item in self.assessments if not item.row.reconstructed)
        return next(dates, None)

    @property
    def is_under_review(self) -> bool:
        """The same rule as `TrendQuerySet.under_review()`."""
        return not self.is_retired and any(is_overdue for _row, is_overdue in self.falsifiers)

    @cached_property
    def forecast_counts(self) -> dict[ForecastState, int]:
        """The number of its forecasts in each state in which there is one."""
        return count_states_of((item.row for item in self.timeline), self.today)

    @cached_property
    def parts(self) -> list[PartHeading]:
        """The headings of the parts that have content, in the order of the page."""
        several = len(self.assessments) > 1
        parts: list[tuple[str, str | Promise, object]] = [
            ("shift", CITING["shift"].heading, self.shift),
            ("drivers", CITING["driver"].heading, self.drivers),
            ("implications", CITING["implication"].heading, self.audiences),
            ("voices", _("Who is saying this"), self.voices),
            ("timeline", CITING["timeline"].heading, self.timeline),
            (
                "assessments",
                CITING["assessment"].heading if several else _("Why this assessment"),
                self.assessments or self.falsifiers,
            ),
            ("reading", CITING["reading"].heading, self.reading),
            ("mentions", CITING["mention"].heading, self.mentions),
            ("sources", _("Sources"), self.notes),
            ("related", _("Related trends"), self.related_trends),
        ]
        return [PartHeading(anchor, str(text)) for anchor, text, content in parts if content]

    @cached_property
    def headings(self) -> dict[str, str]:
        """The heading of each part by its anchor, without the parts that have no content."""
        return {part.anchor: part.text for part in self.parts}


def gather_trend(trend: Trend, today: datetime.date) -> TrendContent:
    """Gather the content of a trend as of a day.

    Eleven queries: eight for its parts, two for the sources it cites, one for the trends to which
    it links.
    """
    parts = fetch_parts(trend, today)
    cited = cited_sources(trend, today)
    linked = linked_trends(trend, today)
    voices = [link.mention for link in parts.mentions if link.voice]
    mentions = [link.mention for link in parts.mentions]
    hold_back(parts.timeline, today)
    notes, cites = _number(
        {
            "shift": _citing("shift", [trend] if _has_shift(trend) else []),
            "drivers": _citing("driver", parts.drivers),
            "implications": _citing("implication", parts.implications),
            "voices": _citing("mention", voices),
            "timeline": _citing("timeline", parts.timeline),
            "assessments": _citing("assessment", parts.assessments),
            # The words of a voice are on the page once, and so are their sources.
            "mentions": _citing("mention", [row for row in mentions if row not in voices]),
        },
        cited,
    )

    def item(part: str, row: Row) -> Item[Row]:
        found = cites[part, row.pk]
        state = state_of(row, today) if isinstance(row, TimelineEntry) else None
        return Item(row, found.whole, state, found.marks)

    def items(part: str, rows: Iterable[Row]) -> list[Item[Row]]:
        return [item(part, row) for row in rows]

    return TrendContent(
        trend=trend,
        today=today,
        shift=item("shift", trend) if _has_shift(trend) else None,
        drivers=items("drivers", parts.drivers),
        voices=items("voices", voices),
        audiences=[
            (audience, items("implications", rows))
            for audience, rows in groupby(parts.implications, attrgetter("audience"))
        ],
        timeline=items("timeline", parts.timeline),
        assessments=items("assessments", parts.assessments),
        falsifiers=[(row, row.is_overdue(today)) for row in parts.falsifiers],
        mentions=[item("voices" if row in voices else "mentions", row) for row in mentions],
        reading=cited.get(("reading", trend.pk), []),
        notes=notes,
        successors=linked.successors if trend.is_retired(today) else [],
        predecessors=linked.predecessors,
        related_trends=linked.related,
    )


def _has_shift(trend: Trend) -> bool:
    return bool(translated(trend, "shift").text)


@dataclass(frozen=True)
class _Cites:
    """What a row cites: at the marks of its text, and as a whole."""

    marks: list[Reference | None]
    whole: list[Reference]


def _citing(kind: str, rows: Iterable[Model]) -> list[tuple[Citing, Model]]:
    return [((kind, row.pk), row) for row in rows]


def _number(
    parts: Mapping[str, list[tuple[Citing, Model]]], cited: Mapping[Citing, list[Source]]
) -> tuple[list[Note], dict[tuple[str, int], _Cites]]:
    """Number the sources in the order in which a reader meets them.

    `parts` are the rows of each part that may cite, in the order of the page. Returns the notes,
    and what each row cites by its part and primary key: a mention that is a voice too is in two
    parts. The marks of a text come before the sources of the whole row, which are below it.
    """
    notes: dict[int, Note] = {}
    cites: dict[tuple[str, int], _Cites] = {}

    def cite(source: Source, *, is_mark: bool = False) -> Reference:
        note = notes.setdefault(source.pk, Note(len(notes) + 1, source))
        note.is_marked |= is_mark
        anchor = "" if note.references else f"cites-{note.number}"
        reference = Reference(note.number, source, anchor)
        note.references.append(reference)
        return reference

    for part, places in parts.items():
        for place, row in places:
            sources = {source.key: source for source in cited.get(place, [])}
            keys = marks_shown(row)
            marks = [cite(sources[key], is_mark=True) if key in sources else None for key in keys]
            whole = [cite(source) for key, source in sources.items() if key not in keys]
            cites[part, row.pk] = _Cites(marks, whole)
    return list(notes.values()), cites
