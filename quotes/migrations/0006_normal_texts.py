"""Give every text its normal form, and tell quotations that read the same by a digest."""

import sys

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from quotes.models import digest_of_words
from trendsite.shared.permanent_keys import digest
from trendsite.shared.text_models import tidy_saved_rows


def tidy_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name in ("Source", "Expert", "Video", "Mention"):
        tidy_saved_rows(apps.get_model("quotes", name))


def digest_words(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Set the digests. A quotation that repeats an earlier one keeps a digest of its own.

    It stays, since links may lead to it, and is named for an editor to remove.
    """
    mentions = apps.get_model("quotes", "Mention").objects.order_by("pk")
    seen: dict[tuple[int, str], int] = {}
    for pk, expert, original in mentions.values_list("pk", "expert_id", "original").iterator():
        words_digest = digest_of_words(original)
        first = seen.setdefault((expert, words_digest), pk)
        if first != pk:
            words_digest = digest(f"{pk} {original}", 32)
            print(f"\n  Quotations {first} and {pk} have the same words.", file=sys.stderr)
        mentions.filter(pk=pk).update(words_digest=words_digest)
    # PostgreSQL checks the foreign keys of rows that were written twice at the end, and until
    # then does not take the constraint.
    schema_editor.connection.check_constraints()


class Migration(migrations.Migration):
    dependencies = [("quotes", "0005_wider_partial_dates"), ("trendsite", "0003_versions_and_revisions")]

    operations = [
        migrations.RemoveConstraint(model_name="mention", name="quotes_mention_once"),
        migrations.RunPython(tidy_texts, migrations.RunPython.noop),
        migrations.AddField(
            model_name="mention",
            name="words_digest",
            field=models.CharField(default="", editable=False, max_length=32),
            preserve_default=False,
        ),
        migrations.RunPython(digest_words, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(
                fields=("expert", "words_digest"),
                name="quotes_mention_once",
                violation_error_message="This quotation has already been added.",
            ),
        ),
    ]
