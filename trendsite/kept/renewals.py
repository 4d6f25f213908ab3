"""Rendering the most recently read pages after a change, before they are requested again."""

import datetime
import logging
import threading
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from trendsite.kept.entries import Address
from trendsite.kept.front import Front
from trendsite.kept.page_table import PageTable
from trendsite.kept.purges import Purges
from trendsite.shared.days import beginning_of
from trendsite.shared.writes import written

logger = logging.getLogger(__name__)

MOST_PAGES = 100
"""How many of the most recently read pages are checked after a change."""


class Renewals:
    """A thread that checks the most recently read pages after a change, and renders those affected.

    It wakes when a `trendsite.shared.writes` write is committed, when a request notices any other
    change, at midnight, and when a publication is due. With `purges` it also checks all pages of
    `page_table`, since a shared cache may have any of them.
    """

    def __init__(
        self, front: Front, page_table: PageTable | None = None, purges: Purges | None = None
    ) -> None:
        self._front = front
        self._page_table = page_table if purges else None
        if purges:
            front.store.when_replaced = purges.add
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        front.store.when_changed = self.soon
        written.connect(self._after_write, weak=False, dispatch_uid=id(self))

    def soon(self) -> None:
        """Wake the thread. Changes that arrive while it works are handled together afterwards."""
        with self._lock:
            if self._thread is None:  # not before: a server may fork
                self._thread = threading.Thread(target=self._run, daemon=True, name="renewals")
                self._thread.start()
        self._wanted.set()

    def _after_write(self, **_: Any) -> None:
        transaction.on_commit(self._after_commit)

    def _after_commit(self) -> None:
        if listener := self._front.store.listener:
            listener.add_change()  # so that the next request here does not depend on the notice
        self.soon()

    def _run(self) -> None:
        while True:
            self._wanted.wait(self._seconds_until_change())
            self._wanted.clear()
            self._renew(self._front.store.recent(MOST_PAGES))
            if self._page_table is not None:
                try:
                    self._renew(self._page_table.addresses())
                except DatabaseError:  # the next change checks them again
                    logger.exception("Pages that a shared cache may have were not all checked.")

    def _seconds_until_change(self) -> float:
        """Return the seconds until midnight, or until something is due if that is earlier."""
        due = self._front.store.due_work
        left = due.seconds_left() if due else None
        seconds = _seconds_until_tomorrow()
        return seconds if left is None else max(min(left, seconds), 1)

    def _renew(self, addresses: Iterable[Address]) -> None:
        for address in addresses:
            try:
                self._front.answer(address, in_advance=True)
            except Exception:  # the next request renders it, and reports the error
                logger.exception("%s was not renewed.", address.path)


def _seconds_until_tomorrow() -> float:
    now = timezone.localtime()
    midnight = beginning_of(now.date() + datetime.timedelta(days=1))
    return (midnight - now).total_seconds() + 1
