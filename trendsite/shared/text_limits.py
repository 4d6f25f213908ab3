"""The most characters of each text, as the database knows them.

The figures stand in the fields: `max_length`, or `LONGEST_TEXT` where there is none. Forms and
files are checked by them with messages for people; the database refuses what comes another way.
"""

import sys
from typing import Any

from django.apps import apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThan, LessThanOrEqual

from trendsite.shared.constraints import DatabaseCheck
from trendsite.shared.text_models import LONGEST_TEXT, TextModel


def limit_texts() -> None:
    """Give each model of texts the constraint that no text is longer than its field says.

    Called once the columns of all languages are there. The constraint is not written in `Meta`,
    which cannot read the figures of the fields; `makemigrations` finds what changed all the same.
    """
    for model in apps.get_models():
        if issubclass(model, TextModel):
            condition = Q()
            for name, most in longest_texts(model).items():
                condition &= Q(LessThanOrEqual(Length(name), most))
            name = f"{model._meta.app_label}_{model._meta.model_name}_lengths"
            limit = DatabaseCheck(condition=condition, name=name)
            model._meta.constraints = [*model._meta.constraints, limit]
            model._meta.original_attrs["constraints"] = model._meta.constraints


def longest_texts(model: type[models.Model]) -> dict[str, int]:
    """Return the most characters of each column of a model, or of its state in a migration."""
    return {
        field.attname: field.max_length or LONGEST_TEXT
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
    }


class AddLimit(migrations.AddConstraint):
    """Adds the constraint of `limit_texts()`, which rows from before it may break.

    Such rows stay, and are named on standard error: somebody has to shorten them before the
    database takes them again.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        connection = schema_editor.connection
        model = to_state.apps.get_model(app_label, self.model_name)
        if not _name_long_rows(model, connection.alias):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif connection.vendor == "sqlite":
            # The table is made anew, and its rows are copied.
            schema_editor.execute("PRAGMA ignore_check_constraints = ON")
            try:
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                schema_editor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            statement = self.constraint.create_sql(model, schema_editor)
            schema_editor.execute(f"{statement} NOT VALID", params=None)


def _name_long_rows(model: type[models.Model], alias: str) -> bool:
    """Write a line for each text that is too long; return whether there is one. One query a column.

    The line is for an operator, and in English as all that a migration says.
    """
    rows: Any = model._base_manager.using(alias).order_by("pk")
    lines = [
        f"  {model._meta.label} {pk}: {name} has {length:,} characters, at most {most:,} are "
        "allowed. The row stays as it is; shorten it, until then it cannot be saved."
        for name, most in longest_texts(model).items()
        for pk, length in rows.filter(GreaterThan(Length(name), most)).values_list(
            "pk", Length(name)
        )
    ]
    if lines:
        print("", *lines, sep="\n", file=sys.stderr)
    return bool(lines)
