"""Hearing from PostgreSQL that content has changed, so that not every request has to ask."""

import logging
import threading
import time
from typing import Any

from django.db import connection

from trendsite.kept.triggers import CHANGES, TOTAL
from trendsite.shared.outages import one_line

logger = logging.getLogger(__name__)


class News:
    """A thread that counts what it hears of changes, on a connection of its own (decision 38).

    The triggers notify it once their transaction is committed. Where notices are lost on the way,
    as by a pooler that shares connections, it finds out within a second by asking.
    """

    HEARTBEAT = 1.0
    """After so many seconds without a notice it asks whether anything changed."""
    SILENCE = 3.0
    """For so many seconds after its last answer a connection is taken to be alive."""
    PAUSE = 1.0
    """Between two attempts to connect."""

    def __init__(self) -> None:
        self._number = 0
        self._alive_until = 0.0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def number(self) -> int | None:
        """Return how many changes were heard of; None if the database has to be asked itself."""
        if self._thread is None:  # not before: a server may fork
            self._start()
        return self._number if time.monotonic() < self._alive_until else None

    def add(self) -> None:
        """Count a change."""
        with self._lock:
            self._number += 1

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="news")
                self._thread.start()

    def _run(self) -> None:
        driver: Any = connection.Database  # type: ignore[attr-defined]
        while True:
            try:
                self._listen(driver.connect(**connection.get_connection_params(), autocommit=True))
            except driver.Error as error:  # meanwhile each request asks
                if self._alive_until:
                    logger.warning("No notice of changes is heard: %s", one_line(error))
                self._alive_until = 0.0
            time.sleep(self.PAUSE)

    def _listen(self, listening: Any) -> None:
        """Count changes until the connection is lost."""
        with listening:
            listening.execute(f"LISTEN {CHANGES}")
            self.add()  # what was missed until now
            total = None
            while True:
                self._alive_until = time.monotonic() + self.SILENCE
                heard = list(listening.notifies(timeout=self.HEARTBEAT, stop_after=1))
                if heard:
                    self.add()
                else:
                    before, (total,) = total, listening.execute(TOTAL).fetchone()
                    if total != before:
                        self.add()
