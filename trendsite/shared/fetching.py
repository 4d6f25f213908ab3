"""Requests to other sites, to public addresses only and bounded in time, size and redirects.

They are made by the check of links and the look-up of videos, never for a reader. A name is
resolved once for each connection, and the connection is made to the IP address that was checked.
This prevents DNS rebinding, in which a name resolves to a private address the second time.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urljoin

import certifi
import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import parse_url

from trendsite.shared.fetch_errors import FetchError, Problem

_MOST_REDIRECTS = 8
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 10.0
_PERMANENT, _TEMPORARY = (301, 308), (302, 303, 307)
# IPv4 addresses within IPv6 ones (RFC 6052), where a network has no IPv4 of its own.
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Answer:
    """The answer after all redirects.

    `address` is the address that answered. `moved_to` is the target of the last permanent redirect
    before the first temporary one, or empty.
    """

    status: int
    address: str
    moved_to: str = ""
    body: bytes = b""

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


def fetch(
    address: str,
    *,
    method: str = "GET",
    seconds: float = 20,
    most_bytes: int = 0,
    hosts: Collection[str] | None = None,
    purpose: str = "",
) -> Answer:
    """Return the answer to a request, after redirects.

    Args:
        seconds: the limit for the whole request, without the resolution of names.
        most_bytes: the limit for the body, which is not read by default.
        hosts: if given, only these hosts and their subdomains are asked, with https.
        purpose: a text for the header User-Agent, beside the address of this site.

    Raises FetchError.
    """
    headers = {
        "User-Agent": f"Trendsite/1.0 {purpose} (+{settings.SITE_URL}/)".replace("  ", " "),
        "Accept": "*/*",
        "Accept-Encoding": "identity",
    }
    moved_to, is_permanent = "", True
    with _deadline(seconds) as deadline:
        pools = urllib3.PoolManager(
            headers=headers,
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
            retries=False,
            ssl_context=_tls(),
        )
        pools.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicTLSPool}
        for _ in range(_MOST_REDIRECTS + 1):
            _check_address(address, hosts)
            try:
                response = pools.request(
                    method, address, redirect=False, preload_content=False, decode_content=False
                )
                body = response.read(most_bytes + 1) if most_bytes else b""
                response.close()
            except (HTTPError, OSError, ValueError) as error:
                raise FetchError(_problem_of(error, deadline), error) from error
            finally:
                pools.clear()
            if deadline.is_over:  # an answer that was cut off looks like one that has ended
                raise FetchError(Problem.TIMEOUT, address)
            if len(body) > most_bytes:
                raise FetchError(Problem.SIZE, address)
            location = response.headers.get("Location")
            if response.status not in (*_PERMANENT, *_TEMPORARY) or not location:
                return Answer(response.status, address, moved_to, body)
            address = _joined(address, location)
            is_permanent = is_permanent and response.status in _PERMANENT
            moved_to = address if is_permanent else moved_to
    raise FetchError(Problem.REDIRECTS, address)


def is_public(text: str) -> bool:
    """Return whether an IP address is a public one.

    An IPv6 address that contains an IPv4 address is judged by the latter. With the setting
    FETCH_LOOPBACK, which is for tests, loopback addresses count as public.
    """
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local:
            return False
        within: ipaddress.IPv4Address | None = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if within is not None:
            return is_public(str(within))
    if address.is_loopback and settings.FETCH_LOOPBACK:
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _check_address(address: str, hosts: Collection[str] | None) -> None:
    try:
        # Parsed as urllib3 does: urlsplit() finds another host in `https://one\\@two/`.
        parts = parse_url(address)
        host = (parts.host or "").rstrip(".")
    except LocationParseError as error:
        raise FetchError(Problem.ADDRESS, address) from error
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(Problem.ADDRESS, address)
    if hosts is None:
        return
    is_allowed = any(host == each or host.endswith(f".{each}") for each in hosts)
    if parts.scheme != "https" or not is_allowed:
        raise FetchError(Problem.ADDRESS, address)


def _joined(address: str, location: str) -> str:
    """Return the target of a redirect. Many servers send UTF-8, which is read as Latin-1."""
    try:
        return urljoin(address, location.encode("latin-1").decode())
    except ValueError as error:
        raise FetchError(Problem.ADDRESS, location) from error


def _problem_of(error: Exception, deadline: "_Deadline") -> Problem:
    if deadline.is_over:
        return Problem.TIMEOUT
    match error:
        case NameResolutionError():
            return Problem.NAME
        case LocationParseError() | LocationValueError() | UnicodeError():
            return Problem.ADDRESS
        case NewConnectionError():  # which is a ConnectTimeoutError as well
            return Problem.CONNECTION
        case ConnectTimeoutError() | ReadTimeoutError():
            return Problem.TIMEOUT
        case SSLError():
            return Problem.CERTIFICATE
    return Problem.CONNECTION


@cache
def _tls() -> ssl.SSLContext:
    """Return a TLS context that trusts the certificates of the machine and those of Mozilla."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class _Deadline:
    """Closes open connections when the time is over.

    The timeout of a socket holds for each read: a server that sends a byte now and then would
    occupy a thread for hours.
    """

    def __init__(self) -> None:
        self.is_over = False
        self._connections: list[socket.socket] = []

    def watch(self, connection: socket.socket) -> None:
        # A copy, since TLS takes the socket itself over.
        self._connections.append(connection.dup())

    def end(self) -> None:
        self.is_over = True
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed meanwhile
                continue

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


_current: ContextVar[_Deadline] = ContextVar("current_deadline")


@contextmanager
def _deadline(seconds: float) -> Iterator[_Deadline]:
    deadline = _Deadline()
    timer = threading.Timer(seconds, deadline.end)
    timer.daemon = True
    token = _current.set(deadline)
    timer.start()
    try:
        yield deadline
    finally:
        timer.cancel()
        timer.join()
        _current.reset(token)
        deadline.close()


def _connected(host: str, port: int, timeout: Any) -> socket.socket:
    """Return a connection to a host. Raises FetchError if any of its addresses is not public."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    for *_, address in found:
        if not is_public(str(address[0])):
            raise FetchError(Problem.PRIVATE, f"{host} is {address[0]}")
    failure: OSError | None = None
    for family, kind, protocol, _name, address in found:
        deadline = _current.get()
        if deadline.is_over:
            raise TimeoutError
        connection = socket.socket(family, kind, protocol)
        try:
            deadline.watch(connection)
            connection.settimeout(timeout)
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure or OSError(f"{host} has no address")


class _PublicConnection(HTTPConnection):
    """A connection made by `_connected()`, whose errors are those of urllib3."""

    def _new_conn(self) -> socket.socket:
        try:
            return _connected(self._dns_host, self.port or self.default_port, self.timeout)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "timed out") from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error


class _PublicTLSConnection(_PublicConnection, HTTPSConnection):
    pass


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTLSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTLSConnection
