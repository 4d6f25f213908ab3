"""Marking missing and stale translations in a form: at fields, at rows and in the contents."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import models
from django.utils.translation import gettext, ngettext

from trendsite.shared.form_parts import FormPart
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import TranslatedModel, column, languages
from trendsite.shared.translations.states import TextState, states_in_all_languages

_Counts = Counter[tuple[str, str]]
"""Numbers of texts by language and status."""


def mark_translations(admin_form: Any, inlines: Sequence[Any]) -> dict[str, str]:
    """Mark the fields, rows and inlines of a form whose translations need work. One query.

    Returns a text for each part of the form that has such translations, by the part's anchor.
    """
    form = admin_form.form
    of_inlines = {
        inline.formset.prefix: [row for row in inline.formset.forms if row.instance.pk]
        for inline in inlines
    }
    forms = [form, *(row for rows in of_inlines.values() for row in rows)]
    shown = {id(one): _translated_rows(one.instance, form.instance) for one in forms}
    states = states_in_all_languages([row for rows in shown.values() for row in rows])
    counts: dict[int, _Counts] = {}
    for one in forms:
        found = [state for row in shown[id(one)] for state in states.get(id(row), ())]
        needed = [state for state in found if state.needs_work]
        counts[id(one)] = Counter((state.language, state.status) for state in needed)
        one.instance.translation_marks = _summary(counts[id(one)])
        for state in needed:
            if state.row is one.instance:
                _mark_field(one, state)
    marks = {
        f"fieldset-0-{number}-heading": _summary(_in_fieldset(form, fieldset))
        for number, fieldset in enumerate(admin_form)
    }
    for inline in inlines:
        rows = of_inlines[inline.formset.prefix]
        inline.translation_marks = _summary(sum((counts[id(row)] for row in rows), Counter()))
        marks[f"{inline.formset.prefix}-heading"] = inline.translation_marks
    return marks


def with_marks(parts: Iterable[FormPart], marks: dict[str, str]) -> list[FormPart]:
    """Return the parts of a form with the texts of `mark_translations()`."""
    return [replace(part, marks=marks.get(part.anchor, "")) for part in parts]


def _translated_rows(row: models.Model, owner: models.Model) -> list[TranslatedModel]:
    """Return a row of an inline, or the loaded rows to which a link points."""
    if isinstance(row, TranslatedModel):
        return [row] if row.pk else []
    linked = row._state.fields_cache.values()
    return [other for other in linked if isinstance(other, TranslatedModel) and other != owner]


def _mark_field(form: Any, state: TextState) -> None:
    name = column(state.field, state.language)
    if name not in form.fields:
        return
    field = form.fields[name]
    field.widget.attrs["data-translation"] = state.status
    if state.since is not None:
        day = PartialDate.from_date(state.since.date()).display()
        field.help_text = gettext("Out of date: the original was changed on %(day)s.") % {
            "day": day
        }


def _in_fieldset(form: Any, fieldset: Any) -> _Counts:
    counts: _Counts = Counter()
    for line in fieldset:
        for field in line:
            bound: Any = getattr(field.field, "field", None)  # None for a read-only field
            if bound is not None and "data-translation" in bound.widget.attrs:
                attributes = bound.widget.attrs
                counts[attributes["lang"], attributes["data-translation"]] += 1
    return counts


def _summary(counts: _Counts) -> str:
    summaries = []
    for code in languages():
        if words := words_for(counts[code, "missing"], counts[code, "stale"]):
            summaries.append(f"{code}: {', '.join(words)}")
    return "; ".join(summaries)


def words_for(missing: int, stale: int) -> list[str]:
    """Return in words how many texts are missing and how many are stale, without zeros."""
    words = []
    if missing:
        text = ngettext("%(count)d text missing", "%(count)d texts missing", missing)
        words.append(text % {"count": missing})
    if stale:
        text = ngettext("%(count)d text out of date", "%(count)d texts out of date", stale)
        words.append(text % {"count": stale})
    return words
