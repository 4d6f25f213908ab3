"""Reading a consistent state of the database with several queries."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all queries in the block read the same state of the database.

    Also a decorator of views: `@snapshot()`. The block must not write: PostgreSQL refuses it.
    Within a transaction it does nothing, since the outer block decides what is read.

    On PostgreSQL it takes one statement and a commit. On SQLite the transaction is DEFERRED,
    despite the setting `transaction_mode`: it takes no lock, so readers neither wait for writers
    nor block them, and all queries read the state of the first one.
    """
    if connection.in_atomic_block:
        yield
        return
    with ExitStack() as stack:
        if connection.vendor == "sqlite":
            connection.ensure_connection()  # before the mode is changed, which connecting sets
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
