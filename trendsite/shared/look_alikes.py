"""Finding rows of a vocabulary with the same label, which were probably entered twice."""

from collections.abc import Iterable
from typing import TypeVar

from django.db import models

from trendsite.shared.text.normal_form import comparable_text
from trendsite.shared.translated import column, translations

Row = TypeVar("Row", bound=models.Model)


def plain_labels(row: models.Model, field: str) -> dict[str, str]:
    """Return the labels of a row by column, normalised to ignore case, width and spaces."""
    return {
        column(field, code): "".join(comparable_text(text).casefold().split())
        for code, text in translations(row, field).items()
    }


def look_alikes(row: models.Model, field: str, others: Iterable[Row]) -> dict[str, Row]:
    """Return the first of `others` with the same label, by the column of the label."""
    labels = plain_labels(row, field)
    found: dict[str, Row] = {}
    for other in others:
        if other.pk != row.pk:
            same = plain_labels(other, field).items() & labels.items()
            for name, _label in same:
                found.setdefault(name, other)
    return found
