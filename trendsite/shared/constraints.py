"""Constraints of the database that forms do not validate with queries."""

from collections.abc import Sequence
from typing import Any

from django.db import models


class DatabaseCheck(models.CheckConstraint):
    """A CHECK constraint whose rule is also checked by choices, `clean()` or `clean_fields()`.

    Django validates each CHECK constraint of a submitted row with a query in a savepoint: some
    eighty for a trend with all its rows. Here they would find nothing that the model's own
    validation, which has better messages, has not found. The database still enforces the rule for
    rows that are written without validation.
    """

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the model's own validation has checked the rule."""

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return the constraint as Django's own class, for migrations."""
        _path, args, kwargs = super().deconstruct()
        return "django.db.models.CheckConstraint", args, kwargs


def choices_constraint(field: str, choices: type[models.TextChoices]) -> DatabaseCheck:
    """Return a constraint that the value of a field is one of its choices."""
    return DatabaseCheck(
        condition=models.Q(**{f"{field}__in": choices.values}),
        name=f"%(app_label)s_%(class)s_{field}",
    )
