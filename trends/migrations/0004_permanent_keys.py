from itertools import groupby

from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat

import trendsite.shared.permanent_keys
from trendsite.shared.permanent_keys import key_of_texts, numbered

# The text that gives the key, and the order in which a fixture holds the rows of a trend.
MODELS = {
    "Driver": ("heading", ["order", "pk"]),
    "Implication": ("lead", ["audience__order", "audience__slug", "order", "pk"]),
    "TimelineEntry": ("text", ["date", "pk"]),
}


def give_keys(apps, schema_editor):
    for name, (field, order) in MODELS.items():
        model = apps.get_model("trends", name)
        columns = [f"{field}_{code.replace('-', '_')}" for code, _language in settings.LANGUAGES]
        # A language added by who runs the site has its columns in a later migration.
        known = {column.name for column in model._meta.get_fields()}
        columns = [column for column in columns if column in known]
        rows = model.objects.only("trend_id", *columns).order_by("trend_id", *order)
        for _trend, of_trend in groupby(rows.iterator(), lambda row: row.trend_id):
            members = list(of_trend)
            derived = [key_of_texts(getattr(row, column) for column in columns) for row in members]
            for row, key in zip(members, numbered([""] * len(members), derived)):
                row.key = key
            model.objects.bulk_update(members, ["key"])


def give_anchors(apps, schema_editor):
    SearchDocument = apps.get_model("trends", "SearchDocument")
    for kind, prefix, app, name, field in (
        ("driver", "driver", "trends", "Driver", "key"),
        ("implication", "point", "trends", "Implication", "key"),
        ("timeline", "event", "trends", "TimelineEntry", "key"),
        ("mention", "quotation", "quotes", "Mention", "key"),
    ):
        rows = apps.get_model(app, name).objects.filter(pk=OuterRef("object_id"))
        SearchDocument.objects.filter(kind=kind).update(
            anchor=Concat(Value(f"{prefix}-"), Subquery(rows.values(field)[:1]))
        )
    for row in apps.get_model("trends", "Assessment").objects.only("date").iterator():
        SearchDocument.objects.filter(kind="assessment", object_id=row.pk).update(
            anchor=f"assessment-{row.date}"
        )


class Migration(migrations.Migration):

    dependencies = [("quotes", "0002_mention_key"), ("trends", "0003_retirement_and_reading")]

    operations = [
        *(
            migrations.AddField(
                model_name=name,
                name="key",
                field=trendsite.shared.permanent_keys.PermanentKeyField(
                    blank=True,
                    db_index=False,
                    default="none-yet",
                    editable=False,
                    max_length=60,
                    verbose_name="key",
                ),
                preserve_default=False,
            )
            for name in ("driver", "implication", "timelineentry")
        ),
        # Without a default it is added in place: SQLite's triggers on the table stay.
        migrations.AddField(
            model_name="searchdocument",
            name="anchor",
            field=models.CharField(max_length=80, null=True),
        ),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.RunPython(give_anchors, migrations.RunPython.noop),
        *(
            migrations.AddConstraint(
                model_name=name,
                constraint=models.UniqueConstraint(
                    fields=("trend", "key"), name=f"trends_{name}_key_once"
                ),
            )
            for name in ("driver", "implication", "timelineentry")
        ),
    ]
