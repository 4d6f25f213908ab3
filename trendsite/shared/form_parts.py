"""The parts of an editor's form in the order of the page, and its mistakes as one list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext
from modeltranslation.fields import TranslationField

AFTER_ROWS = "after-rows"
"""The class of a fieldset that stands below the rows of the inlines."""


@dataclass(frozen=True)
class FormPart:
    """A part of a form, as its contents name it. `anchor` is the id of its heading."""

    label: str
    anchor: str
    has_errors: bool
    marks: str = ""
    """What is to say of its translations."""


@dataclass(frozen=True)
class FormMistake:
    """What is wrong with a field, a row or all rows of a kind; `anchor` is the id of its place."""

    label: str
    messages: list[str]
    anchor: str


def field_label(form: forms.ModelForm[Any], name: str) -> str:
    """Return how a field is called, with the language of a translation."""
    label = str(form.fields[name].label)
    field = next((f for f in form._meta.model._meta.fields if f.name == name), None)
    if not issubclass(type(field), TranslationField):
        return capfirst(label)
    translated: Any = field  # of a class that modeltranslation makes for each field
    return gettext("%(field)s (%(language)s)") % {
        "field": capfirst(translated.translated_field.verbose_name),
        "language": translation.get_language_info(translated.language)["name_local"],
    }


def row_label(form: forms.ModelForm[Any], number: int) -> str:
    """Return how a row of an inline is called: by its text, or by its number if it is new."""
    row: models.Model = form.instance
    kind = capfirst(row._meta.verbose_name)
    if row.pk is None:
        return gettext("%(kind)s, new, no. %(number)d") % {"kind": kind, "number": number}
    return gettext("%(kind)s “%(row)s”") % {"kind": kind, "row": row}


def form_parts(admin_form: Any, inlines: Iterable[Any]) -> list[FormPart]:
    """Return the parts of a form of the admin, those after the rows of its inlines at the end."""
    fieldsets = [
        (AFTER_ROWS in fieldset.classes, number, fieldset)
        for number, fieldset in enumerate(admin_form)
        if fieldset.name
    ]
    parts = {
        is_last: [
            FormPart(
                str(fieldset.name),
                f"fieldset-0-{number}-heading",
                any(line.errors() for line in fieldset),
            )
            for late, number, fieldset in fieldsets
            if late is is_last
        ]
        for is_last in (False, True)
    }
    rows = [
        FormPart(
            capfirst(inline.opts.verbose_name_plural),
            f"{inline.formset.prefix}-heading",
            bool(inline.formset.is_bound and inline.formset.total_error_count()),
        )
        for inline in inlines
    ]
    return [*parts[False], *rows, *parts[True]]


def mistakes(admin_form: Any, inlines: Iterable[Any]) -> list[FormMistake]:
    """Return what is wrong with a submitted form, in the order of the page."""
    form = admin_form.form
    shown = [
        (AFTER_ROWS in fieldset.classes, field.field.name)
        for fieldset in admin_form
        for line in fieldset
        for field in line
        if not field.is_readonly
    ]
    found = list(_of_form(form, [name for is_last, name in shown if not is_last]))
    for inline in inlines:
        formset = inline.formset
        if not formset.is_bound:
            continue
        if errors := formset.non_form_errors():
            kind = capfirst(inline.opts.verbose_name_plural)
            found.append(FormMistake(kind, list(errors), f"{formset.prefix}-heading"))
        for number, row in enumerate(formset.forms):
            if not row.errors:
                continue
            label = row_label(row, number + 1)
            if errors := row.non_field_errors():
                found.append(FormMistake(label, list(errors), row.prefix))
            found += _of_form(row, row.fields, label)
    found += _of_form(form, [name for is_last, name in shown if is_last])
    return found


def _of_form(form: Any, names: Iterable[str], row: str = "") -> Iterator[FormMistake]:
    for name in names:
        if errors := form.errors.get(name):
            label = field_label(form, name)
            anchor = form[name].id_for_label or form[name].auto_id
            yield FormMistake(f"{row}: {label}" if row else label, list(errors), anchor)
