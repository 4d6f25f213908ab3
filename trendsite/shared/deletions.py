"""What a deletion does, in the words of editors: what goes, what stays, how to undo it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from trendsite.shared.revisions.kinds import kind_of
from trendsite.shared.text.enumerations import enumerated


@dataclass(frozen=True)
class Deletion:
    """`goes` and `stays` are lists in words, or empty; `days` is how long it can be undone."""

    names: list[str]
    goes: str
    stays: str
    days: int
    warnings: list[SafeString]


def deletion(
    inlines: Sequence[Any], rows: Sequence[models.Model], warnings: Sequence[SafeString]
) -> Deletion:
    """Return what deleting rows of one model does. One query for each inline.

    What is edited with a row goes along, and what it only links to, in a table of links, stays.
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
    days = settings.BIN_DAYS if kind_of(type(rows[0])) else 0
    return Deletion(
        [str(row) for row in rows], enumerated(goes), enumerated(stays), days, [*warnings]
    )


def counted(count: int, model: type[models.Model]) -> str:
    """Return a number with what it counts: by `counted_names`, or how the model is called."""
    opts = model._meta
    one, many = getattr(model, "counted_names", (opts.verbose_name, opts.verbose_name_plural))
    # Translators: such as “3 key drivers”.
    return gettext("%(count)d %(rows)s") % {"count": count, "rows": one if count == 1 else many}
