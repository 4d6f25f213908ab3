"""Give every text its normal form, and index the texts anew.

Words of the index are folded for accents, kana and kanji, and English ones reduced to their stems.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from trends.search.terms import spelled_words_of
from trendsite.shared.text.normal_form import normal_form
from trendsite.shared.text_models import tidy_saved_rows

MODELS = ["Trend", "Driver", "Audience", "Implication", "TimelineEntry", "Assessment", "Falsifier"]


def tidy_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name in MODELS:
        tidy_saved_rows(apps.get_model("trends", name))


def index_texts_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the words of every indexed text again: a query a text, and one for each 500 words."""
    documents = apps.get_model("trends", "SearchDocument").objects.order_by("pk").defer("terms")
    words: set[str] = set()
    for document in documents.iterator():
        document.text = normal_form(document.text)
        words |= spelled_words_of(document.text)
        document.save(update_fields=["text", "terms"])  # the field reads the words from the text
    spelled = apps.get_model("trends", "SearchWord")
    spelled.objects.bulk_create(
        (spelled(word=word) for word in sorted(words)), batch_size=500, ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("trends", "0007_wider_partial_dates")]

    operations = [
        migrations.RunPython(tidy_texts, migrations.RunPython.noop),
        migrations.RunPython(index_texts_anew, migrations.RunPython.noop),
    ]
