"""The overview: all trends of a list as a table of statuses and leading tags.

Columns are statuses from emerging to declining, rows are leading tags. In narrow containers the
style sheet turns rows into blocks.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trends.levels import Status
from trends.models import Trend
from trendsite.shared.models import Tag

MOST_TRENDS = 200
"""There is no overview of more than these."""
MOST_ROWS = 12
"""Further leading tags, the least used, share a row."""

_OTHER_TAGS, _NO_TAG = "+", ""


@dataclass(frozen=True)
class OverviewEntry:
    """A trend in its cell. `moved` is `new` or a `Movement.direction`, `note` is that in words."""

    trend: Trend
    moved: str
    note: str


@dataclass(frozen=True)
class OverviewRow:
    """The trends of a leading tag by status. `label` names the tag, or several tags, or none."""

    tag: Tag | None
    label: str
    cells: Sequence[tuple[Status, Sequence[OverviewEntry]]]


@dataclass(frozen=True)
class Overview:
    """The table: the number of trends of each status, with zeros, and the rows."""

    counts: Mapping[Status, int]
    rows: Sequence[OverviewRow]


def build_overview(trends: Sequence[Trend]) -> Overview | None:
    """Return the overview of trends of `TrendQuerySet.for_list()`.

    Trends of a cell keep their order. Rows are ordered by the tag's slug, so that the order is the
    same in every language; the rows of several tags and of none are last. Returns None if there
    are no trends or more than `MOST_TRENDS`.
    """
    if not 0 < len(trends) <= MOST_TRENDS:
        return None
    tags = {tag.slug: tag for trend in trends for tag in trend.tag_rows[:1]}
    uses = Counter(trend.tag_rows[0].slug for trend in trends if trend.tag_rows)
    own = sorted(sorted(uses, key=lambda slug: (-uses[slug], slug))[:MOST_ROWS])
    found: dict[str, list[Trend]] = defaultdict(list)
    for trend in trends:
        slug = trend.tag_rows[0].slug if trend.tag_rows else _NO_TAG
        found[slug if slug in own or slug == _NO_TAG else _OTHER_TAGS].append(trend)
    labels = {
        _OTHER_TAGS: pgettext("tags in the picture", "other tags"),
        _NO_TAG: pgettext("tags in the picture", "no tag"),
    }
    counts = Counter(trend.status for trend in trends)
    return Overview(
        counts={status: counts[status] for status in Status},
        rows=[
            OverviewRow(tags.get(slug), labels.get(slug, ""), _cells(found[slug]))
            for slug in [*own, _OTHER_TAGS, _NO_TAG]
            if found[slug]
        ],
    )


def _cells(trends: Iterable[Trend]) -> list[tuple[Status, list[OverviewEntry]]]:
    entries = [(trend.status, _entry(trend)) for trend in trends]
    return [(status, [entry for where, entry in entries if where == status]) for status in Status]


def _entry(trend: Trend) -> OverviewEntry:
    movement = trend.movement
    notes = []
    if movement.is_new:
        notes.append(_("new"))
    if movement.before and movement.status_moved:
        notes.append(_("from %(status)s") % {"status": movement.before.status.label})
    elif movement.confidence_moved:
        notes.append(_("confidence up") if movement.direction == "surer" else _("confidence down"))
    return OverviewEntry(trend, "new" if movement.is_new else movement.direction, ", ".join(notes))
