"""The receivers of the door for writes: they store a version of each row that a write changes."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from trendsite.shared.revisions.kinds import RevisedKind, VersionText, kinds
from trendsite.shared.revisions.models import FOUND, Revision, digest_of
from trendsite.shared.writes import Action, Write, about_to_write, written

# Keys of `Write.kept`: texts of rows before they are deleted, and rows that hold others.
_BEFORE, _HOLDING = "text before", "rows holding it"


def connect() -> None:
    """Store a version with each write."""
    about_to_write.connect(_keep_what_is, dispatch_uid="revisions")
    written.connect(_store, dispatch_uid="revisions")


def _keep_what_is(write: Write, rows: list[models.Model], deleting: bool, **kwargs: Any) -> None:
    """Store the rows that have no version yet as they are, before a write changes them."""
    for kind in kinds():
        held = kind.holding(row for row in rows if not isinstance(row, kind.model))
        pks = {row.pk for row in rows if isinstance(row, kind.model)}
        write.kept.setdefault((_HOLDING, kind.model), set()).update(held - pks)
        texts = kind.texts(pks) if deleting and pks else {}
        write.kept.setdefault((_BEFORE, kind.model), {}).update(texts)
        if without := _without_version(kind, pks | held):
            _insert(kind, kind.texts(without), without, FOUND, write)


def _without_version(kind: RevisedKind, pks: Collection[int]) -> set[int]:
    if not pks:
        return set()
    known = Revision.objects.of(kind.model, pks).order_by().values_list("object_id", flat=True)
    return set(pks) - set(known.distinct())


def _store(write: Write, **kwargs: Any) -> None:
    """Store a version of each row whose text a write changed."""
    rows = [change.row for change in write.changes]
    for kind in kinds():
        changes = {c.pk: c for c in write.changes if isinstance(c.row, kind.model)}
        gone = {pk for pk, change in changes.items() if change.action == Action.DELETED}
        held = write.kept.get((_HOLDING, kind.model), set()) | kind.holding(
            row for row in rows if not isinstance(row, kind.model) and row.pk
        )
        held -= changes.keys()
        if held:
            _lock(kind, held)
        for action in sorted({change.action for change in changes.values()} - {Action.DELETED}):
            pks = {pk for pk, change in changes.items() if change.action == action}
            _insert_changed(kind, pks, action, write)
        _insert_changed(kind, held, Action.CHANGED, write)
        if gone:
            before: Mapping[int, VersionText] = write.kept[_BEFORE, kind.model]
            _insert(kind, before, gone, Action.DELETED, write)
            Revision.objects.all().delete_expired()


def _lock(kind: RevisedKind, pks: Collection[int]) -> None:
    """Lock rows, so that of two writes the second sees what the first wrote."""
    rows = kind.model._base_manager.select_for_update(no_key=True).filter(pk__in=pks)
    list(rows.order_by("pk").values_list("pk", flat=True))


def _insert_changed(kind: RevisedKind, pks: set[int], action: Action, write: Write) -> None:
    if not pks:
        return
    texts = kind.texts(pks)
    last = Revision.objects.last_of(kind.model, pks)
    digests = {
        pk: digest
        for pk, digest, of in last.values_list("object_id", "digest", "action")
        if of != Action.DELETED
    }
    changed = {pk for pk in texts if digests.get(pk) != digest_of(texts[pk].text)}
    _insert(kind, texts, changed, action, write)


def _insert(
    kind: RevisedKind,
    texts: Mapping[int, VersionText],
    pks: Iterable[int],
    action: str,
    write: Write,
) -> None:
    content_type = ContentType.objects.get_for_model(kind.model)
    provenance = write.provenance
    is_ours = action != FOUND
    new = []
    for pk in sorted(pks):
        version = texts[pk]
        revision = Revision(
            content_type=content_type,
            object_id=pk,
            action=action,
            origin=provenance.origin if is_ours else "",
            user_id=provenance.user.pk if provenance.user and is_ours else None,
            username=provenance.user.get_username() if provenance.user and is_ours else "",
            note=provenance.note[:300] if is_ours else "",
            names=version.names,
            extra=version.extra,
        )
        revision.text = version.text
        new.append(revision)
    Revision.objects.bulk_create(new)
