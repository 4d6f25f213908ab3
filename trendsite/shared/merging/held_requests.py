"""Merging the requests of the admin, or holding them back for the editor to look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext

from trendsite.shared.folded_rows import has_left_rows, leaves_rows
from trendsite.shared.merging.clashes import ClashReader, ShownClash
from trendsite.shared.merging.form_states import (
    dumped,
    loaded,
    sent_state,
    state_of,
    write_rows,
    write_state,
)
from trendsite.shared.merging.three_way import FormState, merge
from trendsite.shared.revisions.shown import last_writer
from trendsite.shared.text.enumerations import enumerated

BEGAN = "began_with"
"""The name under which a form sends what it began with."""

TYPED = "typed_id"
"""The name under which a form tells the id of the copy that the browser keeps of it."""

RESTORED = "_restored"
"""The name under which a form says that it sends what a browser kept, only to be shown."""

# The most labels of merged values that are named.
_NAMED = 12


class SaveRefusedError(Exception):
    """A save has to be undone. The form is shown with the reason and errors of fields."""

    def __init__(self, reason: str, errors: dict[tuple[str, str], list[str]]) -> None:
        super().__init__(reason)
        self.reason, self.errors = reason, errors


@dataclass
class Held:
    """The result of merging a request: why it is not saved yet, and what was merged into it."""

    is_saved: bool = False
    reason: str = ""
    who: str = ""
    taken: list[str] = field(default_factory=list)
    clashes: list[ShownClash] = field(default_factory=list)
    errors: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """The errors that only the save found, by the prefix of a form and the name of a field."""

    def taken_words(self) -> str:
        """Return the labels of the values merged from others as one text, a long list cut off."""
        text = enumerated(self.taken[:_NAMED])
        more = len(self.taken) - _NAMED
        return (
            gettext("%(things)s and %(count)d more") % {"things": text, "count": more}
            if more > 0
            else text
        )


def held_of(request: HttpRequest) -> Held:
    """Return the result of merging a request, an empty one before `prepare()`."""
    held: Held = getattr(request, "held", None) or Held()
    return held


def began_with(form: Any, formsets: Sequence[Any]) -> str:
    """Return the tokens with which unbound forms begin, for a hidden field of the form."""
    return dumped(state_of(form, formsets))


def prepare(model_admin: Any, request: HttpRequest, object_id: str | None) -> None:
    """Merge a request with what was saved after its form was opened.

    Replaces `request.POST` and sets `request.held`. Rows that the form left folded are filled in as
    they are saved. A request without the tokens with which it began, or for a deleted row, is not
    merged: the form refuses it.
    """
    held = Held()
    request.held = held  # type: ignore[attr-defined]
    if object_id is not None:
        _complete(model_admin, request, object_id, held)
    if RESTORED in request.POST and not held.clashes:
        held.reason = gettext("This is what you typed. It has not been saved yet.")


def _complete(model_admin: Any, request: HttpRequest, object_id: str, held: Held) -> None:
    """Fill in the rows that a request leaves as they are, then merge it with later saves."""
    row = model_admin.get_object(request, unquote(object_id))
    if row is None or not model_admin.has_change_permission(request, row):
        return
    began = loaded(request.POST.get(BEGAN, ""))
    is_late = began is not None and request.POST.get("version_seen") != str(row.version)
    if not (is_late or has_left_rows(request.POST)):
        return
    form, formsets = unbound_forms(model_admin, request, row)
    left = [formset for formset in formsets if leaves_rows(request.POST, formset.prefix)]
    theirs = state_of(form, formsets if is_late else left)
    post = request.POST.copy()
    request.POST = post  # type: ignore[assignment]
    for formset in left:
        write_rows(formset, theirs.rows[formset.prefix], post)
    if began is not None and is_late:
        _merge(request, row, held, form, formsets, began, theirs)


def _merge(
    request: HttpRequest,
    row: Any,
    held: Held,
    form: Any,
    formsets: list[Any],
    began: FormState,
    theirs: FormState,
) -> None:
    post: Any = request.POST
    merged = merge(began, sent_state(form, formsets, post, request.FILES), theirs)
    prefixes = write_state(form, formsets, merged.state, post)
    post["version_seen"] = str(row.version)
    post[BEGAN] = dumped(theirs)
    reader = ClashReader(form, formsets, merged.state, prefixes)
    held.who = last_writer(row)
    held.taken = list(dict.fromkeys(reader.label(*taken) for taken in merged.taken))
    held.clashes = [reader.shown(clash) for clash in merged.clashes]
    if held.clashes:
        held.reason = gettext(
            "%(who)s saved this %(kind)s while you were editing it. Both of you changed what is "
            "listed here: choose, then save again. Everything else has been merged."
        ) % {"who": held.who, "kind": row._meta.verbose_name}


def unbound_forms(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, row: models.Model
) -> tuple[Any, list[Any]]:
    """Return the unbound form of a row and its formsets, as when the form is opened."""
    names = flatten_fieldsets(model_admin.get_fieldsets(request, row))
    form = model_admin.get_form(request, row, change=True, fields=names)(instance=row)
    formsets: list[Any] = []
    prefixes: dict[str, int] = {}
    for formset_class, inline in model_admin.get_formsets_with_inlines(request, row):
        prefix = formset_class.get_default_prefix()
        prefixes[prefix] = prefixes.get(prefix, 0) + 1
        if prefixes[prefix] > 1:  # numbered as Django does
            prefix = f"{prefix}-{prefixes[prefix]}"
        if inline.has_view_or_change_permission(request, row):
            queryset = inline.get_queryset(request)
            formsets.append(formset_class(instance=row, prefix=prefix, queryset=queryset))
    return form, formsets
