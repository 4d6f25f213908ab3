"""Conditions of queries for rows whose texts are missing or stale in a language.

They follow the same rules as `states`.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from trendsite.shared.translated import column, languages, written, written_in
from trendsite.shared.translations.models import TranslationState
from trendsite.shared.translations.states import WORDS, translated_texts


def lacks(model: type[models.Model], field: str, language: str) -> Q:
    """Return a condition for rows whose text `field` is missing in a language.

    It is missing if it is given in another language, or if it is a copy of the text in an earlier
    language of the site.
    """
    own = column(field, language)
    original = getattr(model, "original_texts", {}).get(field)
    if original is not None:
        return ~Q(language=language) & (~written_in(field, language) | _copied(original, own))
    condition = written(field) & ~written_in(field, language)
    if field not in getattr(model, "proper_names", ()):
        for earlier in languages()[: languages().index(language)]:
            condition |= _copied(column(field, earlier), own)
    return condition


def _copied(source: str, copy: str) -> Q:
    # Without the check for NULL both this and its negation would be NULL.
    return Q(**{f"{copy}__isnull": False, copy: F(source), f"{copy}__regex": WORDS})


def lacking(model: type[models.Model], language: str) -> Q:
    """Return a condition for rows of which any text is missing in a language."""
    condition = Q(pk__in=[])
    for field in translated_texts(model):
        condition |= lacks(model, field, language)
    return condition


def stale(model: type[models.Model], language: str) -> Exists:
    """Return a condition for rows of which any text is stale in a language."""
    states = TranslationState.objects.stale(language)
    content_type = ContentType.objects.get_for_model(model)
    return Exists(states.filter(content_type=content_type, object_id=OuterRef("pk")))


def number_missing(rows: models.QuerySet[Any], language: str) -> Coalesce:
    """Return an expression for the number of missing texts of rows in a language."""
    ones: list[Any] = [
        Case(
            When(lacks(rows.model, field, language), then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        )
        for field in translated_texts(rows.model)
    ]
    return _number(rows, Coalesce(Sum(sum(ones, Value(0))), 0))


def number_of(rows: models.QuerySet[Any]) -> Coalesce:
    """Return an expression for the number of rows."""
    return _number(rows, Count("pk"))


def _number(rows: models.QuerySet[Any], aggregate: Any) -> Coalesce:
    grouped = rows.order_by().annotate(all_rows=Value(1)).values("all_rows")
    return Coalesce(Subquery(grouped.annotate(number=aggregate).values("number")), 0)
