"""Receivers that index trends when a row with indexed texts is saved or deleted.

Bulk writes send no signals, so their callers have to call `index.index_trends()`.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_save

from quotes.models import Expert, Mention, Source, TaggedMention, Video
from trends.models import PARTS, Trend
from trends.queries.citations import CITING
from trends.search.index import index_trends
from trends.search.models import DocumentKind, SearchDocument
from trendsite.shared.models import Tag

# The attribute of a row that holds the primary key of its trend.
_OWNED: dict[type[models.Model], str] = {
    Trend: "pk",
    **{model: f"{owner}_id" for model, owner in PARTS.items()},
}
# Rows that trends share: the documents in the index say which trends have them.
_SHARED: dict[type[models.Model], tuple[DocumentKind, str]] = {
    Mention: (DocumentKind.MENTION, "pk"),
    TaggedMention: (DocumentKind.MENTION, "content_object_id"),
    Expert: (DocumentKind.EXPERT, "pk"),
    Video: (DocumentKind.VIDEO, "pk"),
    Tag: (DocumentKind.TAG, "pk"),
    Source: (DocumentKind.SOURCE, "pk"),
}


def connect() -> None:
    """Connect the receivers for every model whose texts are indexed."""
    for model in [*_OWNED, *_SHARED]:
        post_save.connect(_saved, sender=model)
        post_delete.connect(_deleted, sender=model)
    for kind in CITING.values():
        if kind.links._meta.auto_created:
            m2m_changed.connect(_cited, sender=kind.links)


def _saved(instance: models.Model, created: bool, **kwargs: Any) -> None:
    # No trend shows a shared row that is new, but a tag is one of a mention that may be shown.
    if created and type(instance) in _SHARED and not isinstance(instance, TaggedMention):
        return
    index_trends(_trends_of(instance))


def _deleted(instance: models.Model, origin: Any, **kwargs: Any) -> None:
    # A deleted trend takes its documents along, so rows deleted with it must not index it.
    if getattr(origin, "model", type(origin)) is not Trend:
        index_trends(_trends_of(instance))


def _cited(
    instance: models.Model,
    action: str,
    reverse: bool,
    model: type[models.Model],
    pk_set: Any,
    **kwargs: Any,
) -> None:
    if not action.startswith("post"):
        return
    if not reverse:
        index_trends(_trends_of(instance))
        return
    index_trends(_trends_of(instance))
    for citing in model._base_manager.filter(pk__in=pk_set or ()):
        index_trends(_trends_of(citing))


def _trends_of(row: models.Model) -> Iterable[int]:
    if name := _OWNED.get(type(row)):
        return [getattr(row, name)]
    kind, name = _SHARED[type(row)]
    held = SearchDocument.objects.filter(kind=kind, object_id=getattr(row, name))
    return held.order_by().values_list("trend_id", flat=True).distinct()
