"""Reading pages from a copy of the database, which PostgreSQL keeps up on another machine."""

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
    """A copy of the database that may be behind it, or gone (decision 39)."""

    WAIT = 0.2
    """How many seconds a page waits for a change to arrive, before the writer is read instead."""
    PAUSE = 5.0
    """For how many seconds it is let alone after it has failed."""

    def __init__(self) -> None:
        self._asks_again = 0.0

    def has(self, total: int | None) -> bool:
        """Return whether the copy has all changes of a state, given as `triggers.total()` has it.

        The totals are copied with the rows. It may have more changes than these.
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
        """Return whether the copy can be read, however old it is."""
        if time.monotonic() < self._asks_again:
            return False
        try:
            triggers.total(connections[ALIAS])
        except Error as error:
            self.leave(one_line(error))
            return False
        return True

    def leave(self, reason: str) -> None:
        """Do not use the copy for some seconds."""
        logger.warning("The replica is not read: %s", reason)
        self._asks_again = time.monotonic() + self.PAUSE
        connections[ALIAS].close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all queries of the block, in this thread, go to the copy, which refuses to write.

        Those that name no database and those that are written as SQL: a router sees the first
        kind alone.
        """
        writer = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = connections[ALIAS]
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = writer
            give_back(connections[ALIAS])
