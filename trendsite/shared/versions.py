"""Rows that count their changes, so that nobody overwrites a change that they have not seen."""

from typing import Self

from django.db import models


class VersionedModel(models.Model):
    """A row whose `version` grows with each change that an editor or a file makes.

    `VersionedForm` compares it with the version that the form was opened with. What is edited
    together with a row, such as the drivers of a trend, counts as a change of the row.
    """

    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def locked(cls, pk: int) -> Self:
        """Return the saved row, locked against other writers until the transaction ends."""
        return cls._base_manager.select_for_update(no_key=True).get(pk=pk)

    def count_change(self) -> None:
        """Note on the unsaved row that it is about to be saved with a change."""
        self.version += 1
