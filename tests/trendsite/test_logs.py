"""The log: one line a request with its id, for people or for machines, and nothing of readers."""

import gzip
import io
import json
import logging
import logging.config
import os
import sqlite3
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import brotli
import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import RequestFactory

from tests.support.loading import VOCABULARY, write
from trendsite import views
from trendsite.logs import log_configuration, request_id, watch_queries
from trendsite.request_log import RequestLog

DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


@pytest.fixture
def log(request, monkeypatch, settings):
    """What is logged as a line or as JSON, by the parameter; a function that returns the lines."""
    form = settings.LOG_FORMAT = getattr(request, "param", "line")
    configuration = log_configuration("INFO", form)
    stream = io.StringIO()
    monkeypatch.setattr("trendsite.logs.sys", SimpleNamespace(stderr=stream))
    handler = logging.StreamHandler(stream)
    configurator = logging.config.DictConfigurator(configuration)
    handler.setFormatter(configurator.configure_formatter(configuration["formatters"][form]))
    for name in configuration["handlers"]["stderr"]["filters"]:
        handler.addFilter(configurator.configure_filter(configuration["filters"][name]))
    names = ("trendsite", "django.request", "django.security")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
    loggers[0].setLevel("INFO")
    yield lambda: stream.getvalue().splitlines()
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def ask(address: str, application=None, **environ) -> tuple[str, dict[str, str], bytes]:
    """Return status, headers and body of the answer that the outermost layer gives."""
    answers = []
    asked = RequestFactory().get(address, **environ).environ
    # As a server hands it over; the factory has let Django decode it.
    asked["PATH_INFO"] = asked["PATH_INFO"].encode().decode("latin-1")
    application = RequestLog(application or WSGIHandler())
    body = b"".join(application(asked, lambda *answer: answers.append(answer)))
    [(status, headers)] = answers
    return status, dict(headers), body


def hello(environ, start_response):
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


def test_each_request_has_a_line_with_the_id_that_is_in_the_answer(log):
    _status, headers, _body = ask("/robots.txt?secret=1", hello)
    [line] = log()
    assert "INFO trendsite.requests: GET /robots.txt 200, " in line
    assert line.endswith(f" ms, 5 bytes (request {headers['X-Request-ID']})")
    assert "secret" not in line
    assert "127.0.0.1" not in line
    assert request_id.get() == ""


@pytest.mark.django_db
def test_forged_parameter_of_a_list_has_one_line(log, admin_client):
    address = "/admin/trends/trend/?assessments__trend__successors%0Ainjected=1"
    assert admin_client.get(address).status_code == 400
    [_login, line] = log()
    assert "ERROR django.security.DisallowedModelAdminLookup: Filtering by assessments" in line
    assert r"successors\ninjected not allowed" in line


def test_two_requests_have_two_ids():
    assert ask("/", hello)[1]["X-Request-ID"] != ask("/", hello)[1]["X-Request-ID"]


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [("abcdefgh-1234", True), ("short", False), ("with space and more", False), ("x" * 65, False)],
)
def test_id_that_a_proxy_gave_is_taken_if_it_is_one(given, is_taken):
    _status, headers, _body = ask("/", hello, HTTP_X_REQUEST_ID=given)
    assert (headers["X-Request-ID"] == given) is is_taken


@pytest.mark.django_db
def test_address_in_any_script_is_answered_and_logged(log):
    """Django puts the decoded path into the variables of the request."""
    status, _headers, _body = ask("/en/%E6%BC%A2/")
    assert status == "404 Not Found"
    assert "GET /en/%E6%BC%A2/ 404, " in log()[-1]


def test_an_address_cannot_forge_a_line(log):
    ask("/a%0A2026-01-01%20ERROR%20forged", hello)
    assert len(log()) == 1


@pytest.mark.parametrize("log", ["json"], indirect=True)
def test_a_machine_reads_the_same_as_json(log):
    _status, headers, _body = ask("/robots.txt", hello)
    [line] = log()
    entry = json.loads(line)
    assert entry["level"] == "INFO"
    assert entry["logger"] == "trendsite.requests"
    assert entry["request_id"] == headers["X-Request-ID"]
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/robots.txt", 200)
    assert entry["milliseconds"] >= 0


@pytest.mark.django_db
def test_a_fault_of_the_database_is_one_line(log, client):
    def fail(*args):
        cause = sqlite3.OperationalError("unable to open database file")
        cause.sqlite_errorname = "SQLITE_CANTOPEN"
        raise OperationalError(str(cause)) from cause

    client.raise_request_exception = False
    with connection.execute_wrapper(fail):
        assert client.get("/en/").status_code == 503
    [line] = log()
    assert line.endswith(
        "ERROR django.request: Service Unavailable: /en/: gone: unable to open database file"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("log", ["line", "json"], indirect=True)
def test_a_server_error_has_its_traceback_and_its_number_on_the_page(log, monkeypatch, request):
    def fail(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(views, "reverse", fail)
    # The end of a request would close the connection within the test's transaction.
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    status, headers, body = ask("/robots.txt")
    number = headers["X-Request-ID"]
    assert status.startswith("500")
    assert f"please give its number: {number}" in body.decode()
    text = "\n".join(log())
    assert "Internal Server Error: /robots.txt" in text
    assert "RuntimeError: broken" in text
    assert text.count(number) == 2  # of the error, and of the request


def test_the_log_of_requests_is_off_above_info(log):
    logging.getLogger("trendsite").setLevel("WARNING")
    assert ask("/", hello)[2] == b"hello"
    assert log() == []


@pytest.mark.django_db
def test_a_load_has_one_line(log, tmp_path, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("loaddata", *write(tmp_path, vocabulary=VOCABULARY), verbosity=0)
    [line] = [line for line in log() if "Loaded" in line]
    assert "vocabulary.yaml: 2 trendsite.tag added, 2 trends.audience added, 2 quotes" in line


@pytest.mark.django_db
def test_a_slow_query_is_told_without_its_values(log):
    watch_queries(connection, 0)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s", ["a secret"])
    finally:
        connection.execute_wrappers.pop()
    [line] = log()
    assert "WARNING trendsite.queries: Slow query, " in line
    assert "SELECT %s" in line
    assert "secret" not in line


def test_errors_are_reported_to_sentry_where_it_is_set():
    received = []

    class Sentry(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(DECODERS[self.headers["Content-Encoding"]](body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            """Write nothing to standard error."""

    with HTTPServer(("127.0.0.1", 0), Sentry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        fails = "import sentry_sdk; sentry_sdk.capture_message('broken'); sentry_sdk.flush(60)"
        subprocess.run(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", fails],
            cwd=settings.BASE_DIR,
            env={**os.environ, "SENTRY_DSN": f"http://key@127.0.0.1:{server.server_port}/1"},
            check=True,
        )
        server.shutdown()
        thread.join()
    assert any(b"broken" in body for body in received)
