"""A second connection to the database, for what happens at the same time."""

from collections.abc import Callable
from threading import Thread

from django.db import connection


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
