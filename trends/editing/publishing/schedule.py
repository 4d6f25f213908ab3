"""Work that is due: scheduled publication, and lists that are not up to date.

There is no job runner: the first request after a time publishes. Each process stores the next time
at which anything is due, and reads it again when content has changed, so that a request only
compares two times.
"""

import datetime
import logging
import threading
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from trends.editing.publishing.publication import publish
from trends.models import ListedTrend, Preparation, Trend, UnlistedChange
from trends.queries.kept_lists.renewal import renew_lists
from trendsite.shared.days import beginning_of
from trendsite.shared.text_models import LONGEST_TEXT
from trendsite.shared.writes import Origin, Provenance

logger = logging.getLogger(__name__)

_NEXT = f"""
    SELECT
        (SELECT MIN(publish_at) FROM {Preparation._meta.db_table} WHERE problem = ''),
        (SELECT MIN(until) FROM {ListedTrend._meta.db_table}),
        (SELECT MAX(valid_from) FROM {ListedTrend._meta.db_table}),
        EXISTS (SELECT 1 FROM {UnlistedChange._meta.db_table})
"""
_TRY_AGAIN = datetime.timedelta(seconds=10)


def publish_due() -> int:
    """Publish what is due, the earliest first; return the number of published trends.

    What cannot be published stays as it is, and its `problem` is stored for editors.
    """
    due = Preparation.objects.filter(publish_at__lte=timezone.now(), problem="")
    count = 0
    for trend_pk in list(due.order_by("publish_at", "pk").values_list("trend", flat=True)):
        # Of simultaneous requests the second one finds that it is published already.
        with suppress(Trend.DoesNotExist, Preparation.DoesNotExist):
            count += _publish_one(trend_pk)
    return count


def _publish_one(trend_pk: int) -> int:
    with transaction.atomic():
        trend = Trend.locked(trend_pk)
        preparation = Preparation.objects.select_related("scheduled_by").get(
            trend=trend, publish_at__lte=timezone.now(), problem=""
        )
        at = preparation.publish_at
        assert at is not None
        provenance = Provenance(Origin.CLOCK, preparation.scheduled_by)
        try:
            with transaction.atomic():
                publish(
                    trend,
                    provenance,
                    on=timezone.localdate(at),
                    languages=preparation.languages or None,
                )
        except ValidationError as error:
            preparation.problem = " ".join(error.messages)[:LONGEST_TEXT]
            preparation.save(update_fields=["problem"])
            logger.error("%s was not published at %s: %s", trend, at, preparation.problem)
            return 0
    return 1


class Schedule:
    """Publishes what is due; implements `trendsite.kept.store.DueWork`."""

    def __init__(self) -> None:
        self._is_known = False
        self._state: int | None = None
        self._next: datetime.datetime | None = None
        self._lock = threading.Lock()

    def __call__(self, state: int | None) -> bool:
        """Publish what is due, and return whether content was changed.

        `state` is the result of `triggers.total()`. One query if it differs from the last call's,
        otherwise none, unless something is due.
        """
        if not self._is_known or state != self._state:
            self._next = _next_time()
            self._state, self._is_known = state, True
        next_time = self._next
        if next_time is None or timezone.now() < next_time:
            return False
        with self._lock:
            try:
                self._next, self._is_known = None, False
                return publish_due() + renew_lists() > 0
            except DatabaseError:  # such as a lock; it is tried again after a pause
                logger.exception("What is due could not be published or listed.")
                self._next, self._is_known = timezone.now() + _TRY_AGAIN, True
                return False

    def seconds_left(self) -> float | None:
        """Return the seconds until something is due, None if nothing is scheduled."""
        next_time = self._next
        if next_time is None:
            return None
        return max((next_time - timezone.now()).total_seconds(), 0)


def _next_time() -> datetime.datetime | None:
    """Return the next time at which a publication is due or a new day changes kept lists.

    That is now if lists are not up to date: something was written without `writing()`, or the clock
    was set back.

    It does not use Django's cursor, which takes longer than the query.
    """
    connection.ensure_connection()
    at, *days, has_notes = connection.connection.execute(_NEXT).fetchone()
    # SQLite has no types for them.
    if isinstance(at, str):
        at = timezone.make_aware(datetime.datetime.fromisoformat(at), datetime.UTC)
    until, since = (
        datetime.date.fromisoformat(day) if isinstance(day, str) else day for day in days
    )
    if has_notes or (since and since > timezone.localdate()):
        return timezone.now()
    return min(filter(None, [at, until and beginning_of(until)]), default=None)
