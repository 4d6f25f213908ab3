"""The journal of a load of files in several transactions, with which a failed load is undone."""

from django.db import models
from django.utils import timezone


class LoadStep(models.Model):
    """One transaction of a load. All steps of a load are deleted in its last transaction.

    `rows` lists what it wrote: the label of a model, a primary key and, of a trend that was there
    before, when it had changed last. `last_version` is the last version of any row before it.
    """

    load = models.UUIDField()
    note = models.CharField(max_length=300)
    stored_at = models.DateTimeField(default=timezone.now)
    last_version = models.BigIntegerField()
    rows = models.JSONField(default=list)

    class Meta:
        default_permissions = ()  # nobody edits these rows
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.note
