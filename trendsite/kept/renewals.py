"""Rendering after a change what was read most recently, before anybody asks for it again."""

import logging
import threading
from typing import Any

from django.db import transaction

from trendsite.kept.front import Front
from trendsite.shared.writes import written

logger = logging.getLogger(__name__)

MOST_PAGES = 100


class Renewals:
    """A thread that renews the pages of a front when content changed.

    It is told by a write through the door as soon as that is committed, and by the first request
    that notices any other change. Pages that show nothing of the change are only checked.
    """

    def __init__(self, front: Front) -> None:
        self._front = front
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
        transaction.on_commit(self.soon)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            for address in self._front.store.recent(MOST_PAGES):
                try:
                    self._front.answer(address, in_advance=True)
                except Exception:  # the next reader renders it, and gets the error
                    logger.exception("%s was not renewed.", address.path)
