"""The one door for writes: everything that people do to content passes through `writing()`.

A form, a file or an import opens it, writes rows, and records what it did to each. Around it are
one transaction and what other parts of the site add with `surround_writes()`; at its end, still
in the transaction, `written` is sent once. What must follow any write at all, through the door or
past it, listens to the signals of models instead, as the search index does.
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
"""Sent with a `write` and the `rows` that it is going to change or delete (`deleting`), before."""

written = Signal()
"""Sent with a `write` at its end, in its transaction: an exception of a receiver undoes it.

A receiver that must not act before the write is certain calls `transaction.on_commit()`.
"""

_current: "ContextVar[Write | None]" = ContextVar("current_write", default=None)

_surroundings: list[Callable[[], AbstractContextManager[object]]] = []


class Origin(StrEnum):
    """The way by which a write came in."""

    ADMIN = "admin"
    FILE = "file"
    IMPORT = "import"
    CLOCK = "clock"


@dataclass(frozen=True)
class Provenance:
    """Who writes (None where nobody is logged in, as at the command line), from where, and why.

    A correction changes no meaning, so that translations of what it changes stay as they are.
    """

    origin: Origin
    user: AbstractBaseUser | None = None
    note: str = ""
    is_correction: bool = False


class Action(StrEnum):
    """What was done to a row."""

    ADDED = "added"
    CHANGED = "changed"
    PUBLISHED = "published"
    RETIRED = "retired"
    DELETED = "deleted"
    RESTORED = "restored"


@dataclass(frozen=True)
class RowChange:
    """What a write did to one row. A deleted row has no primary key any more; `pk` was its."""

    action: Action
    row: models.Model
    pk: int


@dataclass
class Write:
    """A write on its way: its provenance, and what it has done so far.

    `kept` is for receivers of `about_to_write`, to keep what they need when it is `written`.
    """

    provenance: Provenance
    changes: list[RowChange] = field(default_factory=list)
    kept: dict[Any, Any] = field(default_factory=dict)  # Any: each receiver has its own

    def announce(self, rows: Iterable[models.Model], *, deleting: bool = False) -> None:
        """Tell that saved rows are going to be changed or deleted, while they are as they were."""
        if rows := list(rows):
            about_to_write.send(sender=Write, write=self, rows=rows, deleting=deleting)

    def record(self, action: Action, row: models.Model, pk: int | None = None) -> None:
        """Note what was done to a row, after it was done. `pk` is for a row that was deleted."""
        self.changes.append(RowChange(action, row, row.pk if pk is None else pk))


def surround_writes(surrounding: Callable[[], AbstractContextManager[object]]) -> None:
    """Let every write happen inside a context manager of `surrounding()`, in its transaction.

    It is entered once for writes that are nested.
    """
    _surroundings.append(surrounding)


def current_write() -> Write | None:
    """Return the write that is on its way, for signals of models; None past the door."""
    return _current.get()


@contextmanager
def writing(provenance: Provenance) -> Iterator[Write]:
    """Run the block as one write: in one transaction, at whose end the signal `written` is sent.

    Sends nothing if the write recorded nothing. May be nested: each level is a write, the
    outermost alone is surrounded.
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
    """Write a line for each change of a write that has been committed; of a file, one for all."""
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
            formset.save()  # which only notes that nothing was changed, for the admin's history
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
    """Delete rows, with what goes along with each."""
    rows = list(rows)
    with writing(provenance) as write:
        write.announce(rows, deleting=True)
        for row in rows:
            pk = row.pk
            row.delete()
            write.record(Action.DELETED, row, pk)
