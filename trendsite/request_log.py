"""The outermost WSGI application: it gives requests ids, logs each one, and counts them."""

import logging
import os
import re
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings

from trendsite.logs import new_request_id, request_id, write_request

_ID_HEADER = "X-Request-ID"
# The form of an id that a proxy has given a request. It is taken over, so that both logs have it.
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LENGTH = {"Content-Length", "content-length"}
_NO_HEADERS: list[tuple[str, str]] = []
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

# For privacy, a line has neither the client's address nor the query string.


class RequestLog:
    """A WSGI application that logs requests to another one, with level INFO, and counts them."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._is_logged = logging.getLogger("trendsite").isEnabledFor(logging.INFO)
        self._form = settings.LOG_FORMAT
        self._observe = observer()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        name = given if _GIVEN_ID.fullmatch(given) else new_request_id()
        token, start = request_id.set(name), time.perf_counter()
        status, sent = "500", _NO_HEADERS
        # Read before Django puts the decoded path in its place.
        path_info = environ["PATH_INFO"]

        # Any: what `sys.exc_info()` returns.
        def answer(line: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal status, sent
            status, sent = line[:3], headers
            return start_response(line, [*headers, (_ID_HEADER, name)], *error)

        try:
            return self._application(environ, answer)
        finally:
            seconds = time.perf_counter() - start
            method = environ["REQUEST_METHOD"]
            if self._is_logged:
                lengths = [value for name, value in sent if name in _LENGTH]
                path = quote(path_info.encode("latin-1"))
                length = lengths[0] if lengths else "-"
                write_request(self._form, method, path, status, seconds * 1000, length)
            if self._observe:
                self._observe(method if method in _METHODS else "other", status, seconds)
            request_id.reset(token)


def observer() -> Any:
    """Return a function that counts an answer, None without PROMETHEUS_MULTIPROC_DIR.

    That setting names the folder in which all workers keep their counts.
    """
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return None
    from prometheus_client import Counter, Histogram

    answers = Counter("trendsite_answers", "Answers by method and status.", ["method", "status"])
    seconds = Histogram("trendsite_answer_seconds", "How long answers took.", ["method"])

    def observe(method: str, status: str, taken: float) -> None:
        answers.labels(method, status).inc()
        seconds.labels(method).observe(taken)

    return observe
