"""A kept answer: its bytes in each encoding, its headers, and the queries it depends on."""

import datetime
import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from sys import intern
from typing import NamedTuple

from django.http import HttpResponse

from trendsite.kept.encodings import Encoding, as_brotli, as_gzip, is_text
from trendsite.kept.recording import RecordedQuery

Headers = list[tuple[str, str]]

_OWN = {"content-length", "content-encoding", "etag", "vary"}
_REFUSED = {"no-store", "no-cache", "private"}


class Address(NamedTuple):
    """The key of a kept answer. `query` has only the parameters that the view reads."""

    scheme: str
    host: str
    path: str
    query: str


@dataclass
class Validity:
    """The state of the database and the day in which an answer was last found to be valid.

    `total` and `numbers` are the results of the functions of `trendsite.kept.triggers`.
    """

    day: datetime.date
    total: int | None
    numbers: dict[str, int]


@dataclass
class KeptAnswer:
    """An answer with status 200 that is the same for all readers.

    `length` is the number of bytes uncompressed. `valid` is when the answer was last checked.
    `next_change` is the first day on which the page may differ even if its queries, run as of that
    day, have the same results. `sent` has the ETag and the headers of each encoding.
    """

    bodies: dict[Encoding, bytes]
    length: int
    headers: Headers
    digest: str
    queries: list[RecordedQuery]
    valid: Validity
    next_change: datetime.date
    sent: dict[Encoding, tuple[str, Headers]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = [(intern(name), intern(value)) for name, value in self.headers]
        for encoding in ("br", "gzip", "identity") if self.is_compressed else ("identity",):
            self.sent[encoding] = self._prepare(encoding)

    @property
    def is_compressed(self) -> bool:
        return "br" in self.bodies

    def _prepare(self, encoding: Encoding) -> tuple[str, Headers]:
        """Return the ETag of the answer in an encoding, and its headers."""
        etag = f'"{self.digest}"' if encoding == "identity" else f'"{self.digest}-{encoding}"'
        length = len(self.bodies[encoding]) if encoding in self.bodies else self.length
        headers = [*self.headers, ("ETag", etag), ("Content-Length", str(length))]
        if self.is_compressed:
            headers.append(("Vary", "Accept-Encoding"))
        if encoding != "identity":
            headers.append(("Content-Encoding", encoding))
        return etag, headers

    def body(self, encoding: Encoding) -> bytes:
        """Return the bytes in an encoding, decompressed for the few clients that take none."""
        if encoding in self.bodies:
            return self.bodies[encoding]
        return gzip.decompress(self.bodies["gzip"])

    @cached_property
    def size(self) -> int:
        """Return about how many bytes of memory it takes. SQL and headers are shared."""
        bodies = sum(map(len, self.bodies.values()))
        return bodies + 4000 + sum(200 + 60 * len(query.params) for query in self.queries)


def objection_to(response: HttpResponse) -> str:
    """Return why a response must not be kept, or an empty text."""
    if response.status_code != 200:
        return f"status {response.status_code}"
    if response.streaming:
        return "streaming"
    if response.cookies:
        return "cookies"
    if set(_listed(response, "Cache-Control")) & _REFUSED:
        return "Cache-Control"
    if set(_listed(response, "Vary")) - {"accept-encoding"}:
        return f"Vary: {response['Vary']}"
    return ""


def _listed(response: HttpResponse, header: str) -> Iterable[str]:
    return filter(None, re.split(r"\s*,\s*", response.get(header, "").strip().lower()))


def keep(
    response: HttpResponse,
    queries: list[RecordedQuery],
    valid: Validity,
    next_change: datetime.date,
) -> KeptAnswer:
    """Return a kept answer made from a response to which `objection_to()` has none."""
    body = response.content
    headers = [(name, value) for name, value in response.items() if name.lower() not in _OWN]
    bodies: dict[Encoding, bytes] = {"identity": body}
    if is_text(response.get("Content-Type", "")):
        bodies = {"br": as_brotli(body, 5), "gzip": as_gzip(body, 6)}
    # Sorted: each process has the directives of Content-Security-Policy in another order.
    compared = [(name, sorted(value.split("; "))) for name, value in headers]
    digest = hashlib.blake2b(body + repr(compared).encode(), digest_size=12).hexdigest()
    return KeptAnswer(bodies, len(body), headers, digest, queries, valid, next_change)
