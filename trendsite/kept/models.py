"""The tables of changes, written by database triggers, and of kept pages."""

from django.db import models
from django.db.models import Q


class ContentChange(models.Model):
    """Changes of a table. The sum of `number` over its rows identifies a state of the table.

    Each change adds a random number, so that the sum also differs between two databases of
    different histories, as before and after a backup is restored. On SQLite a table has one row.
    On PostgreSQL each transaction adds a row with `is_pending`, so that writers need not wait for
    each other; `trendsite.kept.triggers.join_pending()` adds these rows to the row without.
    """

    table_name = models.CharField(max_length=63)
    number = models.BigIntegerField()
    is_pending = models.BooleanField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["table_name"],
                condition=Q(is_pending=False),
                name="kept_contentchange_once",
            )
        ]

    def __str__(self) -> str:
        return self.table_name


class KeptPage(models.Model):
    """A kept answer. `facts` is compressed JSON of everything that is not a body."""

    key = models.CharField(primary_key=True, max_length=32)
    release = models.CharField(max_length=24, db_index=True)
    address = models.TextField()
    query = models.TextField()
    rendered = models.DateTimeField(db_index=True)
    facts = models.BinaryField()
    br = models.BinaryField(null=True)
    gzip = models.BinaryField(null=True)
    identity = models.BinaryField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.address
