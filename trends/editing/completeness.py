"""In which languages a trend is complete, for the list of trends.

It is complete in a language that has every text which any other language has, and the reading of
a title in kanji, without which the A–Z has no place for it.
"""

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from trends.models import (
    Assessment,
    Driver,
    Falsifier,
    Implication,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trendsite.shared.text.japanese import BEGINS_WITH_KANJI
from trendsite.shared.translated import column, languages, translated_fields, written, written_in


def with_completeness(trends: QuerySet[Trend]) -> QuerySet[Trend]:
    """Annotate trends for the functions below, with two columns for each language."""
    return trends.annotate(
        **{
            column("unread", language): ExpressionWrapper(
                _unread(language), output_field=BooleanField()
            )
            for language in languages()
        },
        **{
            column("complete", language): ExpressionWrapper(
                ~_lacking(Trend, language)
                & ~_unread(language)
                & ~_lacking_in_rows(language)
                & ~Exists(_untranslated_mentions(language)),
                output_field=BooleanField(),
            )
            for language in languages()
        },
    )


def complete_languages(trend: Trend) -> list[str]:
    """Return the languages in which a trend of `with_completeness()` lacks no text."""
    return [code for code in languages() if getattr(trend, column("complete", code))]


def unread_languages(trend: Trend) -> list[str]:
    """Return the languages whose title begins with kanji and has no reading."""
    return [code for code in languages() if getattr(trend, column("unread", code))]


def _unread(language: str) -> Q:
    title = column("title", language)
    # Without the check for NULL this and its negation would both be NULL for a missing title.
    return Q(**{f"{title}__isnull": False, f"{title}__regex": BEGINS_WITH_KANJI}) & ~written_in(
        "title_reading", language
    )


def _lacking(model: type[models.Model], language: str) -> Q:
    """Select the rows that lack a text in this language which another language has."""
    condition = Q()
    for field in translated_fields(model):
        if field == "title_reading":  # needed by a language's own title; see `_unread()`
            continue
        condition |= written(field) & ~written_in(field, language)
    return condition


def _lacking_in_rows(language: str) -> Q:
    condition = Q()
    for model in (Driver, Implication, TimelineEntry, Assessment, Falsifier):
        rows = model._base_manager.filter(_lacking(model, language), trend=OuterRef("pk"))
        condition |= Q(Exists(rows))
    return condition


def _untranslated_mentions(language: str) -> QuerySet[TrendMention]:
    translation = column("translation", language)
    return TrendMention.objects.filter(
        ~Q(mention__language=language),
        trend=OuterRef("pk"),
        **{f"mention__{translation}__isnull": True},
    )
