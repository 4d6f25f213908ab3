"""Finding rows of a vocabulary with the same label, which were probably entered twice."""

from functools import lru_cache
from typing import TypeVar

from django.db import models
from django.db.models import QuerySet

from trendsite.shared.text.normal_form import comparable_text
from trendsite.shared.translated import column, translations

Row = TypeVar("Row", bound=models.Model)


def plain_labels(row: models.Model, field: str) -> dict[str, str]:
    """Return the labels of a row by column, normalised to ignore case, width and spaces."""
    return {column(field, code): _plain(text) for code, text in translations(row, field).items()}


@lru_cache(maxsize=20_000)
def _plain(text: str) -> str:
    return "".join(comparable_text(text).casefold().split())


def look_alikes(row: models.Model, field: str, rows: QuerySet[Row]) -> dict[str, Row]:
    """Return the first other row with the same label, by the column of the label.

    One query for the labels of all rows, and one more if any is the same.
    """
    labels = plain_labels(row, field)
    found: dict[str, int] = {}
    for pk, *texts in rows.exclude(pk=row.pk).order_by("pk").values_list("pk", *labels):
        for (name, label), text in zip(labels.items(), texts, strict=True):
            if text and _plain(text) == label:
                found.setdefault(name, pk)
    others = rows.in_bulk(set(found.values())) if found else {}
    return {name: others[pk] for name, pk in found.items()}
