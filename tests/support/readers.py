"""Readers who ask the layer in front of Django, as the server does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import brotli
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import RequestFactory
from django.utils import timezone

from trends.editing.publishing.schedule import Schedule
from trendsite.kept.front import Front
from trendsite.kept.page_table import PageTable
from trendsite.kept.store import Listener, Store


@contextmanager
def open_connection() -> Iterator[None]:
    """Let no request of the block close the connection, within the transaction of a test."""
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in ends:
            signal.connect(close_old_connections)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        coding = self.headers.get("Content-Encoding")
        return (brotli.decompress(self.body) if coding == "br" else self.body).decode()


class Reader:
    """Asks a front of its own, with an empty store unless it is given one."""

    def __init__(
        self,
        most_bytes: int = 2**24,
        page_table: PageTable | None = None,
        listener: Listener | None = None,
    ) -> None:
        django = get_wsgi_application()
        today = lambda: timezone.localdate()  # noqa: E731  a test may have changed it
        store = Store(most_bytes, page_table, today, Schedule(), listener)
        self.front = Front(django, django, store)
        self.counts = self.front.store.counts

    def get(self, address: str, method: str = "GET", **environ: Any) -> Answer:
        """Return the answer to a request; `environ` has headers as WSGI names them."""
        asked = RequestFactory().generic(method, address, **environ).environ
        asked.pop("HTTP_COOKIE", None) if "HTTP_COOKIE" not in environ else None
        asked.setdefault("HTTP_HOST", "testserver")
        answers: list[tuple[str, list[tuple[str, str]]]] = []
        with open_connection():
            sent = self.front(asked, lambda status, headers: answers.append((status, headers)))
            body = b"".join(sent)
            if hasattr(sent, "close"):
                sent.close()
        [(status, headers)] = answers
        names = [name for name, _value in headers]
        assert len(names) == len(set(names)), f"a header twice: {names}"
        return Answer(int(status.split()[0]), dict(headers), body)

    def rendered(self) -> list[str]:
        """Return the paths that were rendered since this was asked last, sorted."""
        paths = sorted(f"{a.path}?{a.query}" if a.query else a.path for a in self.counts.rendered)
        self.counts.rendered.clear()
        return paths
