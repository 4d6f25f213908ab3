"""SQLite connections that notice when the database's file was replaced, or became writable.

A connection keeps the file that it opened until it is closed, which takes up to a minute here.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


def only_open_what_is_there(settings_dict: dict[str, Any]) -> None:
    """Make connections fail if the database's file is missing, rather than create an empty one."""
    if settings_dict["ENGINE"] == "django.db.backends.sqlite3":
        settings_dict["NAME"] = f"{Path(settings_dict['NAME']).absolute().as_uri()}?mode=rw"


def remember_file(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Store which file a new connection has opened; close it soon if the file is read-only."""
    if connection.vendor != "sqlite":
        return
    path = connection.connection.execute("PRAGMA database_list").fetchone()[2]
    if path:  # empty for a database in memory
        connection.opened = (path, _inode(path))  # type: ignore[attr-defined]
        if not os.access(path, os.W_OK) and connection.close_at is not None:
            connection.close_at = time.monotonic()


def close_if_replaced(**_: Any) -> None:
    """Close connections whose file was replaced; a receiver of `request_started`."""
    for connection in connections.all(initialized_only=True):
        path, inode = getattr(connection, "opened", ("", None))
        if path and not connection.in_atomic_block and _inode(path) != inode:
            connection.close()


def _inode(path: str) -> int | None:
    with suppress(OSError):
        return os.stat(path).st_ino
    return None
