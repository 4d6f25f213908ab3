"""The column of a partial date before it could hold ranges, for migrations."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import AlterField, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation

from trendsite.shared.partial_dates.columns import PartialDateField


class EarlierPartialDateField(PartialDateField[Any, Any]):
    """A column for years, quarters, months and days alone."""

    # Any: the types of Django's own signatures.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_length = 12

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        """Return the condition of the earlier column."""
        column = connection.ops.quote_name(str(self.column))
        return f"LENGTH({column}) = 12 AND ({super().db_check(connection)})"


def widen(model_name: str, name: str, field: PartialDateField[Any, Any]) -> list[Operation]:
    """Return the operations that change an earlier column so that it can hold all partial dates.

    The state of migrations has the present field all along, so that AlterField alone would find
    nothing to change.
    """
    _name, _path, args, kwargs = field.deconstruct()
    earlier = EarlierPartialDateField(*args, **kwargs)
    return [
        SeparateDatabaseAndState(state_operations=[AlterField(model_name, name, earlier)]),
        AlterField(model_name, name, field),
    ]
