"""The production server with the options of `make run`: slow clients, dead workers, its log."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.databases import Databases
from tests.support.servers import PATIENCE, Server

COOKIE = "csrftoken=" + "a" * 32


@pytest.fixture(scope="module")
def server(databases, tmp_path_factory) -> Iterator[Server]:
    """A server that waits for a body for longer than a test takes."""
    with started(databases, tmp_path_factory.mktemp("server"), 10 * PATIENCE) as server:
        yield server


@pytest.fixture(scope="module")
def hasty_server(databases, tmp_path_factory) -> Iterator[Server]:
    """A server that waits for a body for a second."""
    with started(databases, tmp_path_factory.mktemp("hasty"), 1) as server:
        yield server


@contextmanager
def started(databases: Databases, folder: Path, body_seconds: int) -> Iterator[Server]:
    server = Server(folder, body_seconds)
    databases.copy_migrated_file(server.database)
    server.start()
    yield server
    server.stop()


class SlowClients:
    """Connections that announce a body of 16,000 bytes and send one of them every so often."""

    def __init__(self, server: Server, address: str, count: int, seconds: float = 0.3) -> None:
        head = (
            f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16000\r\n\r\n"
        )
        self._server = server
        self.sockets = [
            socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
            for _ in range(count)
        ]
        for connection in self.sockets:
            connection.sendall(head.encode())
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def _send(self) -> None:
        while not self._over.wait(self._seconds):
            for connection in self.sockets:
                try:
                    connection.sendall(b"a")
                except OSError:  # the server has closed it
                    continue

    def __enter__(self) -> "SlowClients":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()
        for connection in self.sockets:
            connection.close()
        self._server.wait_until(self._server.takes_logins)


# Slow clients


@pytest.mark.parametrize("address", ["/en/", "/healthz", "/admin/login/", "/admin/"])
def test_readers_are_answered_beside_slow_clients(server, address):
    with SlowClients(server, address, 8):  # twice as many as there are threads
        if address.startswith("/admin/"):
            server.wait_until(lambda: not server.takes_logins())
        for _ in range(5):
            assert server.get("/en/")
            assert server.get("/robots.txt")


@pytest.mark.parametrize("seconds", [0.3, 10 * PATIENCE], ids=["slow", "silent"])
def test_body_that_is_late_is_given_up(hasty_server, seconds):
    with SlowClients(hasty_server, "/admin/login/", 1, seconds) as slow:
        [connection] = slow.sockets
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")


def test_client_that_is_late_is_disconnected(hasty_server):
    """All that is left is a thread that notices after at most 512 more bytes."""
    with SlowClients(hasty_server, "/admin/login/", 1, 0.003) as slow:
        [connection] = slow.sockets
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
        while connection.recv(10_000):
            pass


# Bodies that are too large or come to where none is taken


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("address", ["/", "/en/", "/healthz", "/media/a.jpg", "/nothing"])
def test_address_of_readers_takes_no_body(server, method, address):
    # Only the first bytes are sent: the answer does not wait for the others.
    answer = server.ask(method, address, b"a=b", Cookie=COOKIE, **{"Content-Length": "300000000"})
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("address", ["/en/", "/admin/login/"])
def test_body_of_a_reader_s_request_is_not_waited_for(server, method, address):
    answer = server.ask(method, address, b"a=b", Cookie=COOKIE, **{"Content-Length": "300000000"})
    assert answer.status == 200


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/trends/trend/add/"])
@pytest.mark.parametrize("cookie", [COOKIE, "sessionid=" + "a" * 32])
def test_large_body_of_a_stranger_is_refused_unread(server, address, cookie):
    answer = server.ask("POST", address, b"a=b", Cookie=cookie, **{"Content-Length": "300000000"})
    assert answer.status == 413


# Log


def test_server_error_is_logged_with_its_traceback(server):
    with sqlite3.connect(server.database) as database:
        database.execute("ALTER TABLE trends_trend RENAME TO gone")
        try:
            # Of pages that are kept nobody would notice it.
            assert server.ask("GET", "/en/trends/nothing/").status == 500
        finally:
            database.execute("ALTER TABLE gone RENAME TO trends_trend")
    log = without_ids(server.log())
    assert "ERROR django.request: Internal Server Error: /en/trends/nothing/\nTraceback" in log
    assert "OperationalError: no such table: trends_trend" in log


def without_ids(log: str) -> str:
    return re.sub(r" \(request [0-9a-f]{16}\)$", "", log, flags=re.MULTILINE)


def logged(server: Server, *request, **headers: str) -> list[str]:
    """Return the lines that a request adds to the log, but for the last one, its own."""
    before = server.log()
    server.ask(*request, **headers)
    *lines, own = without_ids(server.log().removeprefix(before)).splitlines()
    assert f" INFO trendsite.requests: {request[0]} {request[1]} " in own
    return lines


def test_refused_token_is_logged_in_a_line(server):
    [line] = logged(server, "POST", "/admin/login/", b"a=b")
    assert line.endswith(
        "WARNING django.security.csrf: Forbidden (CSRF cookie not set.): /admin/login/"
    )


def test_refused_host_is_logged_in_a_line(server):
    [line] = logged(server, "GET", "/en/", None, Host="elsewhere.example\\nfoo")
    assert "ERROR django.security.DisallowedHost: Invalid HTTP_HOST header: 'elsewhere" in line


def test_failed_login_is_logged_in_a_line_without_what_was_typed(server):
    body = f"csrfmiddlewaretoken={'a' * 32}&username=my-password&password=editor".encode()
    [line] = logged(server, "POST", "/admin/login/", body, Cookie=COOKIE)
    assert line.endswith("WARNING trendsite.logins: Login failed: no such account, from 127.0.0.1")


def test_client_behind_a_trusted_proxy_is_logged_by_its_own_address(server):
    body = f"csrfmiddlewaretoken={'a' * 32}&username=a&password=b".encode()
    forwarded = {"X-Forwarded-For": "192.0.2.66, 203.0.113.7"}  # the first is the client's word
    [line] = logged(server, "POST", "/admin/login/", body, Cookie=COOKIE, **forwarded)
    assert line.endswith("no such account, from 203.0.113.7")


def test_page_that_is_not_found_has_no_line_but_that_of_its_request(server):
    assert logged(server, "GET", "/en/nothing/") == []


def test_answers_are_counted_over_all_workers(server):
    assert server.ask("GET", "/en/nothing/").status == 404
    counted = server.get("/metrics").decode()
    assert 'trendsite_answers_total{method="GET",status="404"}' in counted
    assert 'trendsite_answer_seconds_bucket{le="0.1",method="GET"}' in counted


# Workers


def test_worker_that_dies_is_replaced(server):
    [dead] = server.workers()
    os.kill(dead, signal.SIGKILL)
    server.wait_until(lambda: len(server.workers()) == 1 and server.workers() != [dead])
    server.wait_until(server.answers)
    assert server.process.poll() is None


PRELOADED = """
import gc, sys, threading
from django.db import connections
from granian import cli

def serve(arguments, **options):
    assert {"trendsite.urls", "trendsite.kept.front", "trends.admin"} <= set(sys.modules)
    assert "trendsite.wsgi" not in sys.modules  # which starts threads
    assert threading.active_count() == 1
    assert all(connection.connection is None for connection in connections.all())
    assert gc.isenabled()
    assert gc.get_freeze_count() > 100_000
    print(arguments or sys.argv[1:])

cli.cli = serve
from trendsite import server
server.main()
"""


def preloaded(**environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", PRELOADED, "--port", "1"],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_workers_start_with_the_code_loaded_and_nothing_that_a_copy_lacks():
    done = preloaded()
    assert (done.stdout, done.stderr) == ("['--port', '1']\n", "")


def test_server_with_wrong_settings_says_so_in_a_line():
    done = preloaded(PORT="http")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith('trendsite: Environment variable "PORT" invalid')
