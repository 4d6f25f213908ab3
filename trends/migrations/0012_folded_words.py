"""Index the texts anew: in their normal form, with words folded for accents, kana and kanji."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from trends.search.terms import spelled_words_of
from trendsite.shared.text.normal_form import normal_form


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
    dependencies = [("trends", "0011_labels_and_reasons")]

    operations = [migrations.RunPython(index_texts_anew, migrations.RunPython.noop)]
