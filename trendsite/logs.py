"""The log, written to standard error as lines of text or as JSON.

A record of a request has the request's id, which is also in the header X-Request-ID of the answer
and on error pages.
"""

import json
import logging
import random
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the current request, empty outside of requests."""

queries = logging.getLogger("trendsite.queries")


def new_request_id() -> str:
    """Return an id of sixteen hexadecimal digits."""
    return f"{random.getrandbits(64):016x}"


class RequestIdFilter(logging.Filter):
    """Gives each record the id of its request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class LineFormatter(logging.Formatter):
    """Writes a record as a line with the id of its request at the end, a traceback below."""

    def formatTime(  # noqa: N802  (of logging)
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        return _time(record.created)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (of logging)
        line = super().formatMessage(record)
        of_request = getattr(record, "request_id", "")
        return f"{line} (request {of_request})" if of_request else line


def _time(seconds: float) -> str:
    return f"{_second(int(seconds))},{int(seconds % 1 * 1000):03}"


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return time.strftime("%F %T", time.localtime(seconds))


def write_request(
    form: str, method: str, path: str, status: str, milliseconds: float, length: str
) -> None:
    """Write the line of a request to standard error, as the handlers below write a record.

    `path` is as in an address, `length` as in the header. There is no record: to make, filter and
    format one takes a kept page 35 of 74 µs on a busy machine, where this takes 12.
    """
    message = f"{method} {path} {status}, {milliseconds:.1f} ms, {length} bytes"
    if form == "json":
        line = json.dumps(
            {
                "time": _time(time.time()),
                "level": "INFO",
                "logger": "trendsite.requests",
                "message": message,
                "request_id": request_id.get(),
                "method": method,
                "path": path,
                "status": int(status),
                "milliseconds": round(milliseconds, 1),
            },
            ensure_ascii=False,
        )
    else:
        named = f"{_time(time.time())} INFO trendsite.requests: {message}"
        line = f"{named} (request {request_id.get()})"
    sys.stderr.write(line + "\n")


def refusal_in_a_line(record: logging.LogRecord) -> bool:
    """Log a refused request, such as one for a foreign host or a forged list, without traceback.

    Django logs these as `django.security.<class of the exception>`. The message says all; it may
    have what was sent, which is escaped as Django escapes what it logs itself.
    """
    if record.name.startswith("django.security.") and record.exc_info:
        record.exc_info = record.exc_text = None
        record.msg, record.args = record.getMessage().encode("unicode_escape").decode("ascii"), ()
    return True


def with_outage_in_a_line(record: logging.LogRecord) -> bool:
    """Shorten the record of an outage to one line, and drop records without an exception.

    Records without one are responses with status 500 or more that a view returned on purpose, such
    as a failing `/readyz`, which logs its own line.
    """
    from trendsite.shared.outages import one_line, outage_of  # after the settings, which read this

    if hasattr(record, "outage"):  # the filter is added again whenever logging is configured
        return True
    if not record.exc_info:
        return False
    error = record.exc_info[1]
    if error is not None and (outage := outage_of(error)):
        record.outage = outage.value
        record.exc_info = record.exc_text = None
        record.msg, record.args = f"{record.getMessage()}: {outage.value}: {one_line(error)}", ()
    return True


def log_configuration(level: str, form: str) -> dict[str, Any]:
    """Return Django's LOGGING for `level`, written as `line` or as `json`.

    A server error has its traceback; an outage, a failed login, a refused CSRF token, host or
    parameter, an edit and a load have a line each. Pages that are not found are left out.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "outages": {"()": "django.utils.log.CallbackFilter", "callback": with_outage_in_a_line},
            "refusals": {"()": "django.utils.log.CallbackFilter", "callback": refusal_in_a_line},
            "request_id": {"()": RequestIdFilter},
        },
        "formatters": {
            "line": {
                "()": LineFormatter,
                "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            },
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
                "json_ensure_ascii": False,
            },
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": form,
                # of the handler, since a filter of a logger does not apply to loggers below it
                "filters": ["request_id", "refusals"],
            },
        },
        "root": {"handlers": ["stderr"], "level": max(level, "WARNING", key=logging.getLevelName)},
        "loggers": {
            "django": {"handlers": [], "level": "INFO"},  # replaces Django's own handlers
            "django.request": {"level": "ERROR", "filters": ["outages"]},
            "axes": {"level": "ERROR"},  # trendsite.accounts.events says the same in one line
            "trendsite": {"level": level},
        },
    }


def watch_queries(connection: BaseDatabaseWrapper, milliseconds: int) -> None:
    """Log each query of a connection that takes `milliseconds` or longer, without parameters."""

    # Any: as Django calls a wrapper.
    def watch(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        start = time.perf_counter()
        result = execute(sql, *args)
        taken = 1000 * (time.perf_counter() - start)
        if taken >= milliseconds:
            queries.warning("Slow query, %d ms: %s", taken, " ".join(sql.split())[:1000])
        return result

    connection.execute_wrappers.append(watch)


def report_errors(dsn: str) -> None:
    """Send server errors to Sentry, without personal data."""
    import sentry_sdk  # here, since it takes 20 MB of memory

    sentry_sdk.init(dsn=dsn, max_request_body_size="never")
