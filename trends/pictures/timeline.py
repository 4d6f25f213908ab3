"""The layout of the timeline picture: the coordinates of bars, labels and lines.

Time runs from left to right on a linear axis. An entry is a bar, which is wider for a vaguer date,
with a label below. Entries whose labels would overlap are in separate lanes.

The picture is drawn in two widths, since an SVG scales as a whole: text drawn for a wide container
would be tiny in a narrow one.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import NamedTuple

from django.utils import formats
from django.utils.translation import pgettext

from trends.levels import EntryKind, Outcome
from trends.models import TimelineEntry
from trends.pictures.drawing import Text, in_path, middle_of, month_of, text_at
from trends.queries.forecasts import state_of
from trendsite.shared.partial_dates import PartialDate, Precision
from trendsite.shared.text.width import fit_lines, pieces_of, text_width
from trendsite.shared.translated import active_language

# Lengths are in the units of the view box; about one CSS pixel each.
MARGIN = 6
LINE = 16
NOW_ROW = 22
YEAR_ROW = 22
MINOR_ROW = 16
ABOVE_LANES = 14
BETWEEN_LANES = 16
BETWEEN_LABELS = 16
BAR = 12
BAR_TO_RULE = 3
RULE_TO_TEXT = 16
OUTCOME_RADIUS = 4.5
OUTCOME_INDENT = 15
AROUND_TEXT = 4
LABELLED_TICKS = 34
"""The least distance between labelled ticks of months or quarters."""
BARE_TICKS = 5
"""The least distance between ticks of quarters."""
SCREEN = 600
"""A taller picture has the years at its bottom as well."""
BOLD = 1.08
"""The width of bold letters relative to regular ones."""

# The least width of a bar, so that it is visible and wider for a vaguer date even on a long axis.
# Half of it may be in the margin.
LEAST_WIDTHS = {Precision.DAY: 3, Precision.MONTH: 5, Precision.QUARTER: 8}
LEAST_WIDTHS |= {Precision.HALF: 10, Precision.YEAR: 12}

OUTCOME_PATHS = {
    Outcome.PENDING: "M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0Z",
    Outcome.CONFIRMED: "M-4.5.5L-1.5 3.5L4.5-3.5",
    Outcome.MISSED: "M-3.5-3.5L3.5 3.5M3.5-3.5L-3.5 3.5",
    Outcome.VOID: "M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0ZM-2.8 2.8L2.8-2.8",
    Outcome.DISPUTED: "M-4.5 1.5Q-2.2-4 0 0T4.5-1.5",
    Outcome.IN_FORCE: "M-4.5.5L-1.5 3.5L4.5-3.5",
    Outcome.POSTPONED: "M-4.5 0H4.5M1-3.5L4.5 0L1 3.5",
    Outcome.DROPPED: "M-4 0H4",
}
"""Around the origin: a ring, a check, a cross, a ring crossed out, a wave, an arrow, a bar."""
SQUARE = "M-3.7-3.7H3.7V3.7H-3.7Z"
"""Of what is scheduled and to come, in place of the ring."""

_YEAR_STEPS = [factor * 10**power for power in range(4) for factor in (1, 2, 5)]


class Box(NamedTuple):
    """A rectangle of the picture, by its edges."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Mark:
    """An entry as drawn: its bar, a line under the bar, and its label below."""

    kind: str
    outcome: str
    precision: str
    """`day`, `month`, `quarter`, `half` or `year`; of a range, that of its coarser end."""
    x: float
    y: float
    width: float
    height: float
    rule: str
    date: Text
    state: Text | None
    """“forecast · open”, beside the outcome's mark; None for an event."""
    outcome_path: str
    outcome_x: float
    outcome_y: float
    lines: tuple[Text, ...]
    language: str
    """The language of `lines`, if it is not that of the page."""
    label_box: Box


@dataclass(frozen=True)
class Present:
    """The vertical line of this month, interrupted by labels, and its label at the top."""

    path: str
    label: Text


@dataclass(frozen=True)
class TimelineLayout:
    """The picture at one width."""

    name: str
    """`wide` or `narrow`."""
    width: float
    height: float
    font_size: float
    axis_y: float
    axis_left: float
    axis_right: float
    years: tuple[Text, ...]
    minor_labels: tuple[Text, ...]
    year_lines: str
    minor_ticks: str
    present: Present | None
    marks: tuple[Mark, ...]


def build_timeline_picture(
    entries: Sequence[TimelineEntry], today: datetime.date
) -> list[TimelineLayout]:
    """Return the picture of a timeline in the active language. Entries may be in any order.

    It is laid out in two widths, of which the style sheet shows one, and empty for fewer than two
    entries. The present month is drawn if it is on the axis; a day would change the picture daily.
    """
    if len(entries) < 2:
        return []
    entries = sorted(entries, key=lambda entry: entry.date)
    return [
        _TimelineDrawing("wide", 720, 13, 240, entries, today).layout(),
        _TimelineDrawing("narrow", 344, 13.5, 256, entries, today).layout(),
    ]


class Axis:
    """A linear scale of time, from the beginning of a month, quarter or year to the end of one.

    Days are ordinals, since the end of the year 9999 is no `datetime.date`.
    """

    def __init__(self, dates: Iterable[PartialDate], width: float) -> None:
        dates = list(dates)
        first = _month_index(min(date.first_day for date in dates))
        last = _month_index(max(date.last_day for date in dates))
        self.left, self.right = MARGIN, width - MARGIN
        length = self.right - self.left
        for unit, least in ((1, LABELLED_TICKS), (3, BARE_TICKS), (12, 0)):
            self.unit = unit
            self.first_month = first // unit * unit
            self.last_month = (last // unit + 1) * unit
            self.unit_width = length * unit / (self.last_month - self.first_month)
            if self.unit_width >= least:
                break
        self._first_day = _ordinal(self.first_month)
        self._scale = length / (_ordinal(self.last_month) - self._first_day)

    def x(self, ordinal: int) -> float:
        return self.left + (ordinal - self._first_day) * self._scale

    def holds(self, day: datetime.date) -> bool:
        return self.left <= self.x(day.toordinal()) < self.right

    def bar(self, date: PartialDate) -> tuple[float, float]:
        """Return the left and right edge of the bar of a date."""
        left = self.x(date.first_day.toordinal())
        right = self.x(date.last_day.toordinal() + 1)
        widen = max(0, LEAST_WIDTHS[date.coarsest] - (right - left)) / 2
        return left - widen, right + widen

    def year_ticks(self, em: float) -> Iterator[tuple[float, str, bool]]:
        """Yield x and label of each year, and whether the year begins at x."""
        label_width = partial(_width, em=em, bold=True)
        year_width = (self.right - self.left) * 12 / (self.last_month - self.first_month)
        needed = label_width(_year(9999)) + BETWEEN_LABELS
        step = next(step for step in _YEAR_STEPS if step * year_width >= needed)
        first_year, month = divmod(self.first_month, 12)
        years = range(
            -(-(first_year + (month > 0)) // step) * step, (self.last_month - 1) // 12 + 1, step
        )
        begins = [(self.x(_ordinal(year * 12)), _year(year)) for year in years]
        # The first year, which begins before the axis, has a label as well.
        if step == 1 and month and (not begins or begins[0][0] - self.left >= needed):
            yield self.left, _year(first_year), False
        for x, label in begins:
            fits = x + AROUND_TEXT + label_width(label) <= self.right
            yield x, label if fits else "", True

    def minor_ticks(self) -> Iterator[tuple[float, str]]:
        """Yield x and label of months or quarters. The label is empty if there is no room."""
        if self.unit == 12:
            return
        for month in range(self.first_month, self.last_month, self.unit):
            first_day = datetime.date(month // 12, month % 12 + 1, 1)
            label = ""
            if self.unit == 1:
                label = _month(first_day, active_language())
            elif self.unit_width >= LABELLED_TICKS:
                label = pgettext("quarter on an axis", "Q%(quarter)d") % {
                    "quarter": month % 12 // 3 + 1
                }
            yield self.x(first_day.toordinal()), label


class _TimelineDrawing:
    """One width of the picture. All x are computed first, then the lanes, then all y."""

    def __init__(
        self,
        name: str,
        width: float,
        em: float,
        label_width: float,
        entries: Sequence[TimelineEntry],
        today: datetime.date,
    ) -> None:
        self.name, self.width, self.em = name, width, em
        self.axis = Axis((entry.date for entry in entries), width)
        self.month = month_of(today)
        now = middle_of(self.month)
        self.now_x = self.axis.x(now.toordinal()) if self.axis.holds(now) else None
        self.labels = [_Label(entry, em, label_width, today) for entry in entries]

    def layout(self) -> TimelineLayout:
        years = list(self.axis.year_ticks(self.em))
        minor = list(self.axis.minor_ticks())
        top = NOW_ROW if self.now_x is not None else 0
        minor_top = top + YEAR_ROW
        axis_y = minor_top + (MINOR_ROW if any(label for x, label in minor) else 0)
        year_labels = [
            text_at(x + AROUND_TEXT if begins else x, minor_top - 6, label)
            for x, label, begins in years
            if label
        ]
        minor_labels = [text_at(x + AROUND_TEXT, axis_y - 5, label) for x, label in minor if label]
        marks, bottom = self._marks(axis_y + ABOVE_LANES)
        height = bottom
        if bottom > SCREEN:
            year_labels += [replace(label, y=round(bottom + LINE, 1)) for label in year_labels]
            height += YEAR_ROW
        obstacles = [
            *(mark.label_box for mark in marks),
            *(_box(label, self.em, bold=True) for label in year_labels),
            *(_box(label, self.em * 0.85) for label in minor_labels),
        ]
        return TimelineLayout(
            name=self.name,
            width=self.width,
            height=round(height, 1),
            font_size=self.em,
            axis_y=axis_y,
            axis_left=self.axis.left,
            axis_right=self.axis.right,
            years=tuple(year_labels),
            minor_labels=tuple(minor_labels),
            year_lines="".join(
                _broken_line(x, top, height, obstacles) for x, label, begins in years if begins
            ),
            minor_ticks="".join(
                _broken_line(x, minor_top + 2 if label else axis_y - 4, axis_y, [])
                for x, label in minor
            ),
            present=self._present(height, obstacles),
            marks=tuple(marks),
        )

    def _marks(self, top: float) -> tuple[list[Mark], float]:
        """Return the marks of all lanes, and the bottom of the last lane."""
        lanes: list[list[tuple[_Label, float]]] = []
        ends: list[float] = []
        for label in self.labels:
            x = self._label_x(label)
            left, right = self.axis.bar(label.entry.date)
            begin, end = min(x, left), max(x + label.width, right)
            free = (n for n, lane_end in enumerate(ends) if lane_end + BETWEEN_LABELS <= begin)
            lane = next(free, len(lanes))
            if lane == len(lanes):
                lanes.append([])
                ends.append(0)
            lanes[lane].append((label, x))
            ends[lane] = end
        marks = []
        for labels in lanes:
            marks += [label.mark(x, top, *self.axis.bar(label.entry.date)) for label, x in labels]
            top = max(mark.label_box.bottom for mark in marks) + BETWEEN_LANES
        return marks, top - BETWEEN_LANES + MARGIN

    def _label_x(self, label: "_Label") -> float:
        """Return the left edge of a label: that of its bar, or further left to stay inside.

        The label of a past entry stays left of the line of this month if there is room.
        """
        left, right = self.axis.bar(label.entry.date)
        x = min(left, self.width - MARGIN - label.width)
        if self.now_x is not None and right <= self.now_x < x + label.width + AROUND_TEXT:
            before = self.now_x - AROUND_TEXT * 2 - label.width
            x = before if before >= MARGIN else x
        return x

    def _present(self, bottom: float, obstacles: list[Box]) -> Present | None:
        if self.now_x is None:
            return None
        label = pgettext("timeline", "Now, %(month)s") % {"month": self.month.display()}
        furthest = self.width - MARGIN - _width(label, self.em, bold=True)
        return Present(
            path=_broken_line(self.now_x, NOW_ROW - 4, bottom, obstacles),
            label=text_at(max(MARGIN, min(self.now_x, furthest)), NOW_ROW - 7, label),
        )


class _Label:
    """The label of an entry before it is placed: its lines and its width."""

    def __init__(
        self,
        entry: TimelineEntry,
        em: float,
        label_width: float,
        today: datetime.date,
    ) -> None:
        self.entry = entry
        self.em = em
        self.date = entry.date.display()
        self.state = ""
        if state := state_of(entry, today):
            self.state = f"{entry.get_kind_display()} · {state.label}"
        self.text = entry.label
        self.lines = fit_lines(pieces_of(self.text.text, self.text.language), label_width / em)
        self.width = max(
            _width(self.date, em, bold=True),
            OUTCOME_INDENT + _width(self.state, em) if self.state else 0,
            *(_width(line, em) for line in self.lines),
            0,
        )

    def mark(self, x: float, top: float, left: float, right: float) -> Mark:
        """Return the mark with its label at `x` and its bar from `left` to `right` at `top`."""
        rule = top + BAR + BAR_TO_RULE
        base_lines = iter([rule + RULE_TO_TEXT + LINE * n for n in range(len(self.lines) + 2)])
        date = text_at(x, next(base_lines), self.date)
        state = None
        if self.state:
            state = text_at(x + OUTCOME_INDENT, next(base_lines), self.state)
        lines = tuple(text_at(x, next(base_lines), line) for line in self.lines)
        outcome = self.entry.outcome
        return Mark(
            kind=self.entry.kind,
            outcome=outcome,
            precision=self.entry.date.coarsest.name.lower(),
            x=round(left, 1),
            y=top,
            width=round(right - left, 1),
            height=BAR,
            rule=f"M{in_path(min(x, left))} {in_path(rule)}H{in_path(max(x + self.width, right))}",
            date=date,
            state=state,
            outcome_path=_outcome_path(self.entry),
            outcome_x=round(x + OUTCOME_RADIUS, 1),
            outcome_y=round(state.y - self.em * 0.35, 1) if state else 0,
            lines=lines,
            language=self.text.language if self.text.is_fallback else "",
            label_box=Box(
                x, rule + 1, x + self.width, (lines or [state or date])[-1].y + AROUND_TEXT
            ),
        )


def _broken_line(x: float, top: float, bottom: float, obstacles: Iterable[Box]) -> str:
    """Return the path of a vertical line, interrupted by the boxes that it crosses."""
    path = ""
    for box in sorted(obstacles, key=lambda box: box.top):
        if box.left - AROUND_TEXT < x < box.right + AROUND_TEXT and box.bottom > top:
            if box.top > top:
                path += f"M{in_path(x)} {in_path(top)}V{in_path(min(box.top, bottom))}"
            top = box.bottom
    return path + f"M{in_path(x)} {in_path(top)}V{in_path(bottom)}" if top < bottom else path


def _box(text: Text, em: float, bold: bool = False) -> Box:
    return Box(text.x, text.y - em, text.x + _width(text.text, em, bold), text.y + AROUND_TEXT)


def _width(text: str, em: float, bold: bool = False) -> float:
    return text_width(text) * em * (BOLD if bold else 1)


def _year(year: int) -> str:
    return PartialDate(datetime.date(year, 1, 1), Precision.YEAR).display()


@lru_cache(maxsize=1024)
def _month(first_day: datetime.date, _language: str) -> str:
    """Return the label of a month on the axis, without the year."""
    # Translators: on the axis of the timeline, where the year is already named.
    return formats.date_format(first_day, pgettext("month on an axis", "M"))


def _outcome_path(entry: TimelineEntry) -> str:
    if not entry.outcome:
        return ""
    if entry.kind == EntryKind.SCHEDULED and entry.outcome == Outcome.PENDING:
        return SQUARE
    return OUTCOME_PATHS[Outcome(entry.outcome)]


def _month_index(day: datetime.date) -> int:
    return day.year * 12 + day.month - 1


def _ordinal(month_index: int) -> int:
    """Return the ordinal of the first day of a month, also of the one after December 9999."""
    year, month = divmod(month_index, 12)
    if year > datetime.MAXYEAR:
        return datetime.date.max.toordinal() + 1
    return datetime.date(year, month + 1, 1).toordinal()
