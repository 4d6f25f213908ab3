"""The content of one trend, which its page, JSON and Markdown show."""

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
class Reference:
    """A place that cites a source.

    `anchor` is its id, to which the note links back, for the first place that cites a source, and
    empty for the others.
    """

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
        """Return whether another trend cites the source, as annotated by `cited_sources()`."""
        return bool(vars(self.source)["is_cited_elsewhere"])


@dataclass(frozen=True)
class Item(Generic[Row]):
    """A row on the page, with what it cites.

    `references` are those to sources that the row has but its text does not mark. `marks` has a
    reference for each mark in the text that is shown, in order, or None for a mark that names no
    source of the row. `state` is the state of a forecast or scheduled date.
    """

    row: Row
    references: list[Reference]
    state: ForecastState | ScheduledState | None = None
    marks: list[Reference | None] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """Return the numbers of all sources of the row, in the order of the page."""
        marked = [reference.number for reference in self.marks if reference]
        return [*dict.fromkeys(marked), *(reference.number for reference in self.references)]


@dataclass(frozen=True)
class OutdatedPage:
    """Since when a translation lacks changes of the original, and the original's address."""

    since: datetime.date
    language: str
    url: str


@dataclass(frozen=True)
class TrendContent:
    """A trend as of a day: its parts in the order of the page, and the notes that they cite.

    Made by `gather_trend()`; using it makes no queries. `successors` are those of a retired trend,
    `predecessors` the retired trends that this one succeeds. `related_trends` has the trends that
    editors chose, then others with the same tags, experts or sources.
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
    """The falsifiers, each with whether its date is past."""
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
        """Return what the note on an outdated translation shows, None if it is up to date."""
        since = outdated_since(self.trend)
        others = [code for code in self.trend.languages if code != active_language()]
        if since is None or not others:
            return None
        day = days.day_of(since)
        return OutdatedPage(day, others[0], self.trend.absolute_urls(others[0])["html"])

    @cached_property
    def voiced(self) -> set[int]:
        """Return the primary keys of the mentions that are voices."""
        return {item.row.pk for item in self.voices}

    @cached_property
    def verified(self) -> set[str]:
        """Return the values of `verified` that its mentions have."""
        return {item.row.verified for item in self.mentions}

    @property
    def earlier_assessments(self) -> int:
        return max(len(self.assessments) - 1, 0)

    @property
    def reviewed(self) -> PartialDate | None:
        """Return the date of the newest assessment that was not reconstructed, or None."""
        dates = (item.row.date for item in self.assessments if not item.row.reconstructed)
        return next(dates, None)

    @property
    def is_under_review(self) -> bool:
        """Return whether the trend is under review, as `TrendQuerySet.under_review()` does."""
        return not self.is_retired and any(is_overdue for _row, is_overdue in self.falsifiers)

    @cached_property
    def forecast_counts(self) -> dict[ForecastState, int]:
        """Return the number of its forecasts in each state, without states that have none."""
        return count_states_of((item.row for item in self.timeline), self.today)

    @cached_property
    def headings(self) -> dict[str, str]:
        """Return the headings of the parts with content by anchor, in the order of the page."""
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
        return {anchor: str(text) for anchor, text, content in parts if content}


def gather_trend(trend: Trend, today: datetime.date) -> TrendContent:
    """Return the content of a trend as of a day.

    Eleven queries: eight for its parts, two for the sources that it cites, one for the other
    trends to which it links.
    """
    parts = fetch_parts(trend, today)
    cited = cited_sources(trend, today)
    voices = [link.mention for link in parts.mentions if link.voice]
    mentions = [link.mention for link in parts.mentions]
    experts = {mention.expert_id for mention in mentions}
    sources = {source.pk for sources in cited.values() for source in sources}
    linked = linked_trends(trend, experts, sources, today)
    hold_back(parts.timeline, today)
    notes, cites = _number(
        {
            "shift": _citing("shift", [trend] if _has_shift(trend) else []),
            "drivers": _citing("driver", parts.drivers),
            "implications": _citing("implication", parts.implications),
            "voices": _citing("mention", voices),
            "timeline": _citing("timeline", parts.timeline),
            "assessments": _citing("assessment", parts.assessments),
            # Without the voices, which the page quotes and cites above.
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
    """The references of a row: those at the marks of its text, and those of the whole row."""

    marks: list[Reference | None]
    whole: list[Reference]


def _citing(kind: str, rows: Iterable[Model]) -> list[tuple[Citing, Model]]:
    return [((kind, row.pk), row) for row in rows]


def _number(
    parts: Mapping[str, list[tuple[Citing, Model]]], cited: Mapping[Citing, list[Source]]
) -> tuple[list[Note], dict[tuple[str, int], _Cites]]:
    """Number the cited sources in the order of the page.

    `parts` are the rows of each part that may cite, in the order of the page. Returns the notes,
    and what each row cites by part and primary key. The marks of a text are numbered before the
    sources of the whole row, which are shown below the text.
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
