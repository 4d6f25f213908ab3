"""Let a search tell forecasts and scheduled dates from events, and find the new texts."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def name_kinds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the documents of the timeline the kind of their entry: a query for each kind."""
    documents = apps.get_model("trends", "SearchDocument").objects.filter(kind="timeline")
    entries = apps.get_model("trends", "TimelineEntry").objects.all()
    for kind in ("scheduled", "forecast"):
        documents.filter(object_id__in=entries.filter(kind=kind).values("pk")).update(kind=kind)


def name_one_kind(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give all documents of the timeline one kind again."""
    documents = apps.get_model("trends", "SearchDocument").objects
    documents.filter(kind__in=["scheduled", "forecast"]).update(kind="timeline")


class Migration(migrations.Migration):
    dependencies = [("trends", "0007_record_and_versions")]

    operations = [
        migrations.AlterField(
            model_name="searchdocument",
            name="kind",
            field=models.CharField(
                choices=[
                    ("title", "Title"),
                    ("key-points", "Key points"),
                    ("retirement", "Retirement"),
                    ("shift", "The shift"),
                    ("driver", "Key drivers"),
                    ("implication", "Implications"),
                    ("timeline", "Timeline"),
                    ("scheduled", "Scheduled dates"),
                    ("forecast", "Forecasts"),
                    ("assessment", "Assessment"),
                    ("falsifier", "What would change our mind"),
                    ("mention", "Quotations"),
                    ("expert", "People quoted"),
                    ("video", "Videos"),
                    ("tag", "Tags"),
                    ("source", "Sources"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(name_kinds, name_one_kind),
    ]
