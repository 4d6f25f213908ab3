"""Other sites, played by a server on this machine, for what fetches from them.

Names lead to it by a stand-in for the resolver, ports too, and certificates are real ones of an
authority that is made for the tests. Everything else is as it is outside.
"""

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import trustme
from django.test import override_settings

from trendsite.shared import fetching


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    agent: str

    def __str__(self) -> str:
        return f"{self.method} {self.host}{self.path}"


@dataclass
class Page:
    """What is answered at an address."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    methods: tuple[str, ...] = ("HEAD", "GET")
    trickles: bool = False


class OtherSites:
    """The pages of other sites, and what was asked of them."""

    def __init__(self) -> None:
        self.pages: dict[str, Page | Callable[[Asked], Page]] = {}
        self.asked: list[Asked] = []
        self.addresses: dict[str, list[list[str]]] = {}
        """The IP addresses that hosts have instead of this server's, at one look and the next."""
        self.uncertified: set[str] = set()
        self.resolved: list[str] = []
        self.port = 0
        """Where pages without TLS are served."""
        self.is_over = threading.Event()

    def page(self, place: str, *, answer: Callable[[Asked], Page] | None = None, **values) -> None:
        """Put a page at a place: host and path."""
        self.pages[place] = answer or Page(**values)

    def json(self, place: str, **values: object) -> None:
        self.page(place, body=json.dumps(values).encode())

    def moved(self, place: str, to: str, status: int = 301) -> None:
        self.page(place, status=status, headers={"Location": to})

    @property
    def hosts(self) -> set[str]:
        return {place.partition("/")[0] for place in self.pages}


def _handler(sites: OtherSites) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server calls
            parts = urlsplit(self.path)
            asked = Asked(
                self.command,
                self.headers["Host"].rpartition(":")[0] or self.headers["Host"],
                parts.path,
                dict(parse_qsl(parts.query)),
                self.headers["User-Agent"],
            )
            sites.asked.append(asked)
            page = sites.pages.get(f"{asked.host}{asked.path}", Page(404))
            page = page(asked) if callable(page) else page
            if self.command not in page.methods:
                page = Page(405)
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                while page.trickles and not sites.is_over.wait(0.05):
                    self.wfile.write(b"X-More: 1\r\n")
                if self.command == "GET":
                    self.wfile.write(page.body)
            except OSError:  # who asked has enough
                return

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@contextmanager
def _server(sites: OtherSites, certificates: ssl.SSLContext | None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(sites))
    server.daemon_threads = True
    if certificates:
        server.socket = certificates.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        sites.is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def other_sites(folder: Path) -> Iterator[OtherSites]:
    """Play other sites: those of which a page was put somewhere."""
    sites = OtherSites()
    authority = trustme.CA()
    bundle = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("www.example").configure_cert(certificates)

    def certify(connection, name, _context) -> None:
        if name and name not in sites.uncertified:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(name).configure_cert(context)
            connection.context = context

    certificates.sni_callback = certify
    asked_before = socket.getaddrinfo

    def resolve(host, port, *args, **kwargs):
        if host not in sites.hosts and host not in sites.addresses:
            try:
                is_named = not ipaddress.ip_address(host)
            except ValueError:
                is_named = host not in ("localhost", "0x7f000001", "127.1")
            if is_named:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return asked_before(host, port, *args, **kwargs)
        sites.resolved.append(host)
        if host in sites.addresses:
            addresses = sites.addresses[host].pop(0)
            return [
                found
                for address in addresses
                for found in asked_before(address, port, *args, **kwargs)
            ]
        served = {80: plain, 443: secure}.get(port, port)
        return asked_before("127.0.0.1", served, *args, **kwargs)

    with (
        pytest.MonkeyPatch.context() as patch,
        _server(sites, None) as plain,
        _server(sites, certificates) as secure,
        override_settings(FETCH_LOOPBACK=True),
    ):
        patch.setenv("SSL_CERT_FILE", str(bundle))
        patch.setattr(socket, "getaddrinfo", resolve)
        fetching._tls.cache_clear()
        sites.port = plain
        yield sites
    fetching._tls.cache_clear()
