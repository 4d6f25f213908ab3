"""Merging two rows, such as two tags: rows that point to one of them are moved to the other."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CASCADE, F
from django.utils.translation import gettext as _

from trendsite.shared.former_slugs import remember, renamed
from trendsite.shared.revisions.kinds import has_versions
from trendsite.shared.versions import VersionedModel
from trendsite.shared.writes import Action, Provenance, Write, writing

_Model = type[models.Model]


@dataclass
class Merge:
    """The effect of merging one row into another.

    `moved` are the rows whose foreign key will point to the row that stays, by model and foreign
    key. `gone` are rows that will be deleted, by model, since there is an equal one already: a link
    to a trend that has both rows, or a quotation that both experts have. `changed` are the rows
    with versions that the merge changes, such as trends, by model.
    """

    moved: defaultdict[tuple[_Model, str, int], set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )
    gone: defaultdict[_Model, set[int]] = field(default_factory=lambda: defaultdict(set))
    changed: defaultdict[_Model, set[int]] = field(default_factory=lambda: defaultdict(set))

    def changed_rows(self, model: _Model) -> models.QuerySet[Any]:
        """Return the changed rows of a model that stay."""
        pks = self.changed[model] - self.gone.get(model, set())
        return model._base_manager.filter(pk__in=pks).order_by("pk")


def planned(kept: models.Model, gone: models.Model) -> Merge:
    """Return what merging one row into another will do, without changing anything.

    The number of queries is constant, with some more for each row in `gone`.
    """
    merge = Merge()
    _plan(kept, gone, merge)
    return merge


def merge_rows(
    model: type[VersionedModel], kept_pk: int, gone_pk: int, provenance: Provenance
) -> Any:
    """Merge a row into another of the same model; return the one that stays, with its own texts.

    The addresses of the other one redirect to it, and texts that name the other one by its slug are
    rewritten, since `renamed` is sent. Raises ValidationError if one of them does not exist any
    more, or if the rows that point to them change meanwhile.
    """
    with writing(provenance) as write:
        before = planned(*_both(model._base_manager.all(), kept_pk, gone_pk))
        # Locked in the same order as by forms, which lock these rows before they read the two.
        for changed in sorted(before.changed, key=lambda model: model._meta.label):
            list(before.changed_rows(changed).select_for_update(no_key=True).values("pk"))
        # Locked so that no further row can point to them.
        kept, gone = _both(model._base_manager.select_for_update(), kept_pk, gone_pk)
        merge = planned(kept, gone)
        if merge != before:
            raise ValidationError(_("Somebody changed something meanwhile. Please try again."))
        write.announce([kept])
        for changed in merge.changed:
            write.announce(merge.changed_rows(changed))
        before_merge = gone.present_name()
        names = [*gone.former_names(), before_merge]
        for (pointing, name, target), pks in merge.moved.items():
            staying = pks - merge.gone.get(pointing, set())
            pointing._base_manager.filter(pk__in=staying).update(**{name: target})
        renamed.send(sender=model, row=kept, before=before_merge)
        for doubled, pks in reversed(merge.gone.items()):  # rows that point to others first
            _delete(doubled._base_manager.filter(pk__in=pks), write)
        _delete(model._base_manager.filter(pk=gone_pk), write)
        remember(kept, names)
        _save_changed([kept], write)
        for changed in merge.changed:
            _save_changed(merge.changed_rows(changed), write)
    return kept


# Any, here and below: the rows are of any model that has slugs or versions.
def _both(rows: models.QuerySet[Any], kept: int, gone: int) -> tuple[Any, Any]:
    """Return both rows. Raises ValidationError if one does not exist."""
    there = {row.pk: row for row in rows.filter(pk__in=[kept, gone]).order_by("pk")}
    if len(there) != 2:
        raise ValidationError(_("One of them is no longer here: somebody merged or deleted it."))
    return there[kept], there[gone]


def _delete(rows: models.QuerySet[Any], write: Write) -> None:
    """Delete rows to which nothing points any more. Those with versions go to the bin."""
    is_revised = has_versions(rows.model)
    if is_revised:
        write.announce(rows, deleting=True)
    for row in list(rows):
        pk = row.pk
        row.delete()
        if is_revised:
            write.record(Action.DELETED, row, pk)


def _save_changed(rows: Iterable[Any], write: Write) -> None:
    """Save rows whose links have changed with a higher version, so that signals index them."""
    for row in rows:
        row.count_change()
        row.save()
        write.record(Action.CHANGED, row)


def _plan(kept: models.Model, gone: models.Model, merge: Merge) -> None:
    """Add to `merge` what merging two rows does to rows that point to them."""
    for model, key in _pointing_to(type(gone)):
        owner, lookup = _owner_of(model, key)
        rows: Any = model._base_manager.filter(**{key.attname: gone.pk}).order_by("pk")
        rows = list(rows.annotate(owner_pk=F(lookup)))
        unique_with = _unique_with(model, key.name)
        there = _by_values(model, key.attname, kept.pk, unique_with) if rows else {}
        for row in rows:
            merge.changed[owner].add(row.owner_pk)
            twins = [there.get(_values(row, names)) for names in unique_with]
            twin = next(filter(None, twins), None)
            if twin is None:
                merge.moved[model, key.attname, kept.pk].add(row.pk)
                if (owner, row.owner_pk) == (type(gone), gone.pk):  # becomes a part of the other
                    merge.changed[owner].add(kept.pk)
            else:
                merge.gone[model].add(row.pk)
                _plan(twin, row, merge)


def _pointing_to(model: _Model) -> Iterator[tuple[_Model, models.ForeignKey[Any, Any]]]:
    """Yield each foreign key to a model with its model, also those of linking tables.

    Those that do nothing when a row is deleted are of kept lists, which follow other rows.
    """
    for relation in model._meta.get_fields(include_hidden=True):
        if (
            relation.one_to_many
            and relation.auto_created
            and relation.on_delete is not models.DO_NOTHING  # type: ignore[union-attr]
        ):
            yield relation.related_model, relation.field  # type: ignore[union-attr,misc]


def _unique_with(model: _Model, name: str) -> list[tuple[str, ...]]:
    """Return the other fields of each constraint by which a foreign key is unique."""
    constraints = [
        *model._meta.unique_together,  # of linking tables that Django makes
        *(c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)),
    ]
    return [
        tuple(field for field in fields if field != name)
        for fields in constraints
        if name in fields
    ]


_Values = tuple[tuple[str, Any], ...]


def _values(row: models.Model, names: Collection[str]) -> _Values:
    columns = (row._meta.get_field(name) for name in names)
    return tuple((column.attname, getattr(row, column.attname)) for column in columns)  # type: ignore[union-attr]


def _by_values(
    model: _Model, attname: str, pk: int, unique_with: list[tuple[str, ...]]
) -> dict[_Values, models.Model]:
    """Return the rows that point to a row, by the values that are unique together with it."""
    if not unique_with:
        return {}
    rows = model._base_manager.filter(**{attname: pk})
    return {_values(row, names): row for row in rows for names in unique_with}


def _owner_of(model: _Model, pointing: models.Field[Any, Any] | None = None) -> tuple[_Model, str]:
    """Return the model with versions to which rows belong, and the lookup of its primary key.

    That is the rows' own model if it has versions. Rows of a linking table belong to the model to
    which the foreign key `pointing` does not point.
    """
    if has_versions(model):
        return model, "pk"
    keys = [
        key
        for key in model._meta.concrete_fields
        if isinstance(key, models.ForeignKey) and key.remote_field.on_delete is CASCADE
    ]
    for key in sorted(keys, key=lambda key: key is pointing):
        owner, lookup = _owner_of(key.related_model)
        return owner, f"{key.name}__{lookup}"
    raise ValueError(f"{model._meta.label} is a part of nothing that has versions")
