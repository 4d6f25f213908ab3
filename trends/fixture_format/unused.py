"""Deleting rows that trends share when no trend uses them any more."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models

from quotes.models import Mention, Source, Video
from trends.models import Trend
from trends.queries.citations import cited_source_ids
from trends.queries.compiled import CompiledRows, parameter

# Any: tuples of columns.
_mentions: CompiledRows[Any] = CompiledRows(
    lambda: Mention.objects.filter(trends=parameter("trend")).values_list("pk", "key", "video")
)


class SharedRows:
    """The shared rows that a trend uses before it changes.

    `remove_unused()` deletes those that nothing uses any more.
    """

    def __init__(self, trend: Trend, *, is_new: bool) -> None:
        self._mentions: list[int] = []
        self._videos: list[int] = []
        self._sources: set[int] = set()
        self.mention_keys: list[str] = []
        if not is_new:
            rows = _mentions.fetch(trend=trend.pk)
            self._mentions = [mention for mention, _key, _video in rows]
            self.mention_keys = [key for _mention, key, _video in rows]
            self._videos = [video for _mention, _key, video in rows if video]
            self._sources = cited_source_ids(trend)

    def pks(self, model: type[models.Model]) -> Collection[int]:
        """Return the primary keys of the rows of a model."""
        of_model: dict[type[models.Model], Collection[int]] = {
            Mention: self._mentions,
            Video: self._videos,
            Source: self._sources,
        }
        return of_model[model]

    def remove_unused(
        self, except_for: Mapping[type[models.Model], Collection[int]] | None = None
    ) -> None:
        """Delete the rows that nothing uses, except the given ones of each model."""
        for model in (Mention, Video, Source):
            kept = (except_for or {}).get(model, ())
            if pks := set(self.pks(model)).difference(kept):
                unused(model._default_manager.filter(pk__in=pks)).delete()


# Any: the rows are of any model.
def unused(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Return the rows to which no others point, apart from rows that are deleted in cascade."""
    for relation in rows.model._meta.related_objects:
        if getattr(relation, "on_delete", None) is not models.CASCADE:
            pointing = relation.related_model._base_manager.filter(
                **{relation.field.name: models.OuterRef("pk")}
            )
            rows = rows.filter(~models.Exists(pointing))
    return rows
