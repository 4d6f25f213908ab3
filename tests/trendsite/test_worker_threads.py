"""Which thread of a worker rests after its answer, so that one alone takes requests."""

from concurrent.futures import ThreadPoolExecutor

import granian.server.mp
import granian.wsgi
import pytest

from trendsite import server, worker_threads
from trendsite.worker_threads import REST, resting_callback


class Protocol:
    def __init__(self) -> None:
        self.sent: list[tuple] = []

    def response_bytes(self, *answer) -> None:
        self.sent.append(answer)


def application(environ, start_response):
    start_response("200 OK", [])
    return [environ["PATH_INFO"].encode()]


class Clock:
    """A clock that stands still, except while a thread sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(worker_threads, "time", clock)
    return clock


@pytest.fixture
def threads():
    """Two functions, each of which answers a request in a thread of its own."""
    callback = resting_callback(application, {})

    def answer() -> None:
        protocol = Protocol()
        callback(protocol, {"PATH_INFO": "/en/"})
        assert protocol.sent == [(200, [], b"/en/")]

    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        yield (lambda: first.submit(answer).result()), (lambda: second.submit(answer).result())


def test_leader_does_not_rest(clock, threads):
    first, _second = threads
    for _ in range(3):
        first()
    assert clock.slept == []


def test_other_thread_rests_after_its_answer(clock, threads):
    first, second = threads
    first()
    second()
    assert clock.slept == [REST]


def test_thread_leads_if_the_leader_has_long_been_busy(clock, threads):
    first, second = threads
    first()
    clock.now += 2 * REST
    second()
    second()
    assert clock.slept == []
    first()
    assert clock.slept == [REST]


def test_server_has_granian_call_it(monkeypatch):
    """granian has no official place for it, so that a new version may need another one."""
    assert granian.server.mp._wsgi_call_wrap is granian.wsgi._callback_wrapper
    monkeypatch.setattr("granian.server.mp._wsgi_call_wrap", None)
    monkeypatch.setattr("granian.cli.cli", lambda *args, **options: None)
    monkeypatch.setattr("gc.freeze", lambda: None)
    server.main([])
    assert granian.server.mp._wsgi_call_wrap is resting_callback
