"""What each database searches with, beside the tables that Django makes."""

import sys

from django.db import DatabaseError, migrations, transaction

SQLITE = [
    """
    CREATE VIRTUAL TABLE trends_searchindex USING fts5(
        terms, content='trends_searchdocument', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='4'
    )
    """,
    """
    CREATE TRIGGER trends_searchdocument_added AFTER INSERT ON trends_searchdocument BEGIN
        INSERT INTO trends_searchindex (rowid, terms) VALUES (new.id, new.terms);
    END
    """,
    """
    CREATE TRIGGER trends_searchdocument_removed AFTER DELETE ON trends_searchdocument BEGIN
        INSERT INTO trends_searchindex (trends_searchindex, rowid, terms)
        VALUES ('delete', old.id, old.terms);
    END
    """,
    """
    CREATE TRIGGER trends_searchdocument_changed AFTER UPDATE ON trends_searchdocument BEGIN
        INSERT INTO trends_searchindex (trends_searchindex, rowid, terms)
        VALUES ('delete', old.id, old.terms);
        INSERT INTO trends_searchindex (rowid, terms) VALUES (new.id, new.terms);
    END
    """,
    # Two blanks before a word and one behind, as pg_trgm has them.
    """
    CREATE VIRTUAL TABLE trends_searchspelling USING fts5(word, content='', tokenize='trigram')
    """,
    """
    CREATE TRIGGER trends_searchword_added AFTER INSERT ON trends_searchword BEGIN
        INSERT INTO trends_searchspelling (rowid, word) VALUES (new.id, '  ' || new.word || ' ');
    END
    """,
    """
    CREATE TRIGGER trends_searchword_removed AFTER DELETE ON trends_searchword BEGIN
        INSERT INTO trends_searchspelling (trends_searchspelling, rowid, word)
        VALUES ('delete', old.id, '  ' || old.word || ' ');
    END
    """,
    """
    CREATE TRIGGER trends_searchword_changed AFTER UPDATE ON trends_searchword BEGIN
        INSERT INTO trends_searchspelling (trends_searchspelling, rowid, word)
        VALUES ('delete', old.id, '  ' || old.word || ' ');
        INSERT INTO trends_searchspelling (rowid, word) VALUES (new.id, '  ' || new.word || ' ');
    END
    """,
]

POSTGRESQL = [
    "CREATE INDEX trends_searchdocument_terms ON trends_searchdocument USING gin (terms)"
]
POSTGRESQL_SPELLING = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX trends_searchword_trigrams ON trends_searchword USING gist (word gist_trgm_ops)",
]


def add_indexes(apps, schema_editor):
    connection = schema_editor.connection
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if is_postgresql else SQLITE:
            cursor.execute(statement)
        if is_postgresql:
            try:
                with transaction.atomic(connection.alias):
                    for statement in POSTGRESQL_SPELLING:
                        cursor.execute(statement)
            except DatabaseError as error:
                reason = str(error).splitlines()[0]
                print(f"\n  Search suggests no spellings: no pg_trgm ({reason}).", file=sys.stderr)


def remove_indexes(apps, schema_editor):
    # On PostgreSQL they go with their tables, and an extension may be in use elsewhere.
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("DROP TABLE trends_searchindex")
            cursor.execute("DROP TABLE trends_searchspelling")


class Migration(migrations.Migration):
    dependencies = [("trends", "0001_initial")]

    operations = [migrations.RunPython(add_indexes, remove_indexes)]
