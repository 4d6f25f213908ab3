"""Give the labels of tags their normal form."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from trendsite.shared.text_models import tidy_saved_rows


def tidy_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    tidy_saved_rows(apps.get_model("trendsite", "Tag"))


class Migration(migrations.Migration):
    dependencies = [("trendsite", "0003_versions_and_revisions")]

    operations = [migrations.RunPython(tidy_texts, migrations.RunPython.noop)]
