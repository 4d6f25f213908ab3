"""Where readers see a row that others show with theirs, such as a quotation on trends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin import AdminSite
from django.db import models

from trendsite.shared.paths import form_path
from trendsite.shared.revisions.kinds import kinds

MOST_ROWS = 500
"""The most rows of which those that show them are looked for, and the most of these to read."""
# At most as many are named.
_MOST_NAMED = 20


@dataclass(frozen=True)
class ShownOn:
    """The rows that show another: what the first are called, with their forms, and how many more.

    `is_cut` says that there may be still others. `is_live` says whether readers see one of the
    first `MOST_ROWS`.
    """

    links: list[tuple[str, str]] = field(default_factory=list)
    more: int = 0
    is_live: bool = False
    is_cut: bool = False


def shown_on(rows: Sequence[models.Model], site: AdminSite) -> ShownOn:
    """Return which rows of other models show these. Two queries for each model that shows any."""
    links, count, is_live = [], 0, False
    for kind in kinds():
        if not (pks := kind.holding(rows[:MOST_ROWS])):
            continue
        admin: Any = site.get_model_admin(kind.model)  # an `EditorsAdmin` of whatever model
        first = kind.model._base_manager.filter(pk__in=sorted(pks)[:MOST_ROWS])
        for row in first.order_by("pk"):
            name, is_seen = admin.told_of_showing(row)
            links.append((name, form_path(row)))
            is_live = is_live or is_seen
        count += len(pks)
    more = max(count - _MOST_NAMED, 0)
    return ShownOn(links[:_MOST_NAMED], more, is_live, is_cut=len(rows) > MOST_ROWS)
