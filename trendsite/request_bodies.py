"""Request bodies: which addresses take one, how large, and how long it may take to arrive.

granian reads a body in the thread that answers the request and waits for it without limit, so a
few slow connections would occupy all threads. Readers' addresses therefore take no body at all,
and one sent to the admin is read in bounded time before anything else looks at the request.
"""

import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, BinaryIO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

# The login needs less than 1 kB. An editor whose session has ended sends a large form, and Django
# then shows the login.
ANONYMOUS_BYTES = 1024**2

# How many bytes are read at once. The thread that reads from a client sending one byte a second
# ends at most this many seconds after the deadline.
_PIECE = 512

# Two of the four threads of a worker, so that the other two answer readers.
_anonymous = threading.BoundedSemaphore(2)

# A client that sends nothing at all keeps its reading thread until it disconnects. These threads
# answer no requests, but their number has to be limited; beyond it nobody can log in.
_MAX_LATE = 32
_LATE = "late-request-body"


class TimedBody(io.BufferedIOBase):
    """Reads a WSGI input stream for at most `REQUEST_BODY_SECONDS` in total.

    The stream is read in another thread, since a blocking read cannot be interrupted.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._deadline: float | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        """Return exactly `size` bytes.

        Raises TimeoutError if they are late, OSError if the client disconnects before.
        """
        if size is None or size < 0:
            raise io.UnsupportedOperation("The length of a body is known from its header.")
        if self._deadline is None:
            self._deadline = time.monotonic() + settings.REQUEST_BODY_SECONDS
        data: Future[bytes] = Future()
        reader = threading.Thread(target=self._read_into, args=(data, size), daemon=True)
        reader.start()
        try:
            read = data.result(timeout=max(0.0, self._deadline - time.monotonic()))
        except TimeoutError:
            data.cancel()
            reader.name = _LATE
            raise
        if len(read) < size:
            raise OSError("The request body ended early.")
        return read

    def _read_into(self, data: Future[bytes], size: int) -> None:
        """Read until there are `size` bytes, the stream ends, or `data` is cancelled."""
        try:
            read = bytearray()
            while len(read) < size and not data.cancelled():
                piece = self._stream.read(min(_PIECE, size - len(read)))
                if not piece:
                    break
                read += piece
            if data.set_running_or_notify_cancel():
                data.set_result(bytes(read))
        except Exception as error:
            if data.set_running_or_notify_cancel():
                data.set_exception(error)


def _late_readers() -> int:
    """Return the number of threads that still wait for a body after its deadline."""
    return sum(thread.name == _LATE for thread in threading.enumerate())


def with_timed_bodies(application: WSGIApplication) -> WSGIApplication:
    """Return a WSGI application that reads request bodies in bounded time."""

    def timed(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        environ["wsgi.input"] = TimedBody(environ["wsgi.input"])
        return application(environ, start_response)

    return timed


class RequestBodyMiddleware:
    """Refuse requests with a body that no view takes, and read the body of the others.

    It has to be the last middleware: the others do not read the body before `process_view`, and
    they complete the headers of a refusal. Two queries for a POST with a session cookie, for the
    session and its user, which the admin would make otherwise.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refusal = None
        if request.method not in {"GET", "HEAD"}:
            refusal = self._refuse_or_read(request)
        return self.get_response(request) if refusal is None else refusal

    def _refuse_or_read(self, request: HttpRequest) -> HttpResponse | None:
        """Return the refusal of a request, or None after its body has been read."""
        if not request.path_info.startswith(reverse("admin:index")):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if request.method != "POST":
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        if request.user.is_authenticated:
            if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                return _too_large(request)
            return _read(request)
        return read_from_anybody(request)


def read_from_anybody(request: HttpRequest) -> HttpResponse | None:
    """Read the body of a client that is not logged in.

    Returns a refusal if the body is longer than `ANONYMOUS_BYTES`, is late, or if two such bodies
    are being read already; else None.
    """
    if _length(request) > ANONYMOUS_BYTES:
        return _log_in_first(request)
    if _late_readers() >= _MAX_LATE or not _anonymous.acquire(blocking=False):
        return _busy(request)
    try:
        return _read(request)
    finally:
        _anonymous.release()


def _length(request: HttpRequest) -> int:
    """Return the value of Content-Length; 0 if it is missing or invalid, as for Django."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _read(request: HttpRequest) -> HttpResponse | None:
    """Read the body, or return a refusal if it is late."""
    try:
        request.body  # noqa: B018  # Django keeps it for `request.POST`
    except UnreadablePostError:
        return _refusal(
            request,
            408,
            _("The form did not arrive"),
            _(
                "What you sent did not arrive completely within %(seconds)s seconds, so nothing "
                "was saved. Go back to the form and send it again."
            )
            % {"seconds": settings.REQUEST_BODY_SECONDS},
        )
    return None


def _too_large(request: HttpRequest) -> HttpResponse:
    """Read and discard the body, then refuse it: before that browsers do not show an answer."""
    with suppress(UnreadablePostError):
        while request.read(1024**2):
            pass
    return _refusal(
        request,
        413,
        _("The form is too large"),
        _(
            "A form with its files may have %(megabytes)s MB at most, so nothing was saved. "
            "Go back to the form and choose a smaller file."
        )
        % {"megabytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2},
    )


def _log_in_first(request: HttpRequest) -> HttpResponse:
    return _refusal(
        request,
        413,
        _("You are not logged in"),
        _(
            "Your session may have ended, so nothing was saved. Go back to the form, copy what "
            "you have written, and log in again."
        ),
    )


def _busy(request: HttpRequest) -> HttpResponse:
    response = _refusal(
        request,
        429,
        _("Too many logins at once"),
        _("Try again in a few seconds."),
    )
    response["Retry-After"] = str(settings.REQUEST_BODY_SECONDS)
    return response


def _refusal(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Return a page of the admin that says why a request was refused and what to do."""
    context = {**admin.site.each_context(request), "title": title, "text": text}
    return render(request, "admin/refused.html", context, status=status)
