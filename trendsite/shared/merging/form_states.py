"""Converting forms and their rows to states that can be merged, and states to a request."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.http import QueryDict

from trendsite.shared.merging.three_way import (
    ORDER,
    FormState,
    RowState,
    Value,
    Values,
    tokens,
)

# Fields of a form that are not typed.
_NOT_TYPED = {"version_seen", "DELETE"}


class _Shape:
    """What all rows of a formset have in common. It is found with an empty form, made once."""

    def __init__(self, formset: Any) -> None:
        self.prefix: str = formset.prefix
        self.fields: dict[str, forms.Field] = formset.empty_form.fields
        self.pk: str = formset._pk_field.name
        # The foreign key to the row in whose form it is edited; generic rows have none.
        self.owner: list[str] = [formset.fk.name] if hasattr(formset, "fk") else []
        not_filled = {self.pk, *_NOT_TYPED, *self.owner}
        self.names = [name for name in self.fields if name not in not_filled]
        links = [n for n in self.names if isinstance(self.fields[n], forms.ModelChoiceField)]
        # The field of a row that only links to another one, such as a tag of a trend.
        self.target = links[0] if len(links) == 1 and self.names[0] == links[0] else ""

    def row(self, identity: str, values: Values, **marks: bool) -> RowState:
        return RowState(identity, values, target=str(values.get(self.target, "")), **marks)


def state_of(form: Any, formsets: Iterable[Any]) -> FormState:
    """Return the state that a browser would send of unbound forms without a change."""
    values = {name: _shown(form, name) for name in form.fields if name not in _NOT_TYPED}
    rows = {}
    for formset in formsets:
        shape = _Shape(formset)
        rows[formset.prefix] = [
            shape.row(str(row.instance.pk), {name: _shown(row, name) for name in shape.names})
            for row in formset.initial_forms
        ]
    return FormState(values, rows)


def sent_state(form: Any, formsets: Iterable[Any], post: QueryDict, files: Any) -> FormState:
    """Return the submitted state, read with unbound forms like those that were filled in."""
    return FormState(
        _sent_values(form.fields, "", post, files, {*form.fields} - _NOT_TYPED),
        {formset.prefix: _sent_rows(formset, post, files) for formset in formsets},
    )


def _sent_rows(formset: Any, post: QueryDict, files: Any) -> list[RowState]:
    shape, prefix = _Shape(formset), formset.prefix
    total = min(_number(post.get(f"{prefix}-TOTAL_FORMS")), formset.absolute_max)
    initial = _number(post.get(f"{prefix}-INITIAL_FORMS"))
    rows = []
    for number in range(total):
        before = f"{prefix}-{number}-"
        values = _sent_values(shape.fields, before, post, files, shape.names)
        pk = post.get(f"{before}{shape.pk}", "")
        is_new = number >= initial or not pk
        if is_new and not any(value for name, value in values.items() if name != ORDER):
            continue  # added and left blank
        is_removed = f"{before}DELETE" in post
        identity = f"new-{number}" if is_new else pk
        rows.append(shape.row(identity, values, is_new=is_new, is_removed=is_removed))
    # Those without a place come last.
    return sorted(rows, key=lambda row: _number(row.values.get(ORDER)) or 10**6)


def _number(text: Any) -> int:
    text = text if isinstance(text, str) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _widget(field: forms.Field) -> Any:
    widget = field.widget
    return widget.widget if isinstance(widget, RelatedFieldWidgetWrapper) else widget


def _shown(form: Any, name: str) -> Value:
    """Return what a browser would send of a field of an unbound form."""
    field = form.fields[name]
    widget = _widget(field)
    # As `form[name].value()`, but without a bound field, which costs more than all the rest.
    value: Any = field.prepare_value(form.get_initial_for_field(field, name))
    if isinstance(widget, forms.CheckboxInput):
        return "on" if widget.check_test(value) else ""
    if isinstance(widget, forms.FileInput):
        return value.name or "" if value else ""
    value = widget.format_value(value)
    if isinstance(value, list | tuple):
        texts = [str(item) for item in value if item not in (None, "")]
        if getattr(widget, "allow_multiple_selected", False):
            return texts
        return texts[0] if texts else ""
    return "" if value is None else str(value)


def _sent_values(
    fields: Mapping[str, forms.Field],
    before: str,
    post: QueryDict,
    files: Any,
    names: Iterable[str],
) -> Values:
    values: Values = {}
    for name in names:
        widget, html_name = _widget(fields[name]), f"{before}{name}"
        value = widget.value_from_datadict(post, files, html_name)
        if isinstance(widget, forms.CheckboxInput):
            values[name] = "on" if value else ""
        elif isinstance(widget, forms.FileInput):
            if value is not None:  # None leaves the file unchanged
                values[name] = getattr(value, "name", "")
        elif getattr(widget, "allow_multiple_selected", False):
            values[name] = [item for item in value if item]
        else:
            values[name] = str(value or "")
    return values


def write_state(
    form: Any, formsets: Iterable[Any], state: FormState, post: QueryDict
) -> dict[tuple[str, str], str]:
    """Write a state into a request; return the new prefix of each row, by formset and identity.

    `formsets` have the saved rows.
    """
    for name, value in state.values.items():
        _put(post, form.fields[name], name, value)
    prefixes = {}
    for formset in formsets:
        rows = state.rows.get(formset.prefix)
        if rows is None:
            continue
        places = {row.identity: str(place) for place, row in enumerate(rows, start=1)}
        placed = [
            replace(row, values={**row.values, ORDER: places[row.identity]})
            if row.values.get(ORDER)
            else row
            for row in rows
        ]
        prefixes.update(write_rows(formset, placed, post))
    return prefixes


def write_rows(
    formset: Any, rows: Sequence[RowState], post: QueryDict
) -> dict[tuple[str, str], str]:
    """Write the rows of a formset into a request; return their prefixes, as `write_state()` does.

    Saved rows come first, as Django requires.
    """
    shape, prefix = _Shape(formset), formset.prefix
    for key in list(post):
        if key.startswith(f"{prefix}-") and key[len(prefix) + 1 :].split("-")[0].isdecimal():
            del post[key]
    saved = [row for row in rows if not row.is_new]
    post[f"{prefix}-INITIAL_FORMS"] = str(len(saved))
    post[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
    prefixes = {}
    for number, row in enumerate([*saved, *(row for row in rows if row.is_new)]):
        before = f"{prefix}-{number}-"
        prefixes[prefix, row.identity] = before[:-1]
        for name, value in row.values.items():
            _put(post, shape.fields[name], f"{before}{name}", value)
        post[f"{before}{shape.pk}"] = "" if row.is_new else row.identity
        for name in shape.owner:
            post[f"{before}{name}"] = str(formset.instance.pk)
        if row.is_removed:
            post[f"{before}DELETE"] = "on"
    return prefixes


def _put(post: QueryDict, field: forms.Field, name: str, value: Value) -> None:
    widget = _widget(field)
    if isinstance(widget, forms.FileInput):
        return
    if isinstance(value, list):
        post.setlist(name, value)
    elif isinstance(widget, forms.CheckboxInput) and not value:
        post.pop(name, None)
    else:
        post[name] = value


def dumped(state: FormState) -> str:
    """Return the tokens of a state as text, for a hidden field of the form."""
    hashed = tokens(state)
    return json.dumps(
        [
            hashed.values,
            {
                prefix: [[row.identity, row.values] for row in rows]
                for prefix, rows in hashed.rows.items()
            },
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def loaded(text: str) -> FormState | None:
    """Parse the tokens that a form sent back. Returns None for anything else."""
    try:
        values, rows = json.loads(text)
        state = FormState(
            dict(values),
            {
                str(prefix): [
                    RowState(str(identity), dict(by_field)) for identity, by_field in some
                ]
                for prefix, some in rows.items()
            },
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return state
