"""What uses a row, and so forbids to delete it."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.db import models
from django.db.models import CASCADE
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from trendsite.shared.paths import form_path

# At most as many uses are named.
_MOST_NAMED = 50


def uses(model: type[models.Model], rows: Iterable[models.Model], site: AdminSite) -> list[str]:
    """Return links to what uses rows of a model and is not deleted with them.

    Two queries for each relation to the model.
    """
    named: list[str] = []
    left_out = 0
    keys = [row.pk for row in rows]
    for relation in cast(Iterable[Any], model._meta.related_objects):
        if getattr(relation, "on_delete", None) is CASCADE:
            continue
        if relation.many_to_many and not relation.through._meta.auto_created:
            continue  # the rows between say so too, each in its own words
        users = relation.related_model._base_manager.filter(
            **{f"{relation.field.name}__in": keys}
        ).distinct()
        owner = _owner_field(relation.related_model, site)
        if owner:
            users = users.select_related(owner)
        shown = list(users[: max(_MOST_NAMED - len(named), 0)])
        named += [_use(row, owner, relation.field) for row in shown]
        left_out += users.count() - len(shown)
    if left_out:
        named.append(_("… and %(count)d more.") % {"count": left_out})
    return named


def _owner_field(model: type[models.Model], site: AdminSite) -> str | None:
    """Return the foreign key to what a row without a form of its own is edited with."""
    if site.is_registered(model):
        return None
    for field in model._meta.fields:
        if (
            isinstance(field, models.ForeignKey)
            and field.remote_field.on_delete is CASCADE
            and site.is_registered(field.related_model)
        ):
            return field.name
    return None


def _use(row: models.Model, owner: str | None, field: models.Field[Any, Any]) -> SafeString:
    on = getattr(row, owner) if owner else row
    return format_html(
        # Translators: “Trend: Application over training (key driver)”.
        _("{kind}: {row} ({part})"),
        kind=capfirst(on._meta.verbose_name),
        row=format_html('<a href="{}">{}</a>', form_path(on), on),
        part=row._meta.verbose_name if owner else field.verbose_name,
    )
