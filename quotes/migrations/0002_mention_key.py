from django.db import migrations, models

import trendsite.shared.permanent_keys
from trendsite.shared.permanent_keys import key_of_words, numbered


def give_keys(apps, schema_editor):
    Mention = apps.get_model("quotes", "Mention")
    rows = list(Mention.objects.select_related("expert").only("original", "expert__slug").order_by("pk"))
    derived = [key_of_words(row.expert.slug, row.original) for row in rows]
    for row, key in zip(rows, numbered([""] * len(rows), derived)):
        row.key = key
    Mention.objects.bulk_update(rows, ["key"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [("quotes", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="mention",
            name="key",
            field=trendsite.shared.permanent_keys.PermanentKeyField(blank=True, db_index=False, default="none-yet", editable=False, max_length=60, verbose_name="key"),
            preserve_default=False,
        ),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(fields=("key",), name="quotes_mention_key_once"),
        ),
    ]
