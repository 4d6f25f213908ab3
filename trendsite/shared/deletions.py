"""Describing to editors what a deletion does: what is deleted, what stays, how to undo it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from trendsite.shared.revisions.kinds import has_versions
from trendsite.shared.text.enumerations import enumerated


@dataclass(frozen=True)
class Deletion:
    """The effect of a deletion.

    `goes` and `stays` list in words what is deleted and what stays, or are empty. `days` is for how
    many days the deletion can be undone.
    """

    names: list[str]
    goes: str
    stays: str
    days: int
    warnings: list[SafeString]


def deletion(
    inlines: Sequence[Any], rows: Sequence[models.Model], warnings: Sequence[SafeString]
) -> Deletion:
    """Describe what deleting rows of one model does. One query for each inline.

    Rows of an inline are deleted; what they only link to (`links_to`) stays.
    """
    goes, stays = [], []
    for inline in inlines:
        fields = list(inline.model._meta.fields)
        owner = next(field for field in fields if field.related_model is type(rows[0]))
        count = inline.model._base_manager.filter(**{f"{owner.name}__in": rows}).count()
        if not count:
            continue
        if getattr(inline, "links_to", ""):
            target = inline.model._meta.get_field(inline.links_to).related_model
            stays.append(counted(count, target))
        else:
            goes.append(counted(count, inline.model))
    days = settings.BIN_DAYS if has_versions(type(rows[0])) else 0
    return Deletion(
        [str(row) for row in rows], enumerated(goes), enumerated(stays), days, [*warnings]
    )


def counted(count: int, model: type[models.Model]) -> str:
    """Return a count with its noun: from the model's `counted_names`, or its verbose name."""
    opts = model._meta
    one, many = getattr(model, "counted_names", (opts.verbose_name, opts.verbose_name_plural))
    # Translators: such as “3 key drivers”.
    return gettext("%(count)d %(rows)s") % {"count": count, "rows": one if count == 1 else many}
