"""Outages: the database or a disk does not work for now, through no fault of the program.

An outage is answered with status 503, ends a command with one line, and undoes a save as a whole.
Any other exception is an error of the program.
"""

import errno
from collections.abc import Iterator

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

RETRY_SECONDS = 5
"""The seconds after which clients may retry: the site recovers within them after an outage."""


class Outage(TextChoices):
    """A kind of outage, with the message for users."""

    GONE = "gone", _("The database does not answer at the moment.")
    BUSY = "busy", _("The database was busy for too long with what others save or load.")
    READ_ONLY = "read-only", _("The database cannot be written to at the moment.")
    FULL = "full", _("The disk is full.")
    FILES = "files", _("The folder of pictures cannot be written to at the moment.")


# The outages by the beginning of the names of SQLite's errors.
_SQLITE = {
    "SQLITE_BUSY": Outage.BUSY,
    "SQLITE_LOCKED": Outage.BUSY,
    "SQLITE_READONLY": Outage.READ_ONLY,
    "SQLITE_FULL": Outage.FULL,
    "SQLITE_IOERR": Outage.GONE,
    "SQLITE_CANTOPEN": Outage.GONE,
    "SQLITE_CORRUPT": Outage.GONE,
    "SQLITE_NOTADB": Outage.GONE,
    "SQLITE_PERM": Outage.GONE,
}
# The outages by PostgreSQL's error codes, or by their class, which is the first two characters.
_POSTGRESQL = {
    "08": Outage.GONE,  # the connection
    "25006": Outage.READ_ONLY,
    "28": Outage.GONE,  # the login
    "3D": Outage.GONE,  # no such database
    "40": Outage.BUSY,  # deadlocks
    "53": Outage.GONE,  # too many connections, out of memory
    "53100": Outage.FULL,
    "55P03": Outage.BUSY,  # lock_timeout
    "57": Outage.GONE,  # it shuts down, or starts
    "57014": Outage.BUSY,  # statement_timeout
    "58": Outage.GONE,  # an error of its machine
}
_FILES = {
    errno.ENOSPC: Outage.FULL,
    errno.EDQUOT: Outage.FULL,
    errno.EFBIG: Outage.FULL,
    errno.EROFS: Outage.FILES,
    errno.EACCES: Outage.FILES,
    errno.EPERM: Outage.FILES,
    errno.EIO: Outage.FILES,
    errno.ENOTDIR: Outage.FILES,
}


def outage_of(error: BaseException | None) -> Outage | None:
    """Return the outage that caused an error, None if it is an error of the program."""
    return next(filter(None, map(_outage, _chain(error))), None)


def file_error_of(error: BaseException | None) -> OSError | None:
    """Return the error of a file or folder that caused an error, or None."""
    return next((cause for cause in _chain(error) if isinstance(cause, OSError)), None)


def one_line(error: BaseException) -> str:
    """Return the message of an error in one line."""
    return " ".join(str(error).split())


def leave_connection() -> None:
    """Close this thread's connection, so that the next query opens a new one."""
    if not connection.in_atomic_block:
        connection.close()


def give_back(connection: BaseDatabaseWrapper) -> None:
    """Return a connection to its pool, or close it if it is old.

    Django does so at the end of a request. This is for work outside of requests.
    """
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, its cause or context, the cause of that, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _outage(error: BaseException) -> Outage | None:
    """Return the outage for an error of a database driver or of the operating system, or None.

    Drivers are recognised by attributes of their errors, so that neither has to be imported.
    """
    if isinstance(error, OSError):
        return _FILES.get(error.errno or 0)
    if name := getattr(error, "sqlite_errorname", ""):
        return next((outage for start, outage in _SQLITE.items() if name.startswith(start)), None)
    if not hasattr(error, "sqlstate"):
        return None
    if error.sqlstate is None:  # not an answer of the server: there is no connection
        kinds = {kind.__name__ for kind in type(error).__mro__}  # of a pool: PoolTimeout
        return Outage.GONE if kinds & {"OperationalError", "InterfaceError"} else None
    return _POSTGRESQL.get(error.sqlstate) or _POSTGRESQL.get(error.sqlstate[:2])
