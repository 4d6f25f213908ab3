"""Constraints of the database on the length of texts.

The limit is a field's `max_length`, or `LONGEST_TEXT` if it has none. Forms and files check the
same limits with messages; the constraint is for rows that are written in other ways.
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
    """Add to each `TextModel` a constraint on the length of its texts.

    Call it after modeltranslation has added the columns of all languages. The constraint is not
    in `Meta`, which cannot read the limits of the fields. `makemigrations` finds its changes.
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
    """Return the limit of each column of texts of a model, or of its state in a migration."""
    return {
        field.attname: field.max_length or LONGEST_TEXT
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
    }


class AddLimit(migrations.AddConstraint):
    """Adds the constraint of `limit_texts()`, even if saved rows violate it.

    Such rows stay as they are and are named on standard error. They have to be shortened before
    they can be saved again.
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
            # SQLite makes the table anew and copies its rows, some of which may violate it.
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

    The lines are for an operator, and in English like all messages of migrations.
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
