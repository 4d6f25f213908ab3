"""Constraints of the database that forms need not ask the database about."""

from collections.abc import Sequence
from typing import Any

from django.db import models


class DatabaseCheck(models.CheckConstraint):
    """A CHECK constraint whose rule the model's own cleaning has checked already.

    Django validates a CHECK constraint of each submitted row with a query in a savepoint. A trend
    with all its rows has some eighty, and none can find anything: choices, `clean()` and
    `clean_fields()` say the same, with better messages. The database still enforces the rule on
    whatever is written past them.
    """

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Ask the database nothing."""

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return it as Django's own constraint, which it is to the database."""
        _path, args, kwargs = super().deconstruct()
        return "django.db.models.CheckConstraint", args, kwargs


def choices_constraint(field: str, choices: type[models.TextChoices]) -> DatabaseCheck:
    """Return a constraint that a field holds one of its choices."""
    return DatabaseCheck(
        condition=models.Q(**{f"{field}__in": choices.values}),
        name=f"%(app_label)s_%(class)s_{field}",
    )
