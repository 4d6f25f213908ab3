"""Give every text its normal form."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from trendsite.shared.text_models import tidy_saved_rows

MODELS = ["Trend", "Driver", "Audience", "Implication", "TimelineEntry", "Assessment", "Falsifier"]


def tidy_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name in MODELS:
        tidy_saved_rows(apps.get_model("trends", name))


class Migration(migrations.Migration):
    dependencies = [("trends", "0008_search_kinds")]

    operations = [migrations.RunPython(tidy_texts, migrations.RunPython.noop)]
