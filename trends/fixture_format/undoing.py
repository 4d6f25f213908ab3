"""Undoing a load that ended before its last transaction, with the versions of changed rows."""

import datetime
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management import CommandError
from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from quotes.models import Mention, Source, Video
from trends.fixture_format.unused import SharedRows, unused
from trends.models import LoadStep, Trend
from trendsite.shared.revisions.kinds import kind_of
from trendsite.shared.revisions.models import FOUND, Revision
from trendsite.shared.writes import Action, Origin, Provenance, writing

ALIVE = datetime.timedelta(seconds=60)
"""A load that has written nothing for so long is no longer running."""


def undo_interrupted() -> Iterator[str]:
    """Undo loads that were interrupted, and yield messages on them.

    Raises CommandError if a load may still be running.
    """
    check_none_runs()
    while step := LoadStep.objects.first():
        yield _("The load of %(files)s was interrupted; it is undone.") % {"files": step.note}
        yield from undo(step.load)


def check_none_runs() -> None:
    """Raise CommandError if a load of several transactions is running, or may be. One query."""
    last = LoadStep.objects.filter(stored_at__gt=timezone.now() - ALIVE).last()
    if last is not None:
        until = date_format(timezone.localtime(last.stored_at + ALIVE), "H:i:s")
        raise CommandError(
            _("The load of %(files)s is running, or was interrupted; try again at %(time)s.")
            % {"files": last.note, "time": until}
        )


def undo(load: UUID) -> list[str]:
    """Undo what a load wrote, the last row first; return messages on rows that were not undone.

    Each row is undone in a separate transaction, so that others can save meanwhile. Rows that
    somebody has changed since are not undone. If it is interrupted, another call continues.
    """
    kept = []
    for step in LoadStep.objects.filter(load=load).order_by("-pk"):
        for label, pk, updated_at in reversed(step.rows):
            model = apps.get_model(label)
            with transaction.atomic():
                if name := _undo_row(model, pk, updated_at, step):
                    kept.append(changed_since(name))
        step.delete()
    return kept


def changed_since(row: object) -> str:
    """Return the message on a row that somebody has saved after the load had written it."""
    return _("“%(row)s” was changed since, and stays as it is.") % {"row": row}


def _undo_row(
    model: type[models.Model], pk: int, updated_at: str | None, step: LoadStep
) -> str | None:
    """Undo what a step did to a row; return a message if the row was changed since."""
    model._base_manager.select_for_update(no_key=True).filter(pk=pk).first()
    versions = list(Revision.objects.of(model, [pk]).without_content())
    of_load = [
        version
        for version in versions
        if version.pk > step.last_version
        and version.origin == Origin.FILE
        and version.action != FOUND
    ]
    if not of_load:
        return None
    if versions[0] != of_load[0]:
        return str(versions[0])
    before = next((version for version in versions if version.pk < of_load[-1].pk), None)
    provenance = Provenance(Origin.FILE, note=step.note)
    if before is not None:
        kind = kind_of(model)
        with writing(provenance):
            kind.restore(pk, kind.read(before.text), before.extra, provenance)
            if updated_at is not None:
                Trend.objects.filter(pk=pk).update(updated_at=parse_datetime(updated_at))
    elif not _delete(model, pk, provenance):
        return str(versions[0])
    # The versions of the load are removed from the history.
    Revision.objects.of(model, [pk]).filter(pk__gte=of_load[-1].pk).delete()
    return None


def _delete(model: type[models.Model], pk: int, provenance: Provenance) -> bool:
    """Delete a row that a load added. Returns False if other rows use it now."""
    # Any: the row is of any model.
    row: Any = model._base_manager.get(pk=pk)
    shared = None
    if isinstance(row, Trend):
        shared = SharedRows(row, is_new=False)
    elif not unused(model._base_manager.filter(pk=pk)).exists():
        return False
    with writing(provenance) as write:
        write.announce([row], deleting=True)
        row.delete()
        write.record(Action.DELETED, row, pk)
    if shared:
        # Shared rows with versions existed before, since a load stores no versions of them.
        shared.remove_unused(
            except_for={
                part: set(
                    Revision.objects.of(part, shared.pks(part))
                    .order_by()
                    .values_list("object_id", flat=True)
                )
                for part in (Mention, Video, Source)
            }
        )
    return True
