"""Copying a trend with all rows that belong to it, for its working version."""

from copy import copy
from dataclasses import dataclass
from typing import Any, Self

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.crypto import get_random_string

from trends.models import PARTS, Trend
from trendsite.shared.translations.models import TranslationState


@dataclass
class TrendCopy:
    """A trend with its rows, read into memory.

    `links` are the rows of many-to-many fields, by model and field. `states` are the states of
    translations of its texts, by model and row.
    """

    trend: Trend
    rows: dict[type[models.Model], list[Any]]
    links: dict[tuple[type[models.Model], str], list[tuple[int, int]]]
    states: dict[tuple[type[models.Model], int], list[TranslationState]]

    @classmethod
    def of(cls, trend: Trend) -> Self:
        """Read a saved trend. One query for each model of parts and each many-to-many field."""
        rows: dict[type[models.Model], list[Any]] = {
            Trend: list(Trend.everything.filter(pk=trend.pk))
        }
        for model, key in PARTS.items():
            rows[model] = list(model._base_manager.filter(**{key: trend}).order_by("pk"))
        links: dict[tuple[type[models.Model], str], list[tuple[int, int]]] = {}
        for model, owners in rows.items():
            for field in _links_of(model):
                between: Any = field.remote_field.through
                found = between._base_manager.filter(
                    **{f"{field.m2m_field_name()}__in": owners}
                ).order_by("pk")
                links[model, field.name] = list(
                    found.values_list(f"{field.m2m_field_name()}_id", _other(field))
                )
        every = [row for model in rows for row in rows[model]]
        states: dict[tuple[type[models.Model], int], list[TranslationState]] = {}
        for state in TranslationState.objects.of_rows(every):
            content_type = ContentType.objects.get_for_id(state.content_type_id)
            owner = content_type.model_class() or Trend
            states.setdefault((owner, state.object_id), []).append(state)
        return cls(rows[Trend][0], rows, links, states)

    def save_as_working_version(self) -> Trend:
        """Save copies of the rows as those of the trend's working version, and return that."""
        working = copy(self.trend)
        working.pk, working._state.adding = None, True
        working.working_of_id, working.published = self.trend.pk, None
        working.slug = f"working-version-{self.trend.pk}-{get_random_string(8).lower()}"
        working._address_before = None
        working.save(force_insert=True)
        new_keys: dict[tuple[type[models.Model], int], int] = {(Trend, self.trend.pk): working.pk}
        for model, key in PARTS.items():
            new = []
            for row in self.rows[model]:
                made = copy(row)
                made.pk, made._state.adding = None, True
                setattr(made, f"{key}_id", working.pk)
                new.append(made)
            created = model._default_manager.bulk_create(new)
            for row, made in zip(self.rows[model], created, strict=True):
                new_keys[model, row.pk] = made.pk
        for (model, name), pairs in self.links.items():
            field: Any = model._meta.get_field(name)
            between = field.remote_field.through
            between._base_manager.bulk_create(
                between(
                    **{
                        f"{field.m2m_field_name()}_id": new_keys[model, owner],
                        _other(field): other,
                    }
                )
                for owner, other in pairs
            )
        TranslationState.objects.bulk_create(
            state.copied_to(new_keys[owner])
            for owner, states in self.states.items()
            for state in states
        )
        return working


def _links_of(model: type[models.Model]) -> list[Any]:
    """Return the many-to-many fields of a model whose linking table is made by Django."""
    fields: list[Any] = list(model._meta.local_many_to_many)
    return [field for field in fields if field.remote_field.through._meta.auto_created]


def _other(field: Any) -> str:
    return f"{field.m2m_reverse_field_name()}_id"
