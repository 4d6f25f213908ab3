"""Noticing commits to a SQLite database without a query (decision 50)."""

import mmap
import os
import threading
import time
from pathlib import Path
from typing import Any

from django.db import Error, connections

from trendsite.kept.triggers import TOTAL

# Both copies of the header, see https://www.sqlite.org/walformat.html#the_wal_index_header.
# A process that dies while it writes them leaves them different.
_HEADER_BYTES = 96

# The mapped files, by device and inode. They stay open: POSIX drops all of a process's locks on a
# file when it closes any descriptor of that file, and SQLite has locks on it.
_mapped: dict[tuple[int, int], mmap.mmap] = {}


class CommitWatch:
    """Compares the header of SQLite's WAL index, which every commit of any process changes.

    The header is read from memory that SQLite shares among its connections. A connection of its
    own, which is not otherwise used, keeps SQLite from deleting that file and making a new one.
    """

    LOOK = 1.0
    """After how many seconds it checks again that the database's file was not replaced."""

    def __init__(self) -> None:
        self._header: mmap.mmap | None = None
        self._connection: Any = None
        self._opened: tuple[Path, int] | None = None
        self._number = 0
        self._looks_again = 0.0
        self._lock = threading.Lock()

    def changes_heard(self) -> tuple[int, bytes] | None:
        """Return a value that differs after each commit, None if commits cannot be noticed."""
        if time.monotonic() >= self._looks_again:
            self._look()
        header = self._header
        return None if header is None else (self._number, header[:_HEADER_BYTES])

    def add_change(self) -> None:
        """Do nothing: a change of this process is a commit like others."""

    def _look(self) -> None:
        """Open the database if it is not open, or if another file has taken its place."""
        with self._lock:
            if time.monotonic() < self._looks_again:
                return
            self._looks_again = time.monotonic() + self.LOOK
            try:
                if self._opened is None or self._opened[0].stat().st_ino != self._opened[1]:
                    self._close()
                    self._open()
            except (Error, OSError, ValueError):  # then each request asks, and reports the error
                self._close()

    def _open(self) -> None:
        self._connection = connections.create_connection("default")
        self._connection.inc_thread_sharing()  # another thread may close it
        with self._connection.cursor() as cursor:
            cursor.execute("PRAGMA database_list")
            path = Path(cursor.fetchone()[2])
            opened = path, path.stat().st_ino
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone() != ("wal",):
                raise ValueError("only WAL mode has such a file")
            cursor.execute(TOTAL)  # after the first query SQLite keeps the file
            cursor.fetchone()
        self._header = _map(f"{path}-shm")
        self._opened = opened
        self._number += 1

    def _close(self) -> None:
        self._header = self._opened = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _map(path: str) -> mmap.mmap:
    status = os.stat(path)
    key = status.st_dev, status.st_ino
    if key not in _mapped:
        descriptor = os.open(path, os.O_RDONLY)
        _mapped[key] = mmap.mmap(descriptor, _HEADER_BYTES, prot=mmap.PROT_READ)
    return _mapped[key]
