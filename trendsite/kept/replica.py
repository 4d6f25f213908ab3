"""Rendering pages from a streaming replica of the PostgreSQL database."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, Error, connections

from trendsite.kept import triggers
from trendsite.shared.outages import give_back, one_line

logger = logging.getLogger(__name__)

ALIAS = "replica"


class Replica:
    """The replica of the setting REPLICA_URL, which may lag behind or fail (decision 39)."""

    WAIT = 0.2
    """How many seconds a page waits for a change to arrive before the writer is read instead."""
    PAUSE = 5.0
    """For how many seconds the replica is not used after it has failed."""

    def __init__(self) -> None:
        self._asks_again = 0.0

    def has(self, total: int | None) -> bool:
        """Return whether the replica has the state with this `triggers.total()`.

        Waits up to `WAIT` seconds for it. The table of changes is replicated like all others.
        """
        if time.monotonic() < self._asks_again:
            return False
        end = time.monotonic() + self.WAIT
        try:
            while triggers.total(connections[ALIAS]) != total:
                if time.monotonic() > end:
                    return False
                time.sleep(0.01)
        except Error as error:
            self.leave(one_line(error))
            return False
        return True

    def answers(self) -> bool:
        """Return whether the replica answers a query, even if it lags behind."""
        if time.monotonic() < self._asks_again:
            return False
        try:
            triggers.total(connections[ALIAS])
        except Error as error:
            self.leave(one_line(error))
            return False
        return True

    def leave(self, reason: str) -> None:
        """Stop using the replica for `PAUSE` seconds."""
        logger.warning("The replica is not read: %s", reason)
        self._asks_again = time.monotonic() + self.PAUSE
        connections[ALIAS].close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Send all queries of the block, in this thread, to the replica, which refuses writes.

        A database router would not do: it does not see queries that are written as SQL.
        """
        writer = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = connections[ALIAS]
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = writer
            give_back(connections[ALIAS])
