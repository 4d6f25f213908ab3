"""The history picture: trends on a time axis, with changes of status, events and forecasts.

A trend is a bar from its first assessment to this month, divided where its status changed and paler
where it was reconstructed afterwards. A line before the bar begins at the trend's `since`. Above
the bar, events are ticks, scheduled dates squares and forecasts rings. Like the timeline of one
trend, the picture has two widths.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trends.levels import EntryKind
from trends.models import Assessment, Trend
from trends.pictures.drawing import Text, in_path, middle_of, month_of, text_at
from trends.pictures.timeline import Axis
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.text.width import fit_lines, pieces_of, text_width
from trendsite.shared.translated import translated

# Lengths are in the units of the view box; about one CSS pixel each.
MARGIN = 6
HEAD = 30
TITLE = 16
EVENTS = 12
BAR = 10
STATUS = 18
BETWEEN_ROWS = 16
BETWEEN_LABELS = 8


@dataclass(frozen=True)
class HistoryPart:
    """A part of a bar with one status. `half` is the path of the filled half of the bar."""

    status: str
    path: str
    half: str
    reconstructed: bool


@dataclass(frozen=True)
class HistoryRow:
    """A trend as drawn."""

    url: str
    name: str
    """The accessible name of the link: the title and the statuses."""
    title: Text
    language: str
    """The language of the title, if it is not that of the page."""
    line: str
    """From “since” to the first assessment, as a path."""
    parts: tuple[HistoryPart, ...]
    statuses: tuple[Text, ...]
    events: str
    """Ticks, as one path."""
    scheduled: str
    """Squares, as one path."""
    forecasts: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class HistoryLayout:
    """The picture at one width."""

    name: str
    """`wide` or `narrow`."""
    width: float
    height: float
    font_size: float
    years: tuple[Text, ...]
    year_lines: str
    present: str
    """The line of this month, as a path."""
    rows: tuple[HistoryRow, ...]


def build_history_picture(trends: Sequence[Trend], today: datetime.date) -> list[HistoryLayout]:
    """Return the picture of trends, in their order, in the active language; empty without trends.

    It is laid out in two widths, of which the style sheet shows one. Two queries, for assessments
    and timelines.
    """
    trends = list(trends)
    if not trends:
        return []
    known = Prefetch("assessments", Assessment.objects.known(today))
    prefetch_related_objects(trends, known, "timeline")
    now = middle_of(month_of(today))
    return [_layout("wide", 1040, 13, trends, now), _layout("narrow", 344, 13.5, trends, now)]


def _layout(
    name: str, width: float, em: float, trends: list[Trend], now: datetime.date
) -> HistoryLayout:
    dates = [PartialDate.from_date(now)]
    for trend in trends:
        dates.append(trend.since)
        dates += [assessment.date for assessment in trend.assessments.all()]
        dates += [entry.date for entry in trend.timeline.all()]
    axis = Axis(dates, width)
    rows, y = [], float(HEAD)
    for trend in trends:
        rows.append(_row(trend, axis, y, width, em, now))
        y += TITLE + EVENTS + BAR + STATUS + BETWEEN_ROWS
    bottom = y - BETWEEN_ROWS + MARGIN
    ticks = list(axis.year_ticks(em))
    now_x = in_path(axis.x(now.toordinal()))
    return HistoryLayout(
        name=name,
        width=width,
        height=round(bottom, 1),
        font_size=em,
        years=tuple(
            text_at(x + 4 if begins else x, 14, label) for x, label, begins in ticks if label
        ),
        year_lines="".join(
            f"M{in_path(x)} 0V{in_path(bottom)}" for x, _label, begins in ticks if begins
        ),
        present=f"M{now_x} {HEAD - 8}V{in_path(bottom)}",
        rows=tuple(rows),
    )


def _row(
    trend: Trend, axis: Axis, top: float, width: float, em: float, now: datetime.date
) -> HistoryRow:
    title = translated(trend, "title")
    words = fit_lines(pieces_of(title.text, title.language), (width - 2 * MARGIN) / em, 1)[0]
    begin = axis.x(trend.since.first_day.toordinal())
    bar = top + TITLE + EVENTS
    assessments = sorted(trend.assessments.all(), key=lambda assessment: assessment.date)
    # A change of the confidence alone does not begin a new part.
    key = attrgetter("status", "reconstructed")
    judged = [next(same) for _key, same in groupby(assessments, key=key)]
    starts = [axis.x(assessment.date.first_day.toordinal()) for assessment in judged]
    end = max(axis.x(now.toordinal()), begin)
    # The newest part is at least 3 pixels wide, to be visible.
    ends = [*starts[1:], max(end, starts[-1] + 3)] if starts else []
    parts = []
    for assessment, left, right in zip(judged, starts, ends, strict=True):
        half = ""
        if assessment.status == "growing":
            half = _box(left, bar + BAR / 2, right, bar + BAR)
        box = _box(left, bar, right, bar + BAR)
        parts.append(HistoryPart(assessment.status, box, half, assessment.reconstructed))
    said = [
        (
            _("%(status)s from %(date)s, reconstructed later")
            if assessment.reconstructed
            else _("%(status)s from %(date)s")
        )
        % {"status": assessment.get_status_display(), "date": assessment.date.display()}
        for assessment in judged
    ]
    since = _("since %(date)s") % {"date": trend.since.display()}
    middle = bar + BAR / 2
    entries = {
        kind: [_middle(axis, entry.date) for entry in trend.timeline.all() if entry.kind == kind]
        for kind in EntryKind
    }
    return HistoryRow(
        url=trend.get_absolute_url(),
        name=pgettext("list of facts", "%(title)s: %(facts)s")
        % {"title": title.text, "facts": "; ".join([since, *said])},
        title=text_at(
            _inside(min([begin, *starts]), text_width(words) * em, width), top + 12, words
        ),
        language=title.language if title.is_fallback else "",
        line=f"M{in_path(begin)} {in_path(middle)}"
        f"H{in_path(max(begin, starts[0]) if starts else end)}",
        parts=tuple(parts),
        statuses=tuple(_status_labels(judged, starts, bar + BAR + 13, width, em)),
        events="".join(f"M{in_path(x)} {in_path(bar - 8)}v6" for x in entries[EntryKind.EVENT]),
        scheduled="".join(
            f"M{in_path(x - 2.5)} {in_path(bar - 7.5)}h5v5h-5Z"
            for x in entries[EntryKind.SCHEDULED]
        ),
        forecasts=tuple((round(x, 1), bar - 5.0) for x in entries[EntryKind.FORECAST]),
    )


def _status_labels(
    judged: Sequence[Assessment], starts: list[float], y: float, width: float, em: float
) -> list[Text]:
    """Return the labels of the statuses: always the newest one, the others where they fit."""
    labels: list[Text] = []
    limit = width
    for assessment, start in reversed(list(zip(judged, starts, strict=True))):
        text = assessment.get_status_display()
        wide = text_width(text) * em
        x = start if labels else _inside(start, wide, width)
        if x + wide <= limit:
            labels.append(text_at(x, y, text))
            limit = x - BETWEEN_LABELS
    return labels[::-1]


def _inside(x: float, wide: float, width: float) -> float:
    return max(MARGIN, min(x, width - MARGIN - wide))


def _middle(axis: Axis, date: PartialDate) -> float:
    left, right = axis.bar(date)
    return (left + right) / 2


def _box(left: float, top: float, right: float, bottom: float) -> str:
    return f"M{in_path(left)} {in_path(top)}H{in_path(right)}V{in_path(bottom)}H{in_path(left)}Z"
