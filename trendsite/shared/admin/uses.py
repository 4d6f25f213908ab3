"""Finding the rows that use a row, which therefore cannot be deleted."""

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

# The most uses that are named.
_MOST_NAMED = 50


def uses(model: type[models.Model], rows: Iterable[models.Model], site: AdminSite) -> list[str]:
    """Return links to the rows that use rows of a model and are not deleted with them.

    Two queries for each relation to the model.
    """
    named: list[str] = []
    left_out = 0
    keys = [row.pk for row in rows]
    for relation in cast(Iterable[Any], model._meta.related_objects):
        if getattr(relation, "on_delete", None) is CASCADE:
            continue
        if relation.many_to_many and not relation.through._meta.auto_created:
            continue  # the relation to the linking table finds the same uses
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
    """Return the name of the foreign key to the row in whose form rows of a model are edited.

    None for a model that has forms of its own.
    """
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
