"""The store of kept answers: finds an answer, checks whether it is valid, and renders it anew."""

import datetime
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
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
from trendsite.kept.page_table import PageTable
from trendsite.kept.recording import recorded_queries
from trendsite.kept.replica import Replica
from trendsite.shared.days import beginning_of, next_change
from trendsite.shared.outages import give_back, leave_connection, one_line
from trendsite.shared.snapshots import snapshot

logger = logging.getLogger(__name__)


Render = Callable[[], HttpResponse]


class DueWork(Protocol):
    """Changes of content that are due at a time, such as a scheduled publication."""

    def __call__(self, state: int | None) -> bool:
        """Make the changes that are due, and return whether there were any.

        `state` is the result of `triggers.total()`.
        """

    def seconds_left(self) -> float | None:
        """Return the seconds until a change is due, None if none is scheduled."""


class Listener(Protocol):
    """Knows without a query whether content may have changed (decisions 38 and 50)."""

    def changes_heard(self) -> object:
        """Return a value that differs after each change, None if a change may be missed."""

    def add_change(self) -> None:
        """Note a change by this process."""


class _Rendering:
    """A rendering in progress, for which other threads that want the same answer wait."""

    def __init__(self, in_advance: bool) -> None:
        self.finished = threading.Event()
        self.is_kept = True
        self.in_advance = in_advance


class DayClock:
    """Returns the day in the site's time zone, computed once a day."""

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
    """Counts of what the store did, for tests and benchmarks."""

    rendered: deque[Address] = field(default_factory=lambda: deque(maxlen=10_000))
    checked: int = 0


class Store:
    """A cache of answers in the memory of this process, in order of last use.

    Simultaneous requests for one address render it once. The others get the answer before the
    change, for at most `GRACE` seconds after the change was noticed, and wait after that.
    """

    GRACE = 1.0
    LONGEST_RENDERING = 10.0
    """How many seconds a thread waits for the rendering of another one."""
    PAUSE = 1.0
    """For how many seconds a database that failed is not asked again."""
    LONGEST_QUESTION = 5.0
    """For how many seconds one thread alone asks a database that failed."""

    def __init__(
        self,
        most_bytes: int,
        page_table: PageTable | None = None,
        today: Callable[[], datetime.date] | None = None,
        due_work: DueWork | None = None,
        listener: Listener | None = None,
        replica: Replica | None = None,
    ) -> None:
        self._today = today or DayClock()
        self._page_table = page_table
        self.due_work = due_work
        self.listener = listener
        self._replica = replica
        self._last_asked: tuple[object, int | None] = (None, None)
        self._is_noted = False
        self.when_changed: Callable[[], None] | None = None
        self.when_replaced: Callable[[Address], None] | None = None
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[Address, KeptAnswer] = OrderedDict()
        self._renderings: dict[Address, _Rendering] = {}
        self._lock = threading.Lock()
        self._total: int | None = None
        self._numbers: dict[str, int] = {}
        self._noticed = 0.0
        self._asks_again = 0.0
        self.counts = _Counts()

    def find(self, address: Address) -> KeptAnswer | None:
        """Return the answer in memory, whether it is still valid or not."""
        return self._answers.get(address)

    def _use(self, address: Address) -> None:
        try:
            self._answers.move_to_end(address)
        except KeyError:  # it is new, or another thread has dropped it
            return

    def put(self, address: Address, kept: KeptAnswer) -> None:
        """Keep an answer in memory, and drop the least recently used ones if there is no room."""
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
        """Return the addresses in memory, at most `most`, the most recently used first."""
        with self._lock:
            return list(islice(reversed(self._answers), most))

    def get(
        self, address: Address, render: Render, *, in_advance: bool = False
    ) -> KeptAnswer | HttpResponse:
        """Return the answer at an address, rendered anew if the kept one is no longer valid.

        Returns an HttpResponse if the answer must not be kept. If the database fails, returns the
        kept answer unchecked, and asks the database again after `PAUSE` seconds.
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
            if self.due_work is not None and self.due_work(total):
                total = triggers.total(connections["default"])
                self._last_asked = (self._last_asked[0], total)
            if total != self._total:
                self._total, self._noticed = total, time.monotonic()
                if self.when_changed is not None:
                    self.when_changed()
            if kept is not None and kept.valid.total == total and kept.valid.day == self._today():
                return kept
            found = self._renew(address, render, total, in_advance)
        except Error:
            # A thread that waits for a connection answers no other request meanwhile.
            self._asks_again = time.monotonic() + self.PAUSE
            leave_connection()
            return self._without_database(render) if kept is None else kept
        return kept if _is_outage(found) and kept is not None else found

    def _current_total(self) -> int | None:
        """Return `triggers.total()`; no query if the listener has heard of no change since."""
        if self.listener is None:
            return triggers.total(connections["default"])
        changes = self.listener.changes_heard()
        heard, total = self._last_asked
        if changes is None or changes != heard:
            # Django closes a connection that is too old or whose file was replaced.
            signals.request_started.send(sender=Store, environ={})
            total = triggers.total(connections["default"])
            self._last_asked = (changes, total)
            give_back(connections["default"])
        return total

    def _without_database(self, render: Render) -> HttpResponse:
        """Return a response while the database fails: from the replica if it answers, else 503."""
        if self._replica is not None and self._replica.answers():
            with self._replica.reading():
                return render()
        return render()

    def _renew(
        self, address: Address, render: Render, total: int | None, in_advance: bool
    ) -> KeptAnswer | HttpResponse:
        """Check or render an answer, one at a time for each address."""
        with self._lock:
            rendering = self._renderings.get(address)
            is_first = rendering is None
            if rendering is None:
                rendering = self._renderings[address] = _Rendering(in_advance)
        if is_first:
            try:
                # Django closes connections that are too old or broken, before and after.
                signals.request_started.send(sender=Store, environ={})
                return self._from_replica_or_writer(address, render, total, rendering)
            finally:
                signals.request_finished.send(sender=Store)
                with self._lock:
                    del self._renderings[address]
                rendering.finished.set()
        before = self.find(address)
        is_recent = time.monotonic() - self._noticed < self.GRACE
        # A rendering in advance is waited for: the editor who saved must see the change.
        if before is not None and is_recent and not rendering.in_advance:
            return before
        rendering.finished.wait(self.LONGEST_RENDERING)
        return self.get(address, render) if rendering.is_kept else render()

    def _state(self) -> Validity:
        numbers = triggers.numbers(connection)
        if numbers != self._numbers:
            self._numbers = numbers  # otherwise all pages share one dictionary of 7 kB
        return Validity(self._today(), triggers.total(connection), self._numbers)

    def _from_replica_or_writer(
        self, address: Address, render: Render, total: int | None, rendering: _Rendering
    ) -> KeptAnswer | HttpResponse:
        """Check or render an answer, on the replica if it has all changes of state `total`."""
        if self._replica is not None and self._replica.has(total):
            try:
                with self._replica.reading():
                    found = self._check_or_render(address, render, rendering)
                if not _is_outage(found):
                    return found
                self._replica.leave("it failed while a page was rendered")
            except Error as error:
                self._replica.leave(one_line(error))
        return self._check_or_render(address, render, rendering)

    def _check_or_render(
        self, address: Address, render: Render, rendering: _Rendering
    ) -> KeptAnswer | HttpResponse:
        """Return the kept answer if it is valid, else render the page and keep it.

        A page that was rendered in advance and is not in memory goes to the table alone.
        """
        in_memory = self.find(address) is not None or not rendering.in_advance
        stale: KeptAnswer | None = None
        with snapshot():
            state = self._state()
            for find in (self.find, self._find_in_table):
                before = find(address)
                if before is not None and self._is_valid(before, state):
                    before.valid = state
                    if in_memory and self.find(address) is not before:
                        self.put(address, before)
                    return before
                stale = stale or before
            with recorded_queries(connection) as log, next_change() as change:
                response = render()
            objection = objection_to(response) or log.objection or self._objection()
            rendering.is_kept = not objection
            if objection:
                logger.debug("%s is not kept: %s", address.path, objection)
            kept = None
            if rendering.is_kept and self._today() == state.day:
                lengthen(response)
                kept = keep(response, log.with_results(connection), state, change.day)
        if self.when_replaced and stale and (kept is None or kept.digest != stale.digest):
            self.when_replaced(address)
        if kept is None:
            if stale is not None:
                self._forget(address)
            return response
        self.counts.rendered.append(address)
        if in_memory:
            self.put(address, kept)
        if self._page_table is not None:
            self._page_table.put(address, kept)
        return kept

    def _forget(self, address: Address) -> None:
        with self._lock:
            self._drop(address)
        if self._page_table is not None:
            self._page_table.remove(address)

    def _objection(self) -> str:
        """Return why no page may be kept at all, or an empty text: triggers may be missing."""
        if not self._is_noted and (missing := triggers.missing_triggers(connection)):
            tables = ", ".join(sorted(missing))
            logger.error("No page is kept until `migrate` adds the triggers of %s.", tables)
            return "missing triggers"
        self._is_noted = True
        return ""

    def _is_valid(self, kept: KeptAnswer, state: Validity) -> bool:
        """Return whether an answer is valid in a state.

        Runs its queries of changed tables again and, on another day, those that depend on the day.
        """
        if not kept.valid.day <= state.day < kept.next_change:
            return False
        self.counts.checked += 1
        is_another_day = kept.valid.day != state.day
        before = kept.valid.numbers
        changed = {name for name, number in state.numbers.items() if before.get(name) != number}
        return all(
            query.has_same_result(connection, state.day)
            for query in kept.queries
            if query.tables & changed or (is_another_day and query.depends_on_day)
        )

    def _find_in_table(self, address: Address) -> KeptAnswer | None:
        """Return the answer in the table, where another process may have stored it."""
        if self._page_table is None:
            return None
        try:
            return self._page_table.find(address)
        except Error as error:
            logger.warning("%s is not looked up: %s", address.path, error)
            return None


def _is_outage(found: KeptAnswer | HttpResponse) -> bool:
    return isinstance(found, HttpResponse) and found.status_code == 503
