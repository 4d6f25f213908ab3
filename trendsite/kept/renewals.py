"""Rendering after a change what was read most recently, before anybody asks for it again."""

import datetime
import logging
import threading
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from trendsite.kept.entries import Address
from trendsite.kept.front import Front
from trendsite.kept.purges import Purges
from trendsite.kept.shelf import Shelf
from trendsite.shared.days import beginning_of
from trendsite.shared.writes import written

logger = logging.getLogger(__name__)

MOST_PAGES = 100


class Renewals:
    """A thread that renews the pages of a front when content changed.

    It is told by a write through the door as soon as that is committed, and by the first request
    that notices any other change; at midnight, and when something
    is published at its time, it wakes by itself. Pages that show nothing of the
    change are only checked. With `purges`, all pages of `shelf` are, since a shared cache may have
    any of them.
    """

    def __init__(
        self, front: Front, shelf: Shelf | None = None, purges: Purges | None = None
    ) -> None:
        self._front = front
        self._shelf = shelf if purges else None
        if purges:
            front.store.when_replaced = purges.add
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        front.store.when_changed = self.soon
        written.connect(self._after_write, weak=False, dispatch_uid=id(self))

    def soon(self) -> None:
        """Wake the thread. Several changes meanwhile are renewed at once."""
        with self._lock:
            if self._thread is None:  # not before: a server may fork
                self._thread = threading.Thread(target=self._run, daemon=True, name="renewals")
                self._thread.start()
        self._wanted.set()

    def _after_write(self, **_: Any) -> None:
        transaction.on_commit(self._after_commit)

    def _after_commit(self) -> None:
        if news := self._front.store.news:
            news.add()  # the next request to this process need not wait for the notice
        self.soon()

    def _run(self) -> None:
        while True:
            self._wanted.wait(self._seconds_until_change())
            self._wanted.clear()
            self._renew(self._front.store.recent(MOST_PAGES))
            if self._shelf is not None:
                try:
                    self._renew(self._shelf.addresses())
                except DatabaseError:  # asked again at the next change
                    logger.exception("Pages that a shared cache may have were not all checked.")

    def _seconds_until_change(self) -> float:
        """Return how long it is to midnight, or until something is due before that."""
        due = self._front.store.due
        left = due.seconds_left() if due else None
        seconds = _seconds_until_tomorrow()
        return seconds if left is None else max(min(left, seconds), 1)

    def _renew(self, addresses: Iterable[Address]) -> None:
        for address in addresses:
            try:
                self._front.answer(address, in_advance=True)
            except Exception:  # the next reader renders it, and gets the error
                logger.exception("%s was not renewed.", address.path)


def _seconds_until_tomorrow() -> float:
    now = timezone.localtime()
    midnight = beginning_of(now.date() + datetime.timedelta(days=1))
    return (midnight - now).total_seconds() + 1
