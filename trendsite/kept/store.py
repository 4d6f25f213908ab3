"""The store of kept answers: finds one, tells whether it is still true, and makes it anew."""

import datetime
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from django.core import signals
from django.db import Error, connection, connections
from django.http import HttpResponse
from django.utils import timezone

from trendsite.kept import triggers
from trendsite.kept.entries import Address, KeptAnswer, Validity, keep, objection_to
from trendsite.kept.headers import lengthen
from trendsite.kept.news import News
from trendsite.kept.recording import recorded_queries
from trendsite.kept.replica import Replica
from trendsite.kept.shelf import Shelf
from trendsite.shared.days import beginning_of, next_change
from trendsite.shared.outages import give_back, leave_connection, one_line
from trendsite.shared.snapshots import snapshot

logger = logging.getLogger(__name__)


Render = Callable[[], HttpResponse]


class Due(Protocol):
    """What happens to content at a time of its own."""

    def __call__(self, state: int | None) -> bool:
        """Let it happen if it is time, and return whether anything did. `state` is of `total()`."""

    def seconds_left(self) -> float | None:
        """Return in how many seconds something will be due, None if nothing will."""


class _Flight:
    """A rendering on its way, which others who want the same answer wait for."""

    def __init__(self, in_advance: bool) -> None:
        self.landed = threading.Event()
        self.is_kept = True
        self.in_advance = in_advance


class DayClock:
    """Tells the day, and asks the calendar for it once a day."""

    def __init__(self) -> None:
        self._day = datetime.date.min
        self._begins = self._ends = 0.0

    def __call__(self) -> datetime.date:
        if not self._begins <= time.time() < self._ends:
            self._day = timezone.localdate()
            self._begins = beginning_of(self._day).timestamp()
            self._ends = beginning_of(self._day + datetime.timedelta(days=1)).timestamp()
        return self._day


@dataclass
class _Counts:
    """What the store did, for tests and measurements."""

    rendered: deque[Address] = field(default_factory=lambda: deque(maxlen=10_000))
    checked: int = 0


class Store:
    """Kept answers in the memory of this process, the least used of which leave first.

    A burst of requests for one address renders it once; meanwhile the others get the answer that
    was true until then, for at most `GRACE` seconds after the change was noticed.
    """

    GRACE = 1.0
    LONGEST_RENDERING = 10.0
    PAUSE = 1.0
    LONGEST_QUESTION = 5.0

    def __init__(
        self,
        most_bytes: int,
        shelf: Shelf | None = None,
        today: Callable[[], datetime.date] | None = None,
        due: Due | None = None,
        news: News | None = None,
        replica: Replica | None = None,
    ) -> None:
        self._today = today or DayClock()
        self._shelf = shelf
        self.due = due
        self.news = news
        self._replica = replica
        self._heard: tuple[int | None, int | None] = (None, None)
        self._is_noted = False
        self.when_changed: Callable[[], None] | None = None
        self.when_replaced: Callable[[Address], None] | None = None
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[Address, KeptAnswer] = OrderedDict()
        self._flights: dict[Address, _Flight] = {}
        self._lock = threading.Lock()
        self._total: int | None = None
        self._numbers: dict[str, int] = {}
        self._noticed = 0.0
        self._asks_again = 0.0
        self.counts = _Counts()

    def find(self, address: Address) -> KeptAnswer | None:
        """Return the answer that is kept, whether it is still true or not."""
        return self._answers.get(address)

    def _use(self, address: Address) -> None:
        with suppress(KeyError):
            self._answers.move_to_end(address)

    def put(self, address: Address, kept: KeptAnswer) -> None:
        """Keep an answer; others leave if there is no room."""
        with self._lock:
            self._drop(address)
            self._answers[address] = kept
            self._bytes += kept.size
            while self._bytes > self._most_bytes and len(self._answers) > 1:
                self._drop(next(iter(self._answers)))

    def _drop(self, address: Address) -> None:
        before = self._answers.pop(address, None)
        if before is not None:
            self._bytes -= before.size

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._bytes = 0
            self.counts = _Counts()

    def recent(self, most: int) -> list[Address]:
        """Return the addresses that were asked for last, the latest first."""
        with self._lock:
            return list(islice(reversed(self._answers), most))

    def get(
        self, address: Address, render: Render, *, in_advance: bool = False
    ) -> KeptAnswer | HttpResponse:
        """Return the answer at an address, rendered anew if what is kept is no longer true.

        A response is one that must not be kept. If the database does not answer, what is kept
        is taken to be true, and it is asked again after a second.
        """
        kept = self.find(address)
        if not in_advance:
            self._use(address)
        if kept is not None and self._asks_again:
            if time.monotonic() < self._asks_again:
                return kept
            self._asks_again = time.monotonic() + self.LONGEST_QUESTION  # this thread alone asks
        try:
            total = self._current_total()
            self._asks_again = 0.0
            if self.due is not None and self.due(total):
                total = triggers.total(connections["default"])
            if total != self._total:
                self._total, self._noticed = total, time.monotonic()
                if self.when_changed is not None:
                    self.when_changed()
            if kept is not None and kept.valid.total == total and kept.valid.day == self._today():
                return kept
            found = self._renew(address, render, total, in_advance)
        except Error:
            # A thread that waits for a connection answers nobody else meanwhile.
            self._asks_again = time.monotonic() + self.PAUSE
            leave_connection()
            return self._without_database(render) if kept is None else kept
        return kept if _is_outage(found) and kept is not None else found

    def _current_total(self) -> int | None:
        """Return the total of the database, which is asked if it may have another one by now."""
        if self.news is None:
            return triggers.total(connections["default"])
        number = self.news.number()
        heard, total = self._heard
        if number is None or number != heard:
            total = triggers.total(connections["default"])
            self._heard = (number, total)
            give_back(connections["default"])
        return total

    def _without_database(self, render: Render) -> HttpResponse:
        """Return a response while the database does not answer: as its replica has it, or 503."""
        if self._replica is not None and self._replica.answers():
            with self._replica.reading():
                return render()
        return render()

    def _renew(
        self, address: Address, render: Render, total: int | None, in_advance: bool
    ) -> KeptAnswer | HttpResponse:
        """Check or render an answer, one at a time for each address."""
        with self._lock:
            flight = self._flights.get(address)
            leads = flight is None
            if flight is None:
                flight = self._flights[address] = _Flight(in_advance)
        if leads:
            try:
                # Django closes connections that are too old or broken, before and after.
                signals.request_started.send(sender=Store, environ={})
                return self._from_replica_or_writer(address, render, total, flight)
            finally:
                signals.request_finished.send(sender=Store)
                with self._lock:
                    del self._flights[address]
                flight.landed.set()
        before = self.find(address)
        is_recent = time.monotonic() - self._noticed < self.GRACE
        # One who saved something reads it next, while it is rendered in advance: they wait.
        if before is not None and is_recent and not flight.in_advance:
            return before
        flight.landed.wait(self.LONGEST_RENDERING)
        return self.get(address, render) if flight.is_kept else render()

    def _state(self) -> Validity:
        numbers = triggers.numbers(connection)
        if numbers != self._numbers:
            self._numbers = numbers  # else all pages share those of before, which take 7 kB
        return Validity(self._today(), triggers.total(connection), self._numbers)

    def _from_replica_or_writer(
        self, address: Address, render: Render, total: int | None, flight: _Flight
    ) -> KeptAnswer | HttpResponse:
        """Check or render an answer in a state of which nothing is missing that the writer has."""
        if self._replica is not None and self._replica.has(total):
            try:
                with self._replica.reading():
                    found = self._check_or_render(address, render, flight)
                if not _is_outage(found):
                    return found
                self._replica.leave("it failed while a page was rendered")
            except Error as error:
                self._replica.leave(one_line(error))
        return self._check_or_render(address, render, flight)

    def _check_or_render(
        self, address: Address, render: Render, flight: _Flight
    ) -> KeptAnswer | HttpResponse:
        in_memory = self.find(address) is not None or not flight.in_advance
        stale: KeptAnswer | None = None
        with snapshot():
            state = self._state()
            for find in (self.find, self._take):
                before = find(address)
                if before is not None and self._is_true(before, state):
                    before.valid = state
                    if in_memory and self.find(address) is not before:
                        self.put(address, before)
                    return before
                stale = stale or before
            with recorded_queries(connection) as log, next_change() as change:
                response = render()
            objection = objection_to(response) or log.objection or self._objection()
            flight.is_kept = not objection
            if objection:
                logger.debug("%s is not kept: %s", address.path, objection)
            kept = None
            if flight.is_kept and self._today() == state.day:
                lengthen(response)
                kept = keep(response, log.answers(connection), state, change.day)
        if self.when_replaced and stale and (kept is None or kept.digest != stale.digest):
            self.when_replaced(address)
        if kept is None:
            if stale is not None:
                self._forget(address)
            return response
        self.counts.rendered.append(address)
        if in_memory:
            self.put(address, kept)
        if self._shelf is not None:
            self._shelf.put(address, kept)
        return kept

    def _forget(self, address: Address) -> None:
        with self._lock:
            self._drop(address)
        if self._shelf is not None:
            self._shelf.remove(address)

    def _objection(self) -> str:
        """Return why no page may be kept at all: changes that would not be noticed."""
        if not self._is_noted and (missing := triggers.missing_triggers(connection)):
            tables = ", ".join(sorted(missing))
            logger.error("No page is kept until `migrate` adds the triggers of %s.", tables)
            return "missing triggers"
        self._is_noted = True
        return ""

    def _is_true(self, kept: KeptAnswer, state: Validity) -> bool:
        """Return whether an answer is true in a state.

        Asks its queries of changed tables and, on another day, those that follow from the day.
        """
        if not kept.valid.day <= state.day < kept.next_change:
            return False
        self.counts.checked += 1
        is_another_day = kept.valid.day != state.day
        before = kept.valid.numbers
        changed = {name for name, number in state.numbers.items() if before.get(name) != number}
        return all(
            query.still_has_its_answer(connection, state.day)
            for query in kept.queries
            if query.tables & changed or (is_another_day and query.follows_day)
        )

    def _take(self, address: Address) -> KeptAnswer | None:
        """Return an answer that another process may have rendered."""
        if self._shelf is None:
            return None
        try:
            return self._shelf.take(address)
        except Error as error:
            logger.warning("%s is not looked up: %s", address.path, error)
            return None


def _is_outage(found: KeptAnswer | HttpResponse) -> bool:
    return isinstance(found, HttpResponse) and found.status_code == 503
