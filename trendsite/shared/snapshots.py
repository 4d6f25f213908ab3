"""Reading one state of the database by several queries."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all queries in the block read the same state of the database.

    Use it as a decorator of views: `@snapshot()`. The block must not write: PostgreSQL refuses
    it. Within a transaction it does nothing, since the outer block decides what is read.

    On PostgreSQL it costs one statement and a commit. On SQLite the transaction begins as
    DEFERRED, not as the setting `transaction_mode` says: it takes no lock, so readers neither
    wait for writers nor block them, and reads the state of its first query.
    """
    if connection.in_atomic_block:
        yield
        return
    with ExitStack() as stack:
        if connection.vendor == "sqlite":
            connection.ensure_connection()  # which sets the mode
            sqlite: Any = connection  # the stubs do not know the attribute
            mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
            try:
                stack.enter_context(transaction.atomic())
            finally:
                sqlite.transaction_mode = mode
        else:
            stack.enter_context(transaction.atomic())
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
