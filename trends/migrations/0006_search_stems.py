"""Index the texts anew, with English words reduced to their stems."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def index_texts_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the words of every indexed text again: one query a text."""
    documents = apps.get_model("trends", "SearchDocument").objects.order_by("pk").defer("terms")
    for document in documents.iterator():
        document.save(update_fields=["terms"])  # the field reads the words from the text


class Migration(migrations.Migration):
    dependencies = [("trends", "0005_indexes")]

    operations = [migrations.RunPython(index_texts_anew, migrations.RunPython.noop)]
