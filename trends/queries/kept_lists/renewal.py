"""Updating the kept order and counts of the trends and mentions that were written."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import permutations
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from trends.levels import Confidence, Status
from trends.models import (
    VOCABULARIES,
    Assessment,
    ListedTrend,
    Trend,
    TrendMention,
    UnlistedChange,
)
from trends.queries.forecasts import forecasts_of
from trends.queries.inserting import create, insert
from trends.queries.kept_lists.counts import CROSSED, IN_FORCE, PUBLISHED, TAGGED, Counted
from trends.queries.kept_lists.listed_mentions import (
    lock_mentions,
    noted_mentions,
    renew_mentions,
)
from trends.queries.kept_lists.listed_parts import days_of, renew_changes, renew_forecasts
from trends.queries.letters import letter_of
from trends.queries.ordering import title_key
from trendsite.shared import days
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import column, columns, languages, translated

_TRENDS_AT_ONCE = 200
_LONGEST_KEY = 200
_COLUMNS_OF_TRENDS = ("pk", "slug", "published", "retired", "status", "confidence", "since")
_STAGES = {status.value: place for place, status in enumerate(Status)}
_RANKS = {level.value: place for place, level in enumerate(reversed(Confidence))}


@contextmanager
def renewing_lists() -> Iterator[None]:
    """Update the lists at the end of the block, in its transaction."""
    yield
    renew_lists(due=False)


def renew_lists(*, due: bool = True) -> int:
    """Update the lists for what was written; return the number of rows that were listed anew.

    With `due`, also for the trends that a new day has changed, and waiting for rows that another
    transaction has locked. Without it these are left for the next time, since waiting could be a
    deadlock.

    One query if nothing was written, two with `due`. For each two hundred trends five more, or
    eleven if one of them is or was published, and further ones if its changes or forecasts differ.
    For each two hundred mentions at most ten more.
    """
    today = days.today().date
    with transaction.atomic(savepoint=False):
        notes = list(UnlistedChange.objects.order_by("pk"))
        pks = {note.row_id for note in notes if note.kind == "trend"}
        for some in _batches([note.row_id for note in notes if note.kind == "mention"]):
            links = TrendMention.objects.filter(mention__in=some).order_by()
            pks.update(links.values_list("trend_id", flat=True))
        if due:
            changed = ListedTrend.objects.filter(Q(until__lte=today) | Q(valid_from__gt=today))
            pks.update(changed.values_list("trend_id", flat=True))
        # Trends are locked so that the second of two transactions reads what the first one wrote.
        # They are locked before the notes, since a transaction that has locked a trend may wait for
        # its note.
        locked_elsewhere: set[int] = set()
        for some in _batches(sorted(pks)):
            there = Trend.everything.filter(pk__in=some).values_list("pk", flat=True)
            locked = there.select_for_update(no_key=True, skip_locked=not due).order_by("pk")
            if len(locked) < len(some) and not due:  # others are locked elsewhere, or deleted
                locked_elsewhere.update(set(there) - set(locked))
        mentions = sorted(noted_mentions(notes))
        free = [lock_mentions(some, wait=due) for some in _batches(mentions)]
        if locked_elsewhere or not all(free):
            pks -= locked_elsewhere
            mentions = []
            notes = [note for note in notes if note.kind == "trend" and note.row_id in pks]
        ordered = sorted(pks)
        for some in _batches([note.pk for note in notes]):
            # Notes that are locked by a transaction, which writes the trend, stay.
            unlocked = UnlistedChange.objects.select_for_update(skip_locked=True)
            listed = unlocked.filter(pk__in=some).values("pk")
            UnlistedChange.objects.filter(pk__in=listed).delete()
        for some in _batches(mentions):
            renew_mentions(some)
        for some in _batches(ordered):
            _renew(some, today)
    return len(pks) + len(mentions)


def _batches(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(pks), _TRENDS_AT_ONCE):
        yield pks[start : start + _TRENDS_AT_ONCE]


def _renew(pks: Sequence[int], today: datetime.date) -> None:
    listed = ListedTrend.objects.filter(trend_id__in=pks, language=languages()[0])
    # Locked as well, since there is nothing else to lock for a deleted trend.
    listed = listed.select_for_update().order_by("trend_id")
    before = list(listed.values_list("counted", flat=True))
    trends = _published(pks)
    if not (before or trends):  # drafts
        return
    forecasts = forecasts_of(pks, today)
    rows = list(_listed(trends, forecasts, today))
    ListedTrend.objects.filter(trend_id__in=pks).delete()
    create(ListedTrend, rows)
    counts: Counter[Counted] = Counter()
    for counted in before:
        counts.subtract(_counts_of(counted))
    for row in rows:
        if row.language == languages()[0]:
            counts.update(_counts_of(row.counted))
    counts.update(renew_changes(pks, today))
    counts.update(renew_forecasts(forecasts, pks, today))
    _add({counted: number for counted, number in counts.items() if number})


def _add(counts: dict[Counted, int]) -> None:
    """Add differences to the counts. One query for each thousand of them.

    On PostgreSQL they are inserted as new rows, so that editors do not wait for each other, and
    added up after the commit.
    """
    if not counts:
        return
    is_pending = connection.vendor == "postgresql"
    rows = [(*counted, number, is_pending) for counted, number in sorted(counts.items())]
    insert(_COUNTS, rows, _OR_ADD)
    if is_pending:
        transaction.on_commit(_join, robust=True)  # if it fails, the next write adds them up


_COUNTS = "trends_listcount (of, facet, value, number, is_pending)"
_OR_ADD = (
    "ON CONFLICT (of, facet, value) WHERE NOT is_pending "
    "DO UPDATE SET number = trends_listcount.number + excluded.number"
)


def _join() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH pending AS (DELETE FROM trends_listcount WHERE is_pending RETURNING *) "
            f"INSERT INTO {_COUNTS} SELECT of, facet, value, SUM(number), false FROM pending "
            f"GROUP BY of, facet, value ORDER BY of, facet, value {_OR_ADD}"
        )


# Any, here and below: rows are named tuples.
def _published(pks: Sequence[int]) -> list[Any]:
    """Return the columns for lists of the trends that have a day of publication. One query."""
    read = [*_COLUMNS_OF_TRENDS, *columns("title", "title_reading")]
    published = Trend.objects.filter(pk__in=pks, published__isnull=False).order_by()
    return list(published.values_list(*read, named=True))


def _title(trend: Any, language: str) -> str:
    """Return the title that readers of a language get or, if it has one, its reading."""
    title = translated(trend, "title", language)
    return getattr(trend, column("title_reading", title.language)) or title.text


def _listed(
    trends: Sequence[Any], forecasts: Iterable[Any], today: datetime.date
) -> Iterator[ListedTrend]:
    """Yield the rows of `ListedTrend` for trends of `_published()`. Four queries, or none."""
    if not trends:
        return
    pks = [trend.pk for trend in trends]
    linked = _linked(pks)
    dates = _assessed(pks)
    days_of_forecasts: dict[int, list[datetime.date]] = defaultdict(list)
    for forecast in forecasts:
        days_of_forecasts[forecast.trend_id] += days_of(forecast)
    known = PartialDate.from_date(today)
    for trend in trends:
        is_public = trend.published <= today
        in_force = is_public and (trend.retired is None or trend.retired > today)
        days = [trend.published, *filter(None, [trend.retired])]
        days += [date.first_day for date in dates[trend.pk]]
        days += days_of_forecasts[trend.pk]
        names = {code: _title(trend, code) for code in languages()}
        letters = {code: letter_of(name, code) for code, name in names.items()}
        year = str(trend.since.first_day.year)
        own = [("status", trend.status), ("confidence", trend.confidence), ("year", year)]
        counted = {
            "lists": [
                name for name, is_on in ((PUBLISHED, is_public), (IN_FORCE, in_force)) if is_on
            ],
            "values": sorted({*own, *linked[trend.pk]}),
            "letters": [(f"letter-{code}", str(letter.place)) for code, letter in letters.items()],
        }
        for code in languages():
            yield ListedTrend(
                trend_id=trend.pk,
                language=code,
                is_public=int(is_public),
                in_force=int(in_force),
                slug=trend.slug,
                published=trend.published,
                status=trend.status,
                confidence=trend.confidence,
                rank=_RANKS[trend.confidence],
                stage=_STAGES[trend.status] if in_force else len(_STAGES),
                since=trend.since,
                reviewed=max((d.to_column() for d in dates[trend.pk] if d <= known), default=""),
                letter=letters[code].place,
                title_key=key_of(names[code]),
                counted=counted,
                valid_from=max((day for day in days if day <= today), default=None),
                until=min((day for day in days if day > today), default=None),
            )


def key_of(title: str) -> str:
    """Return a text that sorts like `title_key()` and is short enough for an index."""
    return "\x01".join(part[:_LONGEST_KEY] for part in title_key(title))


def _linked(pks: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Return the values of the facets of vocabularies for each trend. Three queries."""
    found = defaultdict(list)
    for name, vocabulary in VOCABULARIES.items():
        links = vocabulary.links._default_manager.filter(**{f"{vocabulary.trend}__in": pks})
        for trend, row in links.order_by().values_list(vocabulary.trend, vocabulary.row):
            found[trend].append((name, str(row)))
    return found


def _assessed(pks: Sequence[int]) -> dict[int, list[PartialDate]]:
    """Return the dates of the assessments of each trend, without reconstructed ones. One query."""
    found = defaultdict(list)
    rows = Assessment.objects.filter(trend__in=pks, reconstructed=False).order_by()
    for trend, date in rows.values_list("trend", "date"):
        found[trend].append(date)
    return found


def _counts_of(counted: dict[str, Any]) -> Iterator[Counted]:
    """Yield the (of, facet, value) of the counts to which a trend adds one."""
    for name in counted["lists"]:
        yield (name, "", "")
    if PUBLISHED in counted["lists"]:
        for facet, value in counted["letters"]:
            yield (PUBLISHED, facet, value)
        for facet, value in counted["values"]:
            if facet in VOCABULARIES:
                yield (PUBLISHED, facet, value)
        tags = [value for facet, value in counted["values"] if facet == "tag"]
        for tag, other in permutations(tags, 2):
            yield (TAGGED.format(tag), "tag", other)
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
