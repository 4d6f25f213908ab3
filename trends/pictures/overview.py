"""The overview picture: the place of each mark and label for all trends of a list.

A column is a status, from emerging to established, with declining apart; a row is a leading tag.
In its cell, each trend has a slot that follows from a hash of its slug, so that it keeps its
place when others come or go, until its row needs more slots. Labels are beside their marks
within the slot, so they cannot overlap.

In narrow containers the columns become bands, one below the other.
"""

import datetime
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trends.levels import Status
from trends.models import Trend
from trends.pictures.drawing import Text, in_path, text_at
from trendsite.shared.models import Tag
from trendsite.shared.text.width import fit_lines, pieces_of, text_width
from trendsite.shared.translated import TranslatedText, translated

MOST_TRENDS = 200
"""There is no picture of more than these."""
MOST_ROWS = 12
"""Further leading tags, the least used, share a row."""
FEW, SOME = 24, 60
"""The most trends for which there is room for titles of three lines and notes, or of two lines."""

# Lengths are in the units of the view box; about one CSS pixel each.
LINE = 16
BASE_LINE = 12
"""From the top of a line to its base line."""
BETWEEN_SLOTS = 10
ROW_PADDING = 9
BAND_HEAD = 30
BETWEEN_BANDS = 22
APART = 26
"""Between established and declining."""
MOVED, STATUS, CONFIDENCE, LABEL = 8, 24, 41, 52
"""From the left of a cell to the centres of the marks, and to the label."""
AROUND_LABEL = 10

ROOM = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, MOST_TRENDS)
"""The possible numbers of slots in a row: in steps, so that one more trend rarely moves others."""


@dataclass(frozen=True)
class OverviewEntry:
    """A trend as drawn: its marks, centred on `y`, and its label."""

    url: str
    name: str
    """The accessible name of the link: the words that it shows, then what its marks say."""
    status: str
    confidence: str
    moved: str
    """`new`, or a direction of `Movement`; may be empty."""
    y: float
    moved_x: float
    status_x: float
    confidence_x: float
    lines: tuple[Text, ...]
    language: str
    """The language of the title, if it is not that of the page."""
    note: Text | None
    """How it moved, in words, if there is room."""
    trail: "Trail | None"
    """Where it came from, if nothing is in between."""


@dataclass(frozen=True)
class Trail:
    """A line from an earlier status, whose mark is centred at `x`."""

    status: str
    x: float
    path: str


@dataclass(frozen=True)
class Heading:
    """A status with the number of its trends."""

    status: str
    label: Text
    mark_x: float
    mark_y: float
    rule: str
    """The line below it, as a path."""


@dataclass(frozen=True)
class TagRowLabel:
    """A leading tag beside its row, and the line above the row."""

    lines: tuple[Text, ...]
    language: str
    rule: str


@dataclass(frozen=True)
class OverviewLayout:
    """The picture at one width."""

    name: str
    """`wide` or `narrow`."""
    width: float
    height: float
    font_size: float
    headings: tuple[Heading, ...]
    rows: tuple[TagRowLabel, ...]
    entries: tuple[OverviewEntry, ...]


@dataclass(frozen=True)
class OverviewPicture:
    """The picture in both widths; a page shows one of them."""

    layouts: tuple[OverviewLayout, ...]


def build_overview_picture(trends: Sequence[Trend]) -> OverviewPicture | None:
    """Return the picture of trends of `for_list()`, in any order, in the active language.

    None if there are no trends or more than `MOST_TRENDS`.
    """
    if not 0 < len(trends) <= MOST_TRENDS:
        return None
    # In the order of publication, so that a new trend never takes the slot of another.
    subjects = sorted(
        (_Subject(trend) for trend in trends),
        key=lambda subject: (subject.trend.published or datetime.date.max, subject.slug),
    )
    rows = _rows(subjects)
    return OverviewPicture((_wide(subjects, rows), _narrow(subjects, rows)))


class _Subject:
    """A trend with its words, measured once for both widths."""

    def __init__(self, trend: Trend) -> None:
        self.trend = trend
        self.slug = trend.slug
        self.url = trend.get_absolute_url()
        self.title = translated(trend, "title")
        self.pieces = pieces_of(self.title.text, self.title.language)
        tags = trend.tag_rows
        self.tag: Tag | None = tags[0] if tags else None
        movement = trend.movement
        self.moved = "new" if movement.is_new else movement.direction
        self.came_from = (
            movement.before.status if movement.before and self.moved == "forward" else ""
        )
        notes = []
        if movement.is_new:
            notes.append(_("new"))
        if movement.before and movement.status_moved:
            notes.append(_("from %(status)s") % {"status": movement.before.status.label})
        elif movement.confidence_moved:
            notes.append(
                _("confidence up") if movement.direction == "surer" else _("confidence down")
            )
        self.note = ", ".join(notes)

    def name(self, lines: Sequence[str], note: str) -> str:
        """Return the name of the link that shows these lines of the title and this note.

        It contains the visible words as they are, for those who speak them to follow the link.
        """
        shown = " ".join([*(line.strip() for line in lines), note]).strip()
        said = _("%(title)s. Status: %(status)s. Confidence: %(confidence)s.") % {
            "title": shown,
            "status": self.trend.get_status_display(),
            "confidence": self.trend.get_confidence_display(),
        }
        is_whole = "".join("".join(lines).split()) == "".join(self.title.text.split())
        hidden = [] if is_whole else [self.title.text]
        if note != self.note:
            hidden.append(self.note)
        return f"{said} ({', '.join(hidden)})" if hidden else said


class _TagRow(NamedTuple):
    """A leading tag, or a row for several tags or for none."""

    key: str
    label: TranslatedText


def _rows(subjects: list[_Subject]) -> dict[str, _TagRow]:
    """Return the row of each leading tag by its slug, and of no tag by "", in order.

    Rows are ordered by slug, the same in every language; the shared row and that of no tag are
    last.
    """
    tags = {subject.tag.slug: subject.tag for subject in subjects if subject.tag}
    uses = Counter(subject.tag.slug for subject in subjects if subject.tag)
    own = sorted(sorted(uses, key=lambda slug: (-uses[slug], slug))[:MOST_ROWS])
    rows = {slug: _TagRow(slug, translated(tags[slug], "label")) for slug in own}
    others = _TagRow("+", _interface(pgettext("tags in the picture", "other tags")))
    rows |= dict.fromkeys(uses.keys() - rows.keys(), others)
    return rows | {"": _TagRow("", _interface(pgettext("tags in the picture", "no tag")))}


def _interface(text: str) -> TranslatedText:
    return TranslatedText(text, "", "")


def _wide(subjects: list[_Subject], rows: dict[str, _TagRow]) -> OverviewLayout:
    """Return the layout with a column for each status and a row for each leading tag."""
    drawing = _OverviewDrawing("wide", 1040, 13, 116, subjects)
    width = (drawing.width - drawing.gutter - APART) / len(Status)
    lefts = {
        status: drawing.gutter + n * width + (APART if status == Status.DECLINING else 0)
        for n, status in enumerate(Status)
    }
    for status, left in lefts.items():
        ahead = status in (Status.EMERGING, Status.GROWING)
        drawing.add_heading(status, left, left + width - (0 if ahead else AROUND_LABEL), ahead)
    drawing.y += BAND_HEAD + 6
    for row in dict.fromkeys(rows.values()):
        inside = [subject for subject in subjects if _row_of(subject, rows) == row]
        if inside:
            drawing.add_row(row, inside, lefts, width)
    return drawing.layout()


def _narrow(subjects: list[_Subject], rows: dict[str, _TagRow]) -> OverviewLayout:
    """Return the layout with a band for each status, with a row for each leading tag in it."""
    em = 13.5
    widest = max(
        text_width(piece.rstrip())
        for row in rows.values()
        for piece in pieces_of(row.label.text, row.label.language)
    )
    # Wide enough for the longest word, within limits.
    gutter = min(max(82, widest * em + AROUND_LABEL), 116)
    drawing = _OverviewDrawing("narrow", 344, em, gutter, subjects)
    for status in Status:
        drawing.add_heading(status, 0, drawing.width, False)
        drawing.y += BAND_HEAD
        for row in dict.fromkeys(rows.values()):
            inside = [s for s in subjects if s.trend.status == status and _row_of(s, rows) == row]
            if inside:
                left = drawing.gutter
                drawing.add_row(row, inside, {status: left}, drawing.width - left)
        drawing.y += BETWEEN_BANDS
    drawing.y -= BETWEEN_BANDS
    return drawing.layout()


def _row_of(subject: _Subject, rows: dict[str, _TagRow]) -> _TagRow:
    return rows[subject.tag.slug if subject.tag else ""]


class _OverviewDrawing:
    """One width of the picture, drawn from top to bottom; `y` is the bottom so far."""

    def __init__(
        self, name: str, width: float, em: float, gutter: float, subjects: list[_Subject]
    ) -> None:
        self.name, self.width, self.em, self.gutter = name, width, em, gutter
        self.y = 0.0
        self._few = len(subjects) <= FEW
        self._most_lines = 3 if self._few else 2 if len(subjects) <= SOME else 1
        self._counts = Counter(subject.trend.status for subject in subjects)
        self._headings: list[Heading] = []
        self._rows: list[TagRowLabel] = []
        self._entries: list[OverviewEntry] = []

    def add_heading(self, status: Status, left: float, right: float, ahead: bool) -> None:
        """Add the heading of a status; `ahead` adds an arrow to the next status."""
        top = self.y + BAND_HEAD - 6
        label = f"{status.label} {self._counts[status]}"
        rule = f"M{in_path(left)} {in_path(top)}H{in_path(right)}"
        if ahead:
            rule = f"M{in_path(left)} {in_path(top)}H{in_path(right - 6)}m-5-4l5 4l-5 4"
        self._headings.append(
            Heading(
                status.value, text_at(left + 22, self.y + 16, label), left + 9, self.y + 11.5, rule
            )
        )

    def add_row(
        self, row: _TagRow, subjects: list[_Subject], lefts: dict[Status, float], width: float
    ) -> None:
        """Add a row of trends, each in the cell of its status; `lefts` are their left edges."""
        most = (width - LABEL - AROUND_LABEL) / self.em
        lines = {s.slug: fit_lines(s.pieces, most, self._most_lines) for s in subjects}
        notes = {s.slug: self._note(s, most) for s in subjects}
        slot = LINE * max(len(lines[slug]) + bool(notes[slug]) for slug in lines) + BETWEEN_SLOTS
        uses = Counter(subject.trend.status for subject in subjects)
        room = next(room for room in ROOM if room >= max(uses.values()))
        top = self.y + ROW_PADDING
        name = self._add_row_label(row, top)
        slots = {
            (status, number): subject
            for status in lefts
            for subject, number in _slots([s for s in subjects if s.trend.status == status], room)
        }
        for (status, number), subject in slots.items():
            words = lines[subject.slug], notes[subject.slug]
            entry = self._entry(subject, lefts[status], top + slot * number, *words)
            columns = list(lefts)
            if subject.came_from in columns:
                way = columns[columns.index(Status(subject.came_from)) : columns.index(status)]
                if not any((column, number) in slots for column in way):
                    entry = replace(entry, trail=_trail(subject.came_from, lefts[way[0]], entry))
            self._entries.append(entry)
        height = max(slot * room - BETWEEN_SLOTS, LINE * len(name))
        self.y = top + height + ROW_PADDING

    def _add_row_label(self, row: _TagRow, top: float) -> tuple[str, ...]:
        """Add the name of a row at its left, and return its lines."""
        label = row.label
        name = fit_lines(
            pieces_of(label.text, label.language), (self.gutter - AROUND_LABEL) / self.em, 2
        )
        self._rows.append(
            TagRowLabel(
                tuple(text_at(0, top + BASE_LINE + LINE * n, line) for n, line in enumerate(name)),
                label.language if label.is_fallback else "",
                f"M0 {in_path(self.y)}H{in_path(self.width)}",
            )
        )
        return name

    def _note(self, subject: _Subject, most: float) -> str:
        if not self._few or not subject.note:
            return ""
        return fit_lines(pieces_of(subject.note, ""), most, 1)[0]

    def _entry(
        self, subject: _Subject, left: float, top: float, lines: Sequence[str], note: str
    ) -> OverviewEntry:
        x = left + LABEL
        texts = [
            text_at(x, top + BASE_LINE + LINE * n, line)
            for n, line in enumerate([*lines, note] if note else lines)
        ]
        return OverviewEntry(
            url=subject.url,
            name=subject.name(lines, note),
            status=subject.trend.status,
            confidence=subject.trend.confidence,
            moved=subject.moved,
            y=round(top + 7.5, 1),
            moved_x=round(left + MOVED, 1),
            status_x=round(left + STATUS, 1),
            confidence_x=round(left + CONFIDENCE, 1),
            lines=tuple(texts[: len(lines)]),
            language=subject.title.language if subject.title.is_fallback else "",
            note=texts[-1] if note else None,
            trail=None,
        )

    def layout(self) -> OverviewLayout:
        return OverviewLayout(
            name=self.name,
            width=self.width,
            height=round(self.y, 1),
            font_size=self.em,
            headings=tuple(self._headings),
            rows=tuple(self._rows),
            entries=tuple(self._entries),
        )


def _slots(cell: list[_Subject], room: int) -> list[tuple[_Subject, int]]:
    """Return trends with the slot of their hash, or the next free one, from top to bottom."""
    taken: dict[int, _Subject] = {}
    for subject in cell:
        digest = hashlib.sha256(subject.slug.encode()).digest()
        number = int.from_bytes(digest[:8]) * room >> 64
        while number in taken:
            number = (number + 1) % room
        taken[number] = subject
    return [
        (subject, number) for number, subject in sorted(taken.items(), key=lambda item: item[0])
    ]


def _trail(status: str, left: float, entry: OverviewEntry) -> Trail:
    """Return the line from the mark of a status, in the cell at `left`, to the entry's arrow."""
    x = round(left + STATUS, 1)
    return Trail(status, x, f"M{in_path(x + 10)} {in_path(entry.y)}H{in_path(entry.moved_x)}")
