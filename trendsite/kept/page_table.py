"""The database table of kept answers, which all processes share and which survives restarts."""

import ctypes
import datetime
import hashlib
import json
import logging
import queue
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import Error, connection
from django.utils import timezone

from trendsite.kept.encodings import Encoding
from trendsite.kept.entries import Address, KeptAnswer, Validity
from trendsite.kept.models import KeptPage
from trendsite.kept.recording import RecordedQuery
from trendsite.kept.release import release
from trendsite.kept.triggers import join_pending
from trendsite.shared.days import DayText, Today
from trendsite.shared.outages import give_back, one_line

logger = logging.getLogger(__name__)

_COLUMNS: tuple[Encoding, ...] = ("br", "gzip", "identity")


class PageTable:
    """The kept answers of this release. Callers check whether an answer is still valid."""

    MOST_PAGES = 100_000
    """The most rows, of some 60 kB each; `clear_out()` deletes those rendered first."""

    def find(self, address: Address) -> KeptAnswer | None:
        """Return the answer at an address, None if there is none. One query, by primary key."""
        row = KeptPage.objects.filter(pk=_key(address)).first()
        return None if row is None else _read(row)

    def put(self, address: Address, kept: KeptAnswer) -> None:
        """Insert or replace the answer at an address. One query."""
        try:
            facts = json.dumps(_facts(kept), cls=DjangoJSONEncoder)
        except TypeError:  # a parameter of a query that JSON does not have
            return
        row = KeptPage(
            key=_key(address),
            release=release(),
            address="".join((address.scheme, "://", address.host, address.path)),
            query=address.query,
            rendered=timezone.now(),
            facts=zlib.compress(facts.encode()),
            **{name: kept.bodies.get(name) for name in _COLUMNS},
        )
        changed = [field.name for field in KeptPage._meta.fields if not field.primary_key]
        KeptPage.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["key"], update_fields=changed
        )

    def remove(self, address: Address) -> None:
        """Delete the answer at an address. One query."""
        KeptPage.objects.filter(pk=_key(address)).delete()

    def addresses(self) -> Iterator[Address]:
        """Yield the addresses that have an answer. One query."""
        rows = KeptPage.objects.filter(release=release()).values_list("address", "query")
        for text, query in rows.iterator():
            scheme, _, rest = text.partition("://")
            host, slash, path = rest.partition("/")
            yield Address(scheme, host, slash + path, query)

    def clear_out(self) -> None:
        """Delete answers of other releases, and the oldest beyond `MOST_PAGES`. Three queries."""
        KeptPage.objects.exclude(release=release()).delete()
        oldest = KeptPage.objects.order_by("-rendered").values_list("rendered", flat=True)
        if beyond := oldest[self.MOST_PAGES : self.MOST_PAGES + 1]:
            KeptPage.objects.filter(rendered__lte=beyond[0]).delete()


class BackgroundPageTable(PageTable):
    """A table that is written by a thread, so that no request waits for a lock of the database.

    Writes are dropped if 200 are waiting, or if the database fails. The page is then rendered
    again when another process needs it.
    """

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[Address, KeptAnswer | None]] = queue.Queue(maxsize=200)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, address: Address, kept: KeptAnswer) -> None:
        self._soon(address, kept)

    def remove(self, address: Address) -> None:
        self._soon(address, None)

    def _soon(self, address: Address, kept: KeptAnswer | None) -> None:
        with self._lock:
            if self._thread is None:  # not before: a server may fork
                self._thread = threading.Thread(target=self._store, daemon=True, name="kept-pages")
                self._thread.start()
        try:
            self._waiting.put_nowait((address, kept))
        except queue.Full:
            logger.debug("%s is not stored: too many are waiting", address.path)

    def _store(self) -> None:
        stored = 0
        while True:
            address, kept = self._waiting.get()
            try:
                if stored % 1000 == 0:
                    self.clear_out()
                if stored % 50 == 0:
                    join_pending(connection)
                    _give_memory_back()
                if kept is None:
                    super().remove(address)
                else:
                    super().put(address, kept)
            except Error as error:
                logger.warning("%s is not stored: %s", address.path, one_line(error))
                connection.close()
            stored += 1
            if self._waiting.empty():
                give_back(connection)


def _give_memory_back() -> None:
    """Return memory to the system that pages needed while they were rendered.

    Between what is kept, glibc leaves free blocks in the heap, which grow to 20 MB.
    """
    with suppress(AttributeError):  # another library has no such function
        ctypes.CDLL(None).malloc_trim(0)


def _key(address: Address) -> str:
    text = json.dumps([release(), *address])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _facts(kept: KeptAnswer) -> dict[str, Any]:
    return {
        "headers": kept.headers,
        "length": kept.length,
        "digest": kept.digest,
        "day": kept.valid.day.isoformat(),
        "next_change": kept.next_change.isoformat(),
        "numbers": kept.valid.numbers,
        "queries": [
            [
                query.sql,
                [_param_fact(value) for value in query.params],
                query.digest.hex(),
            ]
            for query in kept.queries
        ],
    }


def _param_fact(value: Any) -> Any:
    match value:
        case Today():
            return {"offset": value.offset}
        case DayText():
            return {"offset": value.day.offset, "months": value.months, "suffix": value.suffix}
    return value


def _read_param(fact: Any, day: datetime.date) -> Any:
    match fact:
        case {"offset": offset, "months": months, "suffix": suffix}:
            return DayText(Today(day, offset), months, suffix)
        case {"offset": offset}:
            return Today(day, offset)
    return fact


def _read(row: KeptPage) -> KeptAnswer:
    facts = json.loads(zlib.decompress(row.facts))
    day = datetime.date.fromisoformat(facts["day"])
    return KeptAnswer(
        bodies={name: bytes(body) for name in _COLUMNS if (body := getattr(row, name)) is not None},
        length=facts["length"],
        headers=[(name, value) for name, value in facts["headers"]],
        digest=facts["digest"],
        queries=[
            RecordedQuery(
                sql,
                tuple(_read_param(value, day) for value in params),
                bytes.fromhex(digest),
            )
            for sql, params, digest in facts["queries"]
        ],
        # No total: the store has to check whether the answer is still valid.
        valid=Validity(day, None, facts["numbers"]),
        next_change=datetime.date.fromisoformat(facts["next_change"]),
    )
