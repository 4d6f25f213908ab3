import django.db.models.deletion
import trends.search.models
from django.db import migrations, models

from trends.search.trend_words import words_by_trend

_TRENDS_AT_ONCE = 500

SQLITE = [
    # Without positions: a phrase is looked for in the documents.
    """
    CREATE VIRTUAL TABLE trends_trendindex USING fts5(
        title_words, words, content='trends_trendwords', content_rowid='trend_id',
        tokenize='unicode61 remove_diacritics 2', prefix='1 4', detail=column
    )
    """,
    """
    CREATE TRIGGER trends_trendwords_added AFTER INSERT ON trends_trendwords BEGIN
        INSERT INTO trends_trendindex (rowid, title_words, words)
        VALUES (new.trend_id, new.title_words, new.words);
    END
    """,
    """
    CREATE TRIGGER trends_trendwords_removed AFTER DELETE ON trends_trendwords BEGIN
        INSERT INTO trends_trendindex (trends_trendindex, rowid, title_words, words)
        VALUES ('delete', old.trend_id, old.title_words, old.words);
    END
    """,
    """
    CREATE TRIGGER trends_trendwords_changed AFTER UPDATE ON trends_trendwords BEGIN
        INSERT INTO trends_trendindex (trends_trendindex, rowid, title_words, words)
        VALUES ('delete', old.trend_id, old.title_words, old.words);
        INSERT INTO trends_trendindex (rowid, title_words, words)
        VALUES (new.trend_id, new.title_words, new.words);
    END
    """,
]
POSTGRESQL = [
    "CREATE INDEX trends_trendwords_words ON trends_trendwords USING gin (words)",
    "CREATE INDEX trends_trendwords_title_words ON trends_trendwords USING gin (title_words)",
]


def _add_index(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def _remove_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("DROP TABLE trends_trendindex")


def _fill(apps, schema_editor):
    documents = apps.get_model("trends", "SearchDocument").objects
    words = apps.get_model("trends", "TrendWords").objects
    pks = list(documents.order_by("trend_id").values_list("trend_id", flat=True).distinct())
    for start in range(0, len(pks), _TRENDS_AT_ONCE):
        some = documents.filter(trend_id__in=pks[start : start + _TRENDS_AT_ONCE])
        words.bulk_create(
            words.model(trend_id=pk, title_words=of_titles, words=of_all)
            for pk, (of_titles, of_all) in words_by_trend(some).items()
        )
    if pks:
        with schema_editor.connection.cursor() as cursor:  # else PostgreSQL reads the whole table
            cursor.execute("ANALYZE trends_trendwords")


class Migration(migrations.Migration):

    dependencies = [
        ('trends', '0011_listed_changes_and_forecasts'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrendWords',
            fields=[
                ('trend', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='trends.trend')),
                ('title_words', trends.search.models.DistinctWordsField()),
                ('words', trends.search.models.DistinctWordsField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.RunPython(_add_index, _remove_index),
        migrations.RunPython(_fill, migrations.RunPython.noop),
    ]
