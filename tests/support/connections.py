"""More connections to the database, for what happens at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections

from trends.models import Trend

PATIENCE = 120


def refuse_a_commit(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Let the database refuse the first commit with a trend; return [True] once it has."""
    commit, refused = connection._commit, []

    def commit_the_second_time():
        if not refused and Trend.objects.exists():
            refused.append(True)
            raise IntegrityError("violates foreign key constraint")
        return commit()

    monkeypatch.setattr(connection, "_commit", commit_the_second_time)
    return refused


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Call functions at the same moment, each with a connection of its own.

    Returns what they return, and raises what one of them raises.
    """
    barrier = Barrier(len(actions), timeout=PATIENCE)

    def call(action: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        done = [pool.submit(call, action) for action in actions]
        return [each.result(timeout=PATIENCE) for each in done]


def in_another_connection(action: Callable[[], object]) -> None:
    """Run an action in a thread, which has a connection of its own; raises what it raises."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
