"""In which languages a trend is complete: nothing on its page that another language has lacks."""

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from trends.models import (
    Assessment,
    Driver,
    Implication,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trendsite.translated import column, languages, translated_fields, written, written_in


def with_completeness(trends: QuerySet) -> QuerySet:
    """Trends with what `complete_languages()` reads: one more column for each language."""
    return trends.annotate(
        **{
            column("complete", language): ExpressionWrapper(
                ~_lacking(Trend, language)
                & ~_lacking_in_rows(language)
                & ~Exists(_untranslated_mentions(language)),
                output_field=BooleanField(),
            )
            for language in languages()
        }
    )


def complete_languages(trend: Trend) -> list[str]:
    """The languages in which a trend of `with_completeness()` lacks no text."""
    return [code for code in languages() if getattr(trend, column("complete", code))]


def _lacking(model: type[models.Model], language: str) -> Q:
    """Rows with a text that another language has and this one lacks."""
    condition = Q()
    for field in translated_fields(model):
        condition |= written(field) & ~written_in(field, language)
    return condition


def _lacking_in_rows(language: str) -> Q:
    condition = Q()
    for model in (Driver, Implication, TimelineEntry, Assessment):
        rows = model._base_manager.filter(_lacking(model, language), trend=OuterRef("pk"))
        condition |= Q(Exists(rows))
    return condition


def _untranslated_mentions(language: str) -> QuerySet:
    translation = column("translation", language)
    return TrendMention.objects.filter(
        ~Q(mention__language=language),
        trend=OuterRef("pk"),
        **{f"mention__{translation}__isnull": True},
    )
