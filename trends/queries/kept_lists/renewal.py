"""List anew the trends that were written."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from trends.levels import Confidence
from trends.models import (
    VOCABULARIES,
    Assessment,
    ListedTrend,
    Trend,
    TrendMention,
    UnlistedChange,
)
from trends.queries.kept_lists.counts import CROSSED, IN_FORCE, PUBLISHED
from trends.queries.letters import letter_of
from trends.queries.ordering import read_names, title_key
from trendsite.shared import days
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import languages

_TRENDS_AT_ONCE = 200
_LONGEST_KEY = 200
_RANKS = {level.value: place for place, level in enumerate(reversed(Confidence))}

Counted = tuple[str, str, str]
"""Of which list, facet, value."""


@contextmanager
def renewing_lists() -> Iterator[None]:
    """List anew, at the end of the block, what was written in it; inside its transaction."""
    yield
    renew_lists(due=False)


def renew_lists(*, due: bool = True) -> int:
    """List anew the trends that were written, and those that a new day changed if it is `due`.

    Returns their number. One query where there are none, two if it is due, and fifteen more for
    each two hundred.
    """
    today = days.today().date
    with transaction.atomic():
        notes = list(UnlistedChange.objects.order_by("pk"))
        pks = {note.row_id for note in notes if note.kind == "trend"}
        for some in _batches([note.row_id for note in notes if note.kind == "mention"]):
            links = TrendMention.objects.filter(mention__in=some).order_by()
            pks.update(links.values_list("trend_id", flat=True))
        if due:
            changed = ListedTrend.objects.filter(Q(until__lte=today) | Q(valid_from__gt=today))
            pks.update(changed.values_list("trend_id", flat=True))
        # Locked, so that of two transactions the second reads the rows that the first wrote; and
        # before the notes, for which a transaction may wait that has locked a trend.
        ordered = sorted(pks)
        for some in _batches(ordered):
            trends = Trend.everything.select_for_update(no_key=True).filter(pk__in=some)
            list(trends.order_by("pk").values_list("pk", flat=True))
        for some in _batches([note.pk for note in notes]):
            # One that a transaction has locked, which writes that trend, stays.
            unlocked = UnlistedChange.objects.select_for_update(skip_locked=True)
            listed = unlocked.filter(pk__in=some).values("pk")
            UnlistedChange.objects.filter(pk__in=listed).delete()
        for some in _batches(ordered):
            _renew(some, today)
    return len(pks)


def _batches(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(pks), _TRENDS_AT_ONCE):
        yield pks[start : start + _TRENDS_AT_ONCE]


def _renew(pks: Sequence[int], today: datetime.date) -> None:
    before = ListedTrend.objects.filter(trend_id__in=pks, language=languages()[0])
    # Locked, too: of a trend that was deleted there is nothing else to lock.
    before = before.select_for_update().order_by("trend_id")
    counts: Counter[Counted] = Counter()
    for counted in before.values_list("counted", flat=True):
        counts.subtract(_counts_of(counted))
    ListedTrend.objects.filter(trend_id__in=pks).delete()
    rows = list(_listed(pks, today))
    ListedTrend.objects.bulk_create(rows)
    for row in rows:
        if row.language == languages()[0]:
            counts.update(_counts_of(row.counted))
    _add({counted: number for counted, number in counts.items() if number})


def _add(counts: dict[Counted, int]) -> None:
    """Add to the counts. One query, none if there are none.

    On PostgreSQL by rows of their own, so that no editor waits for another one's; they are joined
    when the write is committed.
    """
    if not counts:
        return
    is_pending = connection.vendor == "postgresql"
    rows = [(*counted, number, is_pending) for counted, number in sorted(counts.items())]
    with connection.cursor() as cursor:
        cursor.executemany(f"{_INSERT} VALUES (%s, %s, %s, %s, %s) {_OR_ADD}", rows)
    if is_pending:
        transaction.on_commit(_join, robust=True)  # what fails is joined after the next write


_COLUMNS = "of, facet, value, number, is_pending"
_INSERT = f"INSERT INTO trends_listcount ({_COLUMNS})"
_OR_ADD = (
    "ON CONFLICT (of, facet, value) WHERE NOT is_pending "
    "DO UPDATE SET number = trends_listcount.number + excluded.number"
)


def _join() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH pending AS (DELETE FROM trends_listcount WHERE is_pending RETURNING *) "
            f"{_INSERT} SELECT of, facet, value, SUM(number), false FROM pending "
            f"GROUP BY of, facet, value ORDER BY of, facet, value {_OR_ADD}"
        )


def _listed(pks: Sequence[int], today: datetime.date) -> Iterator[ListedTrend]:
    """Yield the rows of those trends that have a day of publication. Six queries."""
    trends = Trend.objects.filter(pk__in=pks, published__isnull=False)
    names = {code: _titles(trends, code) for code in languages()}
    linked = _linked(pks)
    dates = _assessed(pks)
    known = PartialDate.from_date(today)
    columns = ("pk", "slug", "published", "retired", "status", "confidence", "since")
    for pk, slug, published, retired, status, confidence, since in trends.order_by().values_list(
        *columns
    ):
        is_public = published <= today
        in_force = is_public and (retired is None or retired > today)
        days = [published, *filter(None, [retired]), *(date.first_day for date in dates[pk])]
        letters = {code: letter_of(names[code][pk], code) for code in names}
        own = [("status", status), ("confidence", confidence), ("year", str(since.first_day.year))]
        counted = {
            "lists": [
                name for name, is_on in ((PUBLISHED, is_public), (IN_FORCE, in_force)) if is_on
            ],
            "values": sorted({*own, *linked[pk]}),
            "letters": [(f"letter-{code}", str(letter.place)) for code, letter in letters.items()],
        }
        for code in languages():
            yield ListedTrend(
                trend_id=pk,
                language=code,
                is_public=int(is_public),
                in_force=int(in_force),
                slug=slug,
                published=published,
                status=status,
                confidence=confidence,
                rank=_RANKS[confidence],
                since=since,
                reviewed=max((d.to_column() for d in dates[pk] if d <= known), default=""),
                letter=letters[code].place,
                title_key=key_of(names[code][pk]),
                counted=counted,
                valid_from=max((day for day in days if day <= today), default=None),
                until=min((day for day in days if day > today), default=None),
            )


def key_of(title: str) -> str:
    """Return the text that sorts titles as `title_key()` does, short enough for an index."""
    return "\x01".join(part[:_LONGEST_KEY] for part in title_key(title))


def _titles(trends: QuerySet[Any], language: str) -> dict[int, str]:
    names = read_names(trends, "title", language, "title_reading")
    return {pk: text for text, _slug, pk in names}


def _linked(pks: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Return the values of facets that are links of each trend. Three queries."""
    found = defaultdict(list)
    for name, vocabulary in VOCABULARIES.items():
        links = vocabulary.links._default_manager.filter(**{f"{vocabulary.trend}__in": pks})
        for trend, row in links.order_by().values_list(vocabulary.trend, vocabulary.row):
            found[trend].append((name, str(row)))
    return found


def _assessed(pks: Sequence[int]) -> dict[int, list[PartialDate]]:
    """Return the dates of the assessments that were made at their time. One query."""
    found = defaultdict(list)
    rows = Assessment.objects.filter(trend__in=pks, reconstructed=False).order_by()
    for trend, date in rows.values_list("trend", "date"):
        found[trend].append(date)
    return found


def _counts_of(counted: dict[str, Any]) -> Iterator[Counted]:
    """Yield what a trend adds one to."""
    for name in counted["lists"]:
        yield (name, "", "")
    if PUBLISHED in counted["lists"]:
        for facet, value in counted["letters"]:
            yield (PUBLISHED, facet, value)
        for facet, value in counted["values"]:
            if facet in VOCABULARIES:
                yield (PUBLISHED, facet, value)
    if IN_FORCE in counted["lists"]:
        values = counted["values"]
        for facet, value in values:
            yield (IN_FORCE, facet, value)
            if facet in CROSSED:
                yield from (
                    (f"{facet}:{value}", other, its_value)
                    for other, its_value in values
                    if other != facet
                )
