"""`manage.py serve`: sets up in a copy of its process, then serves."""

import os

import pytest

from tests.support.servers import free_port
from trendsite import server
from trendsite.management.commands import serve


@pytest.fixture
def done(monkeypatch, settings) -> list[object]:
    """What the command does: the commands that it calls, and the arguments of the server."""
    calls: list[object] = []
    settings.PORT = free_port()
    monkeypatch.setattr(serve, "call_command", lambda name, **options: calls.append(name))
    monkeypatch.setattr(server, "main", calls.append)
    return calls


def test_copy_sets_up_and_ends(done, monkeypatch):
    monkeypatch.setattr(os, "fork", lambda: 0)
    serve.Command().handle()
    assert done == ["set_up"]


def test_server_starts_once_the_site_is_set_up(done, monkeypatch, settings):
    monkeypatch.setattr(os, "fork", lambda: 7)
    monkeypatch.setattr(os, "waitpid", lambda pid, options: (pid, 0))
    serve.Command().handle()
    assert done == [serve.granian_options(settings.PORT)]


def test_nothing_is_served_if_the_setup_fails(done, monkeypatch):
    monkeypatch.setattr(os, "fork", lambda: 7)
    monkeypatch.setattr(os, "waitpid", lambda pid, options: (pid, 1 << 8))
    with pytest.raises(SystemExit) as ended:
        serve.Command().handle()
    assert ended.value.code == 1
    assert done == []
