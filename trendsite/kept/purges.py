"""Telling a shared cache, such as a CDN, which of our answers are no longer true."""

import logging
import threading
import time
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from django.conf import settings

from trendsite.kept.entries import Address

logger = logging.getLogger(__name__)


class Purges:
    """A thread that sends a request for each address whose answer was replaced.

    `PURGE_URL` says where to: `{url}` is the address, `{host}` and `{path}` are its parts. A save
    never waits for it; what a cache does not take at the third attempt is logged.
    """

    MOST_WAITING = 100_000
    TIMEOUT = 5
    PAUSES = (1.0, 5.0)
    """Before the second and the third attempt, in seconds."""

    def __init__(self) -> None:
        self._waiting: dict[Address, None] = {}  # a set in the order of what came
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, address: Address) -> None:
        """Purge an address soon; once where it is added several times meanwhile."""
        with self._changed:
            if self._thread is None:  # not before: a server may fork
                self._thread = threading.Thread(target=self._run, daemon=True, name="purges")
                self._thread.start()
            if len(self._waiting) < self.MOST_WAITING:
                self._waiting[address] = None
            else:
                logger.error("%s is not purged: too many are waiting", address.path)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                address = next(iter(self._waiting))
                del self._waiting[address]
            self._purge(address)

    def _purge(self, address: Address) -> None:
        request = purge_request(address)
        for pause in (*self.PAUSES, None):
            try:
                with urlopen(request, timeout=self.TIMEOUT):
                    logger.info("Purged %s", address.path)
                return
            except (URLError, OSError) as error:
                if pause is None:
                    logger.error("%s was not purged: %s", address.path, error)
                else:
                    time.sleep(pause)


def purge_request(address: Address) -> Request:
    """Return the request that purges an address, as the settings have it."""
    path = quote(address.path.encode("latin-1"), safe="/:@!$&'()*+,;=~")
    if address.query:
        path = f"{path}?{address.query}"
    parts = {"host": address.host, "path": path, "url": f"{address.scheme}://{address.host}{path}"}
    request = Request(settings.PURGE_URL.format(**parts), method=settings.PURGE_METHOD)
    if settings.PURGE_HEADER:
        name, _, value = settings.PURGE_HEADER.partition(":")
        request.add_header(name.strip(), value.strip())
    return request
