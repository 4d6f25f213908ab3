"""Rows that count their changes, for optimistic locking."""

from typing import Self

from django.db import models


class VersionedModel(models.Model):
    """A row whose `version` grows with each change by an editor or a file.

    `VersionedForm` compares it with the version that the form was opened with. A change of a part
    of the row, such as a driver of a trend, counts as a change of the row.
    """

    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def locked(cls, pk: int) -> Self:
        """Return the saved row, locked against other writers until the transaction ends."""
        return cls._base_manager.select_for_update(no_key=True).get(pk=pk)

    def count_change(self) -> None:
        """Increase the version of the row, which is then saved with a change."""
        self.version += 1
