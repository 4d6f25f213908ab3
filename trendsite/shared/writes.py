"""Writes: every change of content by a person, a file or an import goes through `writing()`.

The block of `writing()` saves rows and records what it did to each. It runs in one transaction and
inside the context managers that were added with `surround_writes()`. At its end, still in the
transaction, the signal `written` is sent once.

What must follow every change of a row, also one outside of `writing()`, is a receiver of the
signals of models instead, as the search index is.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.dispatch import Signal

from trendsite.shared.versions import VersionedModel

logger = logging.getLogger(__name__)

about_to_write = Signal()
"""Sent before a `write` changes or deletes `rows`; `deleting` is true if it deletes them."""

written = Signal()
"""Sent at the end of a `write`, in its transaction: an exception of a receiver undoes the write.

A receiver that must act after the commit calls `transaction.on_commit()`.
"""

_current: "ContextVar[Write | None]" = ContextVar("current_write", default=None)

_surroundings: list[Callable[[], AbstractContextManager[object]]] = []


class Origin(StrEnum):
    """The origin of a write."""

    ADMIN = "admin"
    FILE = "file"
    IMPORT = "import"
    CLOCK = "clock"


@dataclass(frozen=True)
class Provenance:
    """The user, origin and reason of a write.

    `user` is None if nobody is logged in, as at the command line. `is_correction` means that the
    meaning of texts stays the same, so that their translations do not become stale.
    """

    origin: Origin
    user: AbstractBaseUser | None = None
    note: str = ""
    is_correction: bool = False


class Action(StrEnum):
    """An action on a row."""

    ADDED = "added"
    CHANGED = "changed"
    PUBLISHED = "published"
    RETIRED = "retired"
    DELETED = "deleted"
    RESTORED = "restored"


@dataclass(frozen=True)
class RowChange:
    """The change that a write made to a row. `pk` is the key that the row had before a deletion."""

    action: Action
    row: models.Model
    pk: int


@dataclass
class Write:
    """A write in progress: its provenance, and what it has done so far.

    In `kept` receivers of `about_to_write` store what they need when `written` is sent. `fetched`
    has rows by primary key as they are at the end of the write, with all that belongs to them, for
    the context managers around it.
    """

    provenance: Provenance
    changes: list[RowChange] = field(default_factory=list)
    kept: dict[Any, Any] = field(default_factory=dict)  # Any: each receiver has its own
    fetched: dict[type[models.Model], dict[int, models.Model]] = field(default_factory=dict)

    def announce(self, rows: Iterable[models.Model], *, deleting: bool = False) -> None:
        """Send `about_to_write`. Call it before saved rows are changed or deleted."""
        if rows := list(rows):
            about_to_write.send(sender=Write, write=self, rows=rows, deleting=deleting)

    def record(self, action: Action, row: models.Model, pk: int | None = None) -> None:
        """Record what was done to a row. `pk` is needed for a row that was deleted."""
        self.changes.append(RowChange(action, row, row.pk if pk is None else pk))


def surround_writes(surrounding: Callable[[], AbstractContextManager[object]]) -> None:
    """Run every write inside a context manager that `surrounding()` returns, in its transaction.

    The context manager is entered for the outermost of nested writes only.
    """
    _surroundings.append(surrounding)


def current_write() -> Write | None:
    """Return the write in progress, None outside of `writing()`. For receivers of signals."""
    return _current.get()


@contextmanager
def writing(provenance: Provenance) -> Iterator[Write]:
    """Run the block as one write in one transaction, and send `written` at its end.

    Sends nothing if the write recorded nothing. May be nested: each level is a write of its own.
    """
    write = Write(provenance)
    surroundings = _surroundings if _current.get() is None else ()
    with transaction.atomic(), ExitStack() as stack:
        stack.callback(_current.reset, _current.set(write))
        for surrounding in surroundings:
            stack.enter_context(surrounding())
        yield write
        if write.changes:
            written.send(sender=Write, write=write)
            transaction.on_commit(partial(_log, write))


def _log(write: Write) -> None:
    """Log a line for each change of a committed write, or one line for all changes of a file."""
    who = write.provenance.user.get_username() if write.provenance.user else "-"
    if write.provenance.origin in (Origin.FILE, Origin.IMPORT):
        kinds = Counter((change.row._meta.label_lower, change.action) for change in write.changes)
        done = ", ".join(f"{number} {kind} {action}" for (kind, action), number in kinds.items())
        logger.info("Loaded %s: %s", write.provenance.note, done)
        return
    for change in write.changes:
        logger.info(
            "%s %s %d (%s, %s)",
            change.row._meta.label_lower,
            change.action,
            change.pk,
            write.provenance.origin,
            who,
        )


class SavedForm(Protocol):
    """A model form as `save_form()` needs it."""

    instance: models.Model

    def has_changed(self) -> bool: ...
    def save_m2m(self) -> None: ...
    def save_before(self, write: Write) -> None: ...


def save_form(
    form: SavedForm,
    formsets: "Sequence[forms.BaseModelFormSet[Any, Any]]",
    provenance: Provenance,
) -> bool:
    """Save a valid form and the formsets of the rows edited with it, as one change of its row.

    Writes nothing if nothing was changed. Returns whether anything was.
    """
    row = form.instance
    is_new = row._state.adding
    if not (is_new or form.has_changed() or any(formset.has_changed() for formset in formsets)):
        for formset in formsets:
            formset.save()  # sets the attributes that the admin reads for its history
        return False
    with writing(provenance) as write:
        if not is_new:
            write.announce([row])
        if isinstance(row, VersionedModel) and not is_new:
            row.count_change()
        form.save_before(write)
        row.save()
        form.save_m2m()
        for formset in formsets:
            formset.save()
        write.record(Action.ADDED if is_new else Action.CHANGED, row)
    return True


def delete(rows: Iterable[models.Model], provenance: Provenance) -> None:
    """Delete rows, with the rows that are deleted in cascade, as one write."""
    rows = list(rows)
    with writing(provenance) as write:
        write.announce(rows, deleting=True)
        for row in rows:
            pk = row.pk
            row.delete()
            write.record(Action.DELETED, row, pk)
