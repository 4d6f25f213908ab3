"""Fill a database with many synthetic trends by copying the rows of a few in SQL.

    grow(trends=100_000)

A hundred trends of `bench.synthetic` are loaded as files, then copied with one statement for each
table and batch. Each copy has its own slugs, titles, quotations and evidence, and shares tags,
audiences and some of the sources and videos. The same number gives the same rows.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction

from bench.synthetic import MARK, Shape, write_corpus
from quotes.models import Expert, Mention, Source, Video
from trends.formats.card_files import without_cards
from trends.models import (
    KEPT_LISTS,
    Assessment,
    Audience,
    Driver,
    Falsifier,
    Implication,
    Preparation,
    SearchDocument,
    SearchWord,
    TimelineEntry,
    Trend,
    TrendWords,
)
from trends.queries.kept_lists import unlisting
from trends.search.models import DocumentKind as Kind
from trends.search.terms import words_of
from trendsite.kept.triggers import install_triggers, remove_triggers
from trendsite.shared import text_parts
from trendsite.shared.translations.models import TranslationState

BASE = 100
"""The number of trends that are loaded; all others are copies."""
EXPERTS = 4
SHAPE = Shape(2, (10, 10), audiences=2, points=1, timeline=4, sources=(6, 9), length=0.4)
"""Ten mentions on each trend, and a third of the text of a real one."""

_COPIES_AT_ONCE = 10
_COPY = "bench_copy"
_SHARED_ROWS = {"Source": "key LIKE 'synthetic-shared-%%'", "Video": "video_id LIKE 'synshare%%'"}
"""By model, which rows all copies share; of Tag and Audience these are all."""
_LETTERS = "bcdfghjkmn"
_KANA = "アカサタナハマヤラワ"
_SYLLABLES = ["ba", "den", "fi", "gor", "hu", "kal", "lem", "mi", "nor", "pu", "ra", "sto", "tov"]


def grow(trends: int) -> None:
    """Fill an empty database with `trends` trends, a multiple of `BASE`."""
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder, without_cards():
        corpus = Path(folder)
        write_corpus(corpus, trends=BASE, experts=EXPERTS, shape=SHAPE)
        names = [corpus / "vocabulary.yaml", corpus / "experts.yaml"]
        files = sorted(corpus.glob("synthetic-trend-*.yaml"))
        call_command("loaddata", *names, *files, verbosity=0)
    fill_with_copies(trends // BASE)


def fill_with_copies(copies: int) -> None:
    """Copy the trends of a database until there are `copies` of each."""
    statements = [_statement(model) for model in _models()]
    with connection.cursor() as cursor, _loading():
        _make_copies(cursor, copies)
        for first in range(1, copies, _COPIES_AT_ONCE):
            last = min(first + _COPIES_AT_ONCE, copies) - 1
            with transaction.atomic():
                for statement in statements:
                    cursor.execute(statement, [first, last])
        cursor.execute(f"DROP TABLE {_COPY}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    if connection.vendor == "postgresql":
        _set_sequences()


@contextmanager
def _loading() -> Iterator[None]:
    """Make inserts fast in the block: without triggers, and without waiting for the disk.

    What triggers maintain is rebuilt afterwards.
    """
    with connection.cursor() as cursor:
        unlisting.remove_triggers(connection)
        if connection.vendor != "sqlite":
            yield
            unlisting.install_triggers()
            return
        remove_triggers(connection)
        text_parts.remove_triggers(plan=["as before a migration"])
        indexing = []
        for table in _INDEXES:
            cursor.execute(f"SELECT sql FROM sqlite_master WHERE name = '{table}_added'")
            indexing += cursor.fetchone()
            cursor.execute(f"DROP TRIGGER {table}_added")
        for name, value in _FAST.items():
            cursor.execute(f"PRAGMA {name} = {value}")
        yield
        for index in _INDEXES.values():
            cursor.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
        for trigger in indexing:
            cursor.execute(trigger)
        install_triggers()
        unlisting.install_triggers()
        text_parts.install_indexes()
        connection.close()  # resets the pragmas


_INDEXES = {
    "trends_searchdocument": "trends_searchindex",
    "trends_trendwords": "trends_trendindex",
}
"""The tables of the search, with the index that SQLite has of each."""
_FAST = {
    "synchronous": "OFF",
    "ignore_check_constraints": "ON",
    "foreign_keys": "OFF",
    "cache_size": -400_000,
}


def _set_sequences() -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(_models())):
            cursor.execute(statement)


def _models() -> Iterator[Any]:
    """Yield the models whose rows are copied, referenced ones before those that refer to them."""
    first = [Expert, Source, Video, Mention, Trend]
    others = [Audience, Preparation, SearchWord, *KEPT_LISTS]
    yield from first
    for label in ("quotes", "trends"):
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            if model not in (*first, *others) and model._meta.managed:
                yield model
    yield SearchWord
    yield TranslationState


def _make_copies(cursor: Any, copies: int) -> None:
    """Create the table of copies: number, mark, and the prefix of titles with its index words."""
    cursor.execute(
        f"CREATE TEMPORARY TABLE {_COPY} (number integer PRIMARY KEY, mark text, "
        "en text, ja text, en_terms text, ja_terms text)"
    )
    for number in range(1, copies):
        mark = "".join(_LETTERS[int(digit)] for digit in f"{number:04}")
        scattered = number * 797 % 13**3
        en = "".join(_SYLLABLES[scattered // 13**place % 13] for place in range(3)).title()
        ja = "".join(_KANA[scattered // 10**place % 10] for place in range(3))
        cursor.execute(
            f"INSERT INTO {_COPY} VALUES (%s, %s, %s, %s, %s, %s)",
            [number, mark, en, ja, " ".join(words_of(en)), " ".join(words_of(ja))],
        )


def _statement(model: Any) -> str:
    """Return the statement that copies the rows of a model for a range of copies."""
    quote = connection.ops.quote_name
    fields = model._meta.concrete_fields
    table, columns = model._meta.db_table, [quote(field.column) for field in fields]
    values = [_value(model, field) for field in fields]
    pk = f"base.{quote(model._meta.pk.column)}"
    where = f"{pk} <= {_last_id(model)}"
    if model.__name__ in _SHARED_ROWS:
        where += f" AND NOT ({_SHARED_ROWS[model.__name__]})"
    if model.__name__ == "SearchWord":
        where += f" AND word LIKE '{MARK}%%'"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {table} AS base CROSS JOIN {_COPY} AS copy "
        f"WHERE {where} AND copy.number BETWEEN %s AND %s ORDER BY copy.number, {pk}"
    )


def _value(model: Any, field: Any) -> str:
    """Return the SQL expression for a column of a copy."""
    column = f"base.{connection.ops.quote_name(field.column)}"
    if field.primary_key:
        return _moved(column, model)
    if field.is_relation:
        target = field.related_model
        return _moved(column, target) if target in set(_models()) else column
    if field.name == "object_id":
        return _object_id(model)
    own_key = {
        (Trend, "slug"), (Expert, "slug"), (Source, "key"), (Source, "url"), (Video, "video_id"),
        (Mention, "key"),
    }  # fmt: skip
    if (model, field.name) in own_key:
        return f"{column} || '-' || copy.number"
    if field.name == "words_digest":
        return f"substr({column} || '-' || copy.number, 5)"
    if model is Trend and field.name in ("title", "title_en", "title_ja"):
        return f"copy.{field.name[-2:] if field.name[-2:] == 'ja' else 'en'} || ' ' || {column}"
    if model is SearchDocument and field.name in ("text", "terms"):
        return _indexed(column, field.name)
    if model is TrendWords and field.name in ("title_words", "words"):
        return _words(column)
    if isinstance(field, models.TextField) or field.name == "word":
        return f"replace({column}, '{MARK}', '{MARK}' || copy.mark)"
    return column


def _indexed(column: str, name: str) -> str:
    """Return the expression for a column of a search document, with the prefix of titles."""
    is_vector = name == "terms" and connection.vendor == "postgresql"
    text = f"CAST({column} AS text)" if is_vector else column
    marked = f"replace({text}, '{MARK}', '{MARK}' || copy.mark)"
    before = "copy.%s_terms" if name == "terms" else "copy.%s"
    if is_vector:
        marked = f"CAST({marked} AS tsvector)"
        before = "array_to_tsvector(string_to_array(copy.%s_terms, ' '))"
    joint = " || " if is_vector else " || ' ' || "
    titled = "base.weight = 3 AND base.language"
    return (
        f"CASE WHEN {titled} = 'en' THEN {before % 'en'}{joint}{marked} "
        f"WHEN {titled} = 'ja' THEN {before % 'ja'}{joint}{marked} ELSE {marked} END"
    )


def _words(column: str) -> str:
    """Return the words of a trend, with those that go before its titles."""
    before = "copy.en_terms || ' ' || copy.ja_terms"
    if connection.vendor == "postgresql":
        marked = (
            f"CAST(replace(CAST({column} AS text), '{MARK}', '{MARK}' || copy.mark) AS tsvector)"
        )
        return f"{marked} || array_to_tsvector(string_to_array({before}, ' '))"
    return f"replace({column}, '{MARK}', '{MARK}' || copy.mark) || ' ' || {before}"


def _object_id(model: Any) -> str:
    """Return the expression for the target of a copied row's generic foreign key."""
    column = "base.object_id"
    if model is SearchDocument:
        whens = [(f"base.kind = '{kind}'", of) for kind, of in _MODELS_OF_DOCUMENTS.items()]
    else:
        whens = [
            (f"base.content_type_id = {ContentType.objects.get_for_model(of).pk}", of)
            for of in _models()
        ]
    cases = " ".join(f"WHEN {condition} THEN {_moved(column, of)}" for condition, of in whens)
    return f"CASE {cases} ELSE {column} END"


_MODELS_OF_DOCUMENTS: dict[str, Any] = {
    **dict.fromkeys([Kind.TITLE, Kind.KEY_POINTS, Kind.RETIREMENT, Kind.SHIFT], Trend),
    **dict.fromkeys([Kind.TIMELINE, Kind.SCHEDULED, Kind.FORECAST], TimelineEntry),
    Kind.DRIVER: Driver,
    Kind.IMPLICATION: Implication,
    Kind.ASSESSMENT: Assessment,
    Kind.FALSIFIER: Falsifier,
    Kind.MENTION: Mention,
    Kind.EXPERT: Expert,
    Kind.VIDEO: Video,
    Kind.SOURCE: Source,
}


def _moved(column: str, model: Any) -> str:
    """Return the expression for the key of a row's copy, or of the row itself if it is shared."""
    moved = f"{column} + copy.number * {_last_id(model)}"
    if condition := _SHARED_ROWS.get(model.__name__):
        shared = (
            f"SELECT id FROM {model._meta.db_table} WHERE {condition} AND id <= {_last_id(model)}"
        )
        moved = f"CASE WHEN {column} IN ({shared}) THEN {column} ELSE {moved} END"
    return moved


def _last_id(model: Any) -> int:
    """Return the largest primary key of the rows that were loaded."""
    if model not in _last_ids:
        newest = model._base_manager.order_by("-pk").values_list("pk", flat=True).first()
        _last_ids[model] = newest or 0
    return _last_ids[model]


_last_ids: dict[Any, int] = {}
