"""Several queries that read one state of the database."""

import pytest
from django.db import Error, connection, transaction

from quotes.models import Source
from tests.support.connections import in_another_connection
from tests.support.make import make_source
from trendsite.shared.snapshots import snapshot

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_row_deleted_in_between_is_read_until_the_end():
    make_source("first")
    make_source("second")
    with snapshot():
        assert Source.objects.count() == 2
        # A writer who had to wait for the reader would fail here after the timeout.
        in_another_connection(Source.objects.filter(key="first").delete)
        assert Source.objects.count() == 2
        assert Source.objects.filter(key="first").exists()
    assert Source.objects.count() == 1


def test_a_reader_does_not_wait_for_a_writer():
    def read() -> None:
        with snapshot():
            assert Source.objects.count() == 0

    with transaction.atomic():
        make_source()
        in_another_connection(read)
    assert Source.objects.count() == 1


def test_writers_keep_their_kind_of_transaction():
    mode = getattr(connection, "transaction_mode", None)
    with snapshot():
        assert Source.objects.count() == 0
    assert getattr(connection, "transaction_mode", None) == mode


def test_within_a_transaction_it_is_part_of_it():
    with transaction.atomic():
        with snapshot():
            make_source()
        assert connection.in_atomic_block
    assert Source.objects.count() == 1


def test_an_error_ends_the_transaction():
    def fail() -> None:
        with snapshot():
            Source.objects.get()

    with pytest.raises(Source.DoesNotExist):
        fail()
    assert not connection.in_atomic_block
    make_source()
    assert Source.objects.count() == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no such promise")
def test_postgresql_refuses_to_write():
    with pytest.raises(Error, match="read-only"), snapshot():
        make_source()
