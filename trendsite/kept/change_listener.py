"""Listening to PostgreSQL for changes of content, so that not every request has to ask."""

import logging
import threading
import time
from typing import Any

from django.db import connection

from trendsite.kept.triggers import CHANGES, TOTAL
from trendsite.shared.outages import one_line

logger = logging.getLogger(__name__)


class ChangeListener:
    """A thread that counts notices of changes, on a connection of its own (decision 38).

    The triggers send a notice when their transaction is committed. If notices are lost, as behind
    a pooler that shares connections, the thread notices a change within `HEARTBEAT` seconds.
    """

    HEARTBEAT = 1.0
    """After how many seconds without a notice it asks the database for the total."""
    SILENCE = 3.0
    """For how many seconds after its last answer a connection is taken to be alive."""
    PAUSE = 1.0
    """How many seconds are between two attempts to connect."""

    def __init__(self) -> None:
        self._changes = 0
        self._alive_until = 0.0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def changes_heard(self) -> int | None:
        """Return the number of changes so far, None if the connection may be dead."""
        if self._thread is None:  # not before: a server may fork
            self._start()
        return self._changes if time.monotonic() < self._alive_until else None

    def add_change(self) -> None:
        """Count a change."""
        with self._lock:
            self._changes += 1

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, daemon=True, name="change-listener"
                )
                self._thread.start()

    def _run(self) -> None:
        driver: Any = connection.Database  # type: ignore[attr-defined]
        while True:
            try:
                self._listen(driver.connect(**connection.get_connection_params(), autocommit=True))
            except driver.Error as error:  # until it is connected again, each request asks
                if self._alive_until:
                    logger.warning("No notice of changes is heard: %s", one_line(error))
                self._alive_until = 0.0
            time.sleep(self.PAUSE)

    def _listen(self, listening: Any) -> None:
        """Count changes until the connection is lost."""
        with listening:
            listening.execute(f"LISTEN {CHANGES}")
            self.add_change()  # there may have been one before it listened
            total = None
            while True:
                self._alive_until = time.monotonic() + self.SILENCE
                heard = list(listening.notifies(timeout=self.HEARTBEAT, stop_after=1))
                if heard:
                    self.add_change()
                else:
                    before, (total,) = total, listening.execute(TOTAL).fetchone()
                    if total != before:
                        self.add_change()
