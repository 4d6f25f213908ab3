"""The WSGI application in front of Django, which answers readers from the store."""

import io
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any
from urllib.parse import unquote_plus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.http.request import split_domain_port, validate_host
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import get_language_from_path

from trendsite.kept.encodings import as_brotli, as_gzip, is_text, preferred_encoding
from trendsite.kept.entries import Address, KeptAnswer
from trendsite.kept.headers import add_headers
from trendsite.kept.recording import RecordedRequest
from trendsite.kept.store import Store

LONGEST_QUERY = 2000
# Levels for answers that are not kept: they take a fifth of the time of those for kept answers.
QUICK_BROTLI, QUICK_GZIP = 4, 4


class Front:
    """A WSGI application that answers `GET` and `HEAD` requests without a session from the store.

    `django` renders pages that can be kept. `application` gets all other requests: those of the
    admin, for files and for monitoring, and those with a session.
    """

    def __init__(self, application: WSGIApplication, django: WSGIHandler, store: Store) -> None:
        self._application = application
        self._django = django
        self.store = store
        self._not_ours = (
            *(f"/{settings.ADMIN_PATH}/", settings.STATIC_URL, settings.MEDIA_URL),
            *("/healthz", "/readyz", "/metrics", "/__"),
        )
        # Reading them from the settings at each request takes as long as finding the answer.
        self._proxy_header = settings.SECURE_PROXY_SSL_HEADER
        self._session_cookies = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
        # The query parameters that each view has read so far, by the name of the view.
        self._parameters: defaultdict[str, set[str]] = defaultdict(set)
        self._looks_at_all: set[str] = set()
        self._learned = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        learned = None
        # A view that reads a parameter for the first time changes the address of its answer.
        while learned != self._learned:
            learned = self._learned
            address = self._address(environ)
            if address is None:
                return self._application(environ, start_response)
            found = self.answer(address)
            if not address.query and not environ.get("QUERY_STRING"):
                break
        if isinstance(found, KeptAnswer):
            return _send(found, environ, start_response)
        return _send_response(found, environ, start_response)

    def answer(self, address: Address, *, in_advance: bool = False) -> KeptAnswer | HttpResponse:
        """Return the answer at an address: a valid kept answer, or a response not to be kept.

        `in_advance` means that no reader has requested it yet.
        """
        return self.store.get(address, partial(self.render, address), in_advance=in_advance)

    def _address(self, environ: WSGIEnvironment) -> Address | None:
        """Return the address of the answer to a request, None if the answer is not kept."""
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or "HTTP_AUTHORIZATION" in environ
            or ("HTTP_COOKIE" in environ and self._has_session(environ["HTTP_COOKIE"]))
        ):
            return None
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        host = environ.get("HTTP_HOST", "").lower()
        address = Address(self._scheme(environ), host, path, query)
        if not query and self.store.find(address):
            return address  # its host and path were checked
        if path.startswith(self._not_ours):
            return None
        view = _view(path)
        if not view or not _is_allowed(host) or len(query) > LONGEST_QUERY:
            return None
        return address._replace(query=self._looked_at(view, query)) if query else address

    def _scheme(self, environ: WSGIEnvironment) -> str:
        """Return the scheme of a request as Django determines it."""
        if self._proxy_header:
            name, secure = self._proxy_header
            if name in environ:
                return "https" if environ[name].split(",")[0].strip() == secure else "http"
        scheme: str = environ["wsgi.url_scheme"]
        return scheme

    def _has_session(self, cookies: str) -> bool:
        return any(name in cookies for name in self._session_cookies)

    def _looked_at(self, view: str, query: str) -> str:
        """Return the part of a query string that a view reads, sorted by name.

        Returns all of it for a view that was not called yet.
        """
        if view in self._looks_at_all or view not in self._parameters:
            return query
        names = self._parameters[view]
        parts = [(unquote_plus(part.partition("=")[0]), part) for part in query.split("&")]
        return "&".join(part for name, part in sorted(parts, key=lambda x: x[0]) if name in names)

    def render(self, address: Address) -> HttpResponse:
        """Return Django's response to a request that has nothing of the reader but the address."""
        request = RecordedRequest(_environ(address))
        with translation.override(translation.get_language()):  # which the request changes
            response = self._django.get_response(request)
        assert isinstance(response, HttpResponse)  # files are below `_not_ours`
        add_headers(request, response)
        if view := _view(address.path):
            self._learn(view, request.parameters_asked())
        return response

    def _learn(self, view: str, names: set[str] | None) -> None:
        if view not in self._parameters or not (names or set()) <= self._parameters[view]:
            self._learned += 1
        if names is None:
            self._looks_at_all.add(view)
        self._parameters[view] |= names or set()


def _environ(address: Address) -> WSGIEnvironment:
    name, port = split_domain_port(address.host)
    proxy: tuple[str, str] | None = settings.SECURE_PROXY_SSL_HEADER
    header, secure = proxy or ("HTTP_X_FORWARDED_PROTO", "https")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": address.path,
        "QUERY_STRING": address.query,
        "SERVER_NAME": name,
        "SERVER_PORT": port or ("443" if address.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": address.host,
        header: secure if address.scheme == "https" else "http",
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    }


@lru_cache(maxsize=1000)
def _is_allowed(host: str) -> bool:
    name, _port = split_domain_port(host)
    return bool(name) and validate_host(name, _allowed_hosts())


def _allowed_hosts() -> list[str]:
    return [host for host in settings.ALLOWED_HOSTS if host]


@lru_cache(maxsize=10_000)
def _view(path: str) -> str:
    """Return the name of the view at a path, an empty text if no view matches."""
    decoded = path.encode("latin-1").decode(errors="replace")
    with translation.override(get_language_from_path(decoded) or settings.LANGUAGE_CODE):
        try:
            return resolve(decoded).view_name
        except Resolver404:
            return ""


def _send(
    kept: KeptAnswer, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    encoding = preferred_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
    if not kept.is_compressed:
        encoding = "identity"
    etag, headers = kept.sent[encoding]
    if "HTTP_IF_NONE_MATCH" in environ and _matches(environ["HTTP_IF_NONE_MATCH"], etag):
        start_response("304 Not Modified", _without_content(headers))
        return []
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [kept.body(encoding)]


def _matches(condition: str, etag: str) -> bool:
    """Return whether `If-None-Match` has an ETag; by RFC 9110 weak ones match as well."""
    return condition.strip() == "*" or etag in {
        part.strip().removeprefix("W/") for part in condition.split(",")
    }


def _without_content(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if not name.lower().startswith("content-")]


def _send_response(
    response: HttpResponse, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Send a response that is not kept, compressed at a low level."""
    body: bytes = response.content
    headers: list[tuple[str, Any]] = [
        (name, value) for name, value in response.items() if name.lower() != "content-length"
    ]
    if is_text(response.get("Content-Type", "")) and len(body) > 200:
        encoding = preferred_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if encoding != "identity":
            body = as_brotli(body, QUICK_BROTLI) if encoding == "br" else as_gzip(body, QUICK_GZIP)
            headers.append(("Content-Encoding", encoding))
        if "Accept-Encoding" not in response.get("Vary", ""):
            headers.append(("Vary", "Accept-Encoding"))
    start_response(
        f"{response.status_code} {response.reason_phrase}",
        [*headers, ("Content-Length", str(len(body)))],
    )
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
