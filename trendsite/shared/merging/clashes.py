"""Describing to an editor what two editors both changed, with the values of either choice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext

from trendsite.shared.form_parts import field_label, row_label
from trendsite.shared.merging.three_way import Clash, FormState, RowState, Value
from trendsite.shared.revisions.wording import Piece, compared
from trendsite.shared.text.enumerations import enumerated


@dataclass(frozen=True)
class Side:
    """One of two choices: its text, and JSON of the values that it sets, by names of fields."""

    pieces: list[Piece]
    sets: str


@dataclass(frozen=True)
class ShownClash:
    """A clash as the form shows it: its label, the id of its place in the form, and both choices.

    The form has my value until theirs is chosen, or with `holds_theirs` the other way round.
    """

    label: str
    anchor: str
    language: str
    theirs: Side
    mine: Side
    holds_theirs: bool = False


class ClashReader:
    """Describes clashes.

    `form` and `formsets` have what is saved, `state` and `prefixes` are of the merged request.
    """

    def __init__(
        self,
        form: Any,
        formsets: Sequence[Any],
        state: FormState,
        prefixes: Mapping[tuple[str, str], str],
    ) -> None:
        self.form = form
        self.formsets = {formset.prefix: formset for formset in formsets}
        self.state = state
        self.prefixes = prefixes

    def shown(self, clash: Clash) -> ShownClash:
        """Return the description of a clash."""
        if clash.kind == "value":
            return self._value(clash)
        if clash.kind == "order":
            return self._order(clash)
        return self._row(clash)

    def label(self, prefix: str, identity: str, name: str) -> str:
        """Return the label of a value and its row, or of a row."""
        if not prefix:
            return field_label(self.form, name)
        form = self._row_form(prefix, identity)
        if form is None:
            return str(self.formsets[prefix].model._meta.verbose_name)
        row = row_label(form, 1)
        return f"{row}: {field_label(form, name)}" if name else row

    def _row_form(self, prefix: str, identity: str) -> Any:
        rows = self.formsets[prefix].initial_forms
        return next((row for row in rows if str(row.instance.pk) == identity), None)

    def _value(self, clash: Clash) -> ShownClash:
        form = self._row_form(clash.prefix, clash.identity) if clash.prefix else self.form
        field = form.fields[clash.name]
        before = self.prefixes[clash.prefix, clash.identity] + "-" if clash.prefix else ""
        name = f"{before}{clash.name}"
        language = str(field.widget.attrs.get("lang", ""))
        texts = [_words(field, value) for value in (clash.theirs, clash.mine)]
        pieces = compared(texts[0], texts[1], language)
        theirs, mine = (
            Side(
                [piece for piece in pieces if piece.kind != other],
                _sets({name: {"value": value, "label": text}}),
            )
            for other, value, text in (
                ("added", clash.theirs, texts[0]),
                ("removed", clash.mine, texts[1]),
            )
        )
        label = self.label(clash.prefix, clash.identity, clash.name)
        return ShownClash(label, f"id_{name}", language, theirs, mine)

    def _row(self, clash: Clash) -> ShownClash:
        """Describe a row that one side removed and the other changed. The form has the row."""
        prefix = self.prefixes[clash.prefix, clash.identity]
        deleted = pgettext("a row", "Deleted")
        kept = pgettext("a row", "Kept and changed")
        holds_theirs = clash.kind == "changed by them, removed by me"
        if holds_theirs:
            label = self.label(clash.prefix, clash.identity, "")
            sets: list[Any] = [{f"{prefix}-DELETE": {"value": value}} for value in ("", "on")]
            words = [kept, deleted]
        else:
            words = [deleted, kept]
            row = next(r for r in self.state.rows[clash.prefix] if r.identity == clash.identity)
            kind = self.formsets[clash.prefix].model._meta.verbose_name
            label = gettext("%(kind)s “%(row)s”") % {"kind": kind, "row": _first_text(row)}
            sets = [{prefix: {"remove": True}}, {}]
        theirs, mine = (
            Side([Piece("same", text)], _sets(values))
            for text, values in zip(words, sets, strict=True)
        )
        return ShownClash(label, prefix, "", theirs, mine, holds_theirs)

    def _order(self, clash: Clash) -> ShownClash:
        formset = self.formsets[clash.prefix]
        sides = []
        for order in (clash.theirs, clash.mine):
            known = [key for key in order if (clash.prefix, key) in self.prefixes]
            rows = [self._row_form(clash.prefix, identity) for identity in known]
            names = [str(row.instance) for row in rows if row is not None]
            text = enumerated(names)
            places = {
                f"{self.prefixes[clash.prefix, key]}-order": {"value": str(place)}
                for place, key in enumerate(known, start=1)
            }
            sides.append(Side([Piece("same", text)], _sets(places)))
        label = gettext("Order of %(rows)s") % {"rows": formset.model._meta.verbose_name_plural}
        return ShownClash(label, f"{clash.prefix}-heading", "", sides[0], sides[1])


def _sets(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _first_text(row: RowState) -> str:
    return next((str(value) for value in row.values.values() if value), "")[:80]


def _words(field: forms.Field, value: Value) -> str:
    """Return a value as the form shows it, such as the label of a choice. At most one query."""
    if isinstance(field, forms.BooleanField):
        return gettext("yes") if value else gettext("no")
    if isinstance(field, forms.ModelChoiceField) and value:
        rows: Any = field.queryset
        row = rows.filter(pk=value).first() if str(value).isdecimal() else None
        return str(field.label_from_instance(row)) if row else str(value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)
