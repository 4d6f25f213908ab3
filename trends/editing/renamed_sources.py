"""Rewriting marks in texts when the key of their source changes."""

from typing import Any

from django.db.models import F

from quotes.models import Source
from trends.models import MARKED_TEXTS, Trend
from trends.queries.citations import trends_citing
from trendsite.shared.former_slugs import renamed


def connect() -> None:
    """Connect the receiver of `renamed`."""
    renamed.connect(_rename_marks, sender=Source)


def _rename_marks(row: Source, before: str, **kwargs: Any) -> None:
    """Replace the key `before` in the texts that mark a source.

    The `version` of their trends grows, so that a form that was opened before cannot write the old
    key again. Trends are locked first, as forms do. `updated_at` stays, since the content is the
    same.
    """
    citing = Trend.everything.filter(pk__in=trends_citing(row)).order_by("pk")
    list(citing.select_for_update(no_key=True).values_list("pk", flat=True))
    changed = set()
    for model, marked in MARKED_TEXTS.items():
        for citing_row in model._base_manager.filter(**{marked.sources: row}):
            if columns := marked.rename(citing_row, {before: row.key}):
                texts = {name: getattr(citing_row, name) for name in columns}
                model._base_manager.filter(pk=citing_row.pk).update(**texts)
                changed.add(citing_row.pk if model is Trend else vars(citing_row)["trend_id"])
    Trend.everything.filter(pk__in=changed).update(version=F("version") + 1)
