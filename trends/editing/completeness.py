"""The numbers of texts of trends that are missing or stale in a language.

All texts that a trend's page shows count: those of the trend, its parts, mentions, experts,
audiences and tags. The reading of a title in kanji counts as well, which the A–Z needs.
"""

from functools import lru_cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    When,
)
from django.db.models.expressions import RawSQL

from trends.models import Trend
from trends.queries.shown_rows import SHOWN, shown_rows
from trendsite.shared.text.japanese import BEGINS_WITH_KANJI
from trendsite.shared.translated import column, languages, written_in
from trendsite.shared.translations.conditions import lacking, number_missing, number_of
from trendsite.shared.translations.models import TranslationState


def with_missing(trends: QuerySet[Trend]) -> QuerySet[Trend]:
    """Annotate trends, for each language, with the numbers of missing and of stale texts.

    Another annotation says whether the reading of the title is missing, which is counted among
    missing texts.
    """
    types = ContentType.objects.get_for_models(*SHOWN)
    content_types = tuple(types[model].pk for model in SHOWN)
    return trends.annotate(**_compiled(connection.vendor, tuple(languages()), content_types))


@lru_cache(maxsize=8)
def _compiled(
    _vendor: str, _languages: tuple[str, ...], _content_types: tuple[int, ...]
) -> dict[str, Any]:
    """Return the annotations as SQL. Cached: building them takes ten times as long as running."""
    annotations = _annotations()
    counted = Trend._base_manager.order_by().annotate(**annotations).values(*annotations)
    compiler = counted.query.get_compiler(connection=connection)
    compiler.setup_query()
    return {
        str(name): RawSQL(sql, params, output_field=annotation.output_field)
        for annotation, (sql, params), name in compiler.select
    }


def _annotations() -> dict[str, Any]:
    annotations: dict[str, Any] = {}
    for language in languages():
        unread = Case(When(_unread(language), then=1), default=0, output_field=IntegerField())
        missing: Any = unread
        for model in SHOWN:
            rows = shown_rows(model, OuterRef("pk"))
            missing = missing + number_missing(rows, language)
        annotations[column("missing", language)] = missing
        annotations[column("stale", language)] = number_of(_stale(language))
        annotations[column("unread", language)] = ExpressionWrapper(
            _unread(language), output_field=BooleanField()
        )
    return annotations


def lacking_in(language: str) -> Q:
    """Return a condition for trends that lack any text in a language."""
    condition = _unread(language)
    for model in SHOWN:
        if model is Trend:
            condition |= lacking(Trend, language)
        else:
            condition |= Q(
                Exists(shown_rows(model, OuterRef("pk")).filter(lacking(model, language)))
            )
    return condition


def stale_in(language: str) -> Q:
    """Return a condition for trends of which any text is stale in a language."""
    return Q(Exists(_stale(language)))


def _stale(language: str) -> QuerySet[TranslationState]:
    condition = Q()
    for model in SHOWN:
        rows = shown_rows(model, OuterRef(OuterRef("pk"))).order_by().values("pk")
        content_type = ContentType.objects.get_for_model(model)
        condition |= Q(content_type=content_type, object_id__in=rows)
    return TranslationState.objects.stale(language).filter(condition).order_by()


def _unread(language: str) -> Q:
    title = column("title", language)
    # Without the check for NULL both this and its negation would be NULL for a missing title.
    return Q(**{f"{title}__isnull": False, f"{title}__regex": BEGINS_WITH_KANJI}) & ~written_in(
        "title_reading", language
    )
