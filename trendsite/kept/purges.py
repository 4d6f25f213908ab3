"""Purging addresses whose answer changed from a shared cache, such as a CDN."""

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
    """A thread that sends a purge request for each address whose answer was replaced.

    The setting `PURGE_URL` is the address of the request, with the placeholders `{url}`, `{host}`
    and `{path}`. A save does not wait for it. A request that fails three times is logged.
    """

    MOST_WAITING = 100_000
    TIMEOUT = 5
    """For how many seconds an attempt may take."""
    PAUSES = (1.0, 5.0)
    """How many seconds are before the second and the third attempt."""

    def __init__(self) -> None:
        self._waiting: dict[Address, None] = {}  # an ordered set
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, address: Address) -> None:
        """Queue an address to be purged. An address that is already waiting is purged once."""
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
