"""Writing a checked run in short transactions, between which others can save.

A load of several transactions stores in each what it wrote (`LoadStep`). So it can be undone if it
fails, and by the next load if it was killed.
"""

import datetime
import time
import uuid
from collections.abc import Callable
from functools import partial
from itertools import islice

from django.core.management import CommandError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from trends.fixture_format.loader import Run, WrittenTrend
from trends.fixture_format.trend_revisions import note_links
from trends.fixture_format.undoing import changed_since, check_none_runs, undo
from trends.models import LoadStep, Trend
from trendsite.shared.outages import Outage, outage_of
from trendsite.shared.revisions.models import Revision
from trendsite.shared.revisions.overwriting import (
    last_version,
    note_in_files,
    overwritten_since,
    refusal,
)
from trendsite.shared.writes import Origin, Provenance, Write, writing

STEP_SECONDS = 0.8
"""How long a transaction should take. Others wait for it on SQLite, up to five seconds."""
_FIRST_TRENDS, _MOST_TRENDS = 10, 200

# The pause after a transaction. On SQLite waiting writers try again every tenth of a second, and
# would miss the moment between two transactions.
_PAUSE = 0.12
_ATTEMPTS = 4


class Load:
    """The writing of a checked run.

    `on_progress(done, total)` is called with the numbers of trends written and of all. `kept` has
    messages on rows that were not undone after a failure, since others had changed them.
    """

    def __init__(
        self, run: Run, note: str, *, may_overwrite: bool, on_progress: Callable[[int, int], None]
    ) -> None:
        self._run = run
        self._provenance = Provenance(Origin.FILE, note=note)
        self._may_overwrite = may_overwrite
        self._on_progress = on_progress
        self._id = uuid.uuid4()
        self._has_begun = False  # a transaction was committed
        self.kept: list[str] = []
        self._began_after = last_version()
        self._size = _FIRST_TRENDS

    def write(self) -> None:
        """Write everything, or nothing if that fails. Raises CommandError or DatabaseError."""
        try:
            self._write()
        except BaseException:
            if self._has_begun:
                self.kept = undo(self._id)
            raise

    def _write(self) -> None:
        pickled = self._run.spill.pickled()
        total = left = len(self._run.spill)
        has_evidence = bool(len(self._run.evidence))
        later: list[WrittenTrend] = []
        is_first = True
        while is_first or left:
            batch = list(islice(pickled, self._size))
            left -= len(batch)
            is_last = not (left or later or has_evidence)
            later += self._tried(
                partial(self._write_trends, batch, is_first=is_first, is_last=is_last)
            )
            self._on_progress(total - left, total)
            is_first = False
        while later:
            some, later = later[: self._size], later[self._size :]
            is_last = not (later or has_evidence)
            self._tried(partial(self._link_later, some, is_last=is_last))
        if has_evidence:
            self._tried(self._write_evidence)

    def _tried(self, attempt: Callable[[], list[WrittenTrend]]) -> list[WrittenTrend]:
        """Return the result of a transaction, which is repeated if others were in its way.

        Pauses afterwards for other writers, and adapts the size of the next transaction so that it
        takes `STEP_SECONDS`.
        """
        notices = len(self._run.notices)
        for left in reversed(range(_ATTEMPTS)):
            began = time.monotonic()
            try:
                result = attempt()
            except (IntegrityError, OperationalError) as error:
                # A row that the commit refuses was saved or deleted meanwhile by somebody else.
                may_pass = isinstance(error, IntegrityError) or outage_of(error) is Outage.BUSY
                if not (may_pass and left) or connection.in_atomic_block:
                    raise
                del self._run.notices[notices:]
                time.sleep(_PAUSE)
            else:
                self._has_begun = True
                break
        took = max(time.monotonic() - began, 0.001)
        fitting = round(self._size * STEP_SECONDS / took)
        self._size = max(1, min(fitting, 2 * self._size, _MOST_TRENDS))
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            time.sleep(_PAUSE)
        return result

    def _write_trends(
        self, batch: list[bytes], *, is_first: bool, is_last: bool
    ) -> list[WrittenTrend]:
        """Write trends in a transaction, with the vocabulary if it is the first one.

        Returns the trends with links to trends that do not exist yet.
        """
        # Before the transaction, since it decodes pictures.
        documents = [self._run.opened(pickled) for pickled in batch]
        slugs = {slug for document in documents for slug in document.slugs()}
        with transaction.atomic():
            last = self._check_alone()
            # In the order in which all writes lock trends, and before rows that trends share.
            trends = Trend.objects.select_for_update(no_key=True).filter(slug__in=slugs)
            updated = dict(trends.order_by("pk").values_list("pk", "updated_at"))
            self._run.rows.clear()
            with writing(self._provenance) as write:
                if is_first:
                    self._run.write_vocabulary(write)
                written = self._run.write_trends(documents, write)
                later = self._run.link(written, write)
            self._refuse_to_overwrite(last)
            self._note_step(write, last, updated, is_last=is_last and not later)
        return later

    def _write_evidence(self) -> list[WrittenTrend]:
        """Write the evidence that belongs to no trend, as the last transaction."""
        with transaction.atomic():
            last = self._check_alone()
            self._run.rows.clear()
            with writing(self._provenance) as write:
                self._run.write_evidence(write)
            self._refuse_to_overwrite(last)
            self._note_step(write, last, {}, is_last=True)
        return []

    def _refuse_to_overwrite(self, last: int) -> None:
        """Raise CommandError for what people wrote, unless it may be; note what files have now."""
        if not self._may_overwrite and (found := overwritten_since(last)):
            raise CommandError(refusal([list(overwritten.lines()) for overwritten in found]))
        for model, pks in self._run.rows.items():
            note_in_files(model, pks)

    def _link_later(self, trends: list[WrittenTrend], *, is_last: bool) -> list[WrittenTrend]:
        """Set links to trends that were written later, as part of the version of the load.

        A trend that somebody has saved since is not changed.
        """
        pks = [trend.pk for trend in trends]
        with transaction.atomic():
            last = self._check_alone()
            rows = Trend.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk")
            by_pk = {row.pk: row for row in rows}
            since = Revision.objects.last_of(Trend, by_pk).filter(pk__gt=self._began_after)
            for version in since.exclude(origin=Origin.FILE).without_content():
                self._run.notices.append(changed_since(version))
                del by_pk[version.object_id]
            there = [trend for trend in trends if trend.pk in by_pk]
            with writing(self._provenance) as write:
                self._run.link(there, write)
                # Before the end of the write, which finds nothing new in these.
                note_links(since.filter(origin=Origin.FILE))
            self._note_step(write, last, {}, is_last=is_last)
        return []

    def _check_alone(self) -> int:
        """Check that no other load is running; return the primary key of the last version."""
        steps = LoadStep.objects.select_for_update()
        if self._has_begun and not steps.filter(load=self._id).exists():
            raise CommandError(_("Another load took this one for interrupted, and has undone it."))
        if not self._has_begun:
            check_none_runs()
        return last_version()

    def _note_step(
        self,
        write: Write,
        last: int,
        updated: dict[int, datetime.datetime],
        *,
        is_last: bool,
    ) -> None:
        """Store what a transaction wrote, or delete all steps if it is the last one."""
        if is_last:
            LoadStep.objects.filter(load=self._id).delete()
            return
        rows = {
            (type(change.row), change.pk): updated.get(change.pk)
            if isinstance(change.row, Trend)
            else None
            for change in write.changes
        }
        LoadStep.objects.create(
            load=self._id,
            note=self._provenance.note[:300],
            last_version=last,
            rows=[
                (model._meta.label, pk, when and when.isoformat())
                for (model, pk), when in rows.items()
            ],
        )
