"""Storing a version of each row that a write changes, by the signals of `writes`."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from trendsite.shared.revisions.kinds import RevisedKind, VersionText, kinds
from trendsite.shared.revisions.models import FOUND, Revision
from trendsite.shared.writes import Action, Provenance, Write, about_to_write, written

# Keys of `Write.kept`, each with a model. `_BEFORE`: unsaved versions of rows before the write, for
# rows that have no version or are deleted. `_HOLDING`: rows whose texts contain the written rows.
_BEFORE, _HOLDING = "before", "holding"


def connect() -> None:
    """Connect the receivers."""
    about_to_write.connect(_keep_what_is, dispatch_uid="revisions")
    written.connect(_store, dispatch_uid="revisions")


def _keep_what_is(write: Write, rows: list[models.Model], deleting: bool, **kwargs: Any) -> None:
    """Keep the present texts of rows without a version, and of rows that will be deleted."""
    for kind in kinds():
        held = kind.holding(row for row in rows if not isinstance(row, kind.model))
        pks = {row.pk for row in rows if isinstance(row, kind.model)}
        write.kept.setdefault((_HOLDING, kind.model), set()).update(held - pks)
        before = write.kept.setdefault((_BEFORE, kind.model), {})
        wanted = pks if deleting else _without_version(kind, (pks | held) - before.keys())
        if wanted:
            texts = kind.texts(wanted)
            before.update((pk, _found(kind, pk, text)) for pk, text in texts.items())


def _without_version(kind: RevisedKind, pks: Collection[int]) -> set[int]:
    if not pks:
        return set()
    known = Revision.objects.of(kind.model, pks).order_by().values_list("object_id", flat=True)
    return set(pks) - set(known.distinct())


def _store(write: Write, **kwargs: Any) -> None:
    """Store a version of each row whose text a write changed."""
    rows = [change.row for change in write.changes]
    for kind in kinds():
        changes = {c.pk: c.action for c in write.changes if isinstance(c.row, kind.model)}
        held = write.kept.get((_HOLDING, kind.model), set()) | kind.holding(
            row for row in rows if not isinstance(row, kind.model) and row.pk
        )
        held -= changes.keys()
        if held:
            _lock(kind, held)
        actions = dict.fromkeys(held, Action.CHANGED) | changes
        if actions:
            _store_rows(kind, actions, write)


def _store_rows(kind: RevisedKind, actions: Mapping[int, Action], write: Write) -> None:
    """Store new versions of rows of a kind, after the text before if they had no version."""
    before: Mapping[int, Revision] = write.kept.get((_BEFORE, kind.model), {})
    gone = {pk for pk, action in actions.items() if action == Action.DELETED}
    texts = kind.texts(actions.keys() - gone)
    write.fetched[kind.model] = {pk: version.row for pk, version in texts.items() if version.row}
    last = {
        pk: (digest, action)
        for pk, digest, action in Revision.objects.last_of(kind.model, actions).values_list(
            "object_id", "digest", "action"
        )
    }
    new = []
    for pk, action in sorted(actions.items()):
        present = before[pk] if pk in gone else _found(kind, pk, texts[pk])
        first = before.get(pk) if pk not in last else None
        known, last_action = last.get(pk, (first and first.digest, ""))
        if known == present.digest and Action.DELETED not in (action, last_action):
            continue
        new += [first] if first else []
        new.append(_written(present, action, write.provenance))
    Revision.objects.bulk_create(new)
    if gone:
        Revision.objects.all().delete_expired()


def _lock(kind: RevisedKind, pks: Collection[int]) -> None:
    """Lock rows, so that the second of two writes sees what the first one wrote."""
    rows = kind.model._base_manager.select_for_update(no_key=True).filter(pk__in=pks)
    list(rows.order_by("pk").values_list("pk", flat=True))


def _found(kind: RevisedKind, pk: int, version: VersionText) -> Revision:
    """Return an unsaved version of a row that no recorded write made."""
    revision = Revision(
        content_type=ContentType.objects.get_for_model(kind.model),
        object_id=pk,
        action=FOUND,
        names=version.names,
        extra=version.extra,
    )
    revision.text = version.text
    return revision


def _written(found: Revision, action: Action, provenance: Provenance) -> Revision:
    """Return an unsaved copy of a version with an action and a provenance."""
    return Revision(
        content_type=found.content_type,
        object_id=found.object_id,
        action=action,
        origin=provenance.origin,
        user_id=provenance.user.pk if provenance.user else None,
        username=provenance.user.get_username() if provenance.user else "",
        note=provenance.note[:300],
        names=found.names,
        extra=found.extra,
        content=found.content,
        digest=found.digest,
    )
