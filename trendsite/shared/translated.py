"""Translated texts: their columns, and the text that a reader gets.

django-modeltranslation keeps a column per language (`title_en`, `title_ja`) beside an unsuffixed
one, which holds the text in the language that was active at the last save. The unsuffixed column
is never read.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.core.signals import setting_changed
from django.db import models
from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modeltranslation.translator import translator

from trendsite.shared.constraints import DatabaseCheck
from trendsite.shared.text_models import TextModel

Row = TypeVar("Row", bound=models.Model)

# A mark of a source; see `trendsite.shared.text.marks`.
_MARK = re.compile(r"\[\^([a-z0-9-]+)\]")


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the site's languages, in the order of fallback."""
    return tuple(code for code, name in settings.LANGUAGES)


@receiver(setting_changed)
def _forget(setting: str, **changed: Any) -> None:
    """Read the languages again. Only tests change settings."""
    if setting == "LANGUAGES":
        languages.cache_clear()


def active_language() -> str:
    """Return the code of the active language, or the site's default if none is active."""
    return get_language() or settings.LANGUAGE_CODE


@cache
def column(field: str, language: str) -> str:
    """Return the attribute and column of a translated field in one language."""
    return f"{field}_{language.replace('-', '_')}"


def columns(*fields: str) -> list[str]:
    """Return the columns of translated fields in all languages."""
    return [column(field, language) for field in fields for language in languages()]


_translated_fields: dict[type[models.Model], list[str]] = {}


def translated_fields(model: type[models.Model]) -> list[str]:
    """Return the names of a model's translated fields, without suffix and in its order."""
    if model not in _translated_fields:
        if model not in translator.get_registered_models(abstract=False):
            return []  # not cached: it may be registered later
        registered = translator.get_options_for_model(model).all_fields
        _translated_fields[model] = [
            field.name for field in model._meta.concrete_fields if field.name in registered
        ]
    return list(_translated_fields[model])


@dataclass(frozen=True)
class TranslatedText:
    """The text that a reader of the language `wanted` gets, which may be in a fallback language."""

    text: str
    language: str
    wanted: str

    @property
    def is_fallback(self) -> bool:
        return self.language != self.wanted

    def __str__(self) -> str:
        return self.text


def translated(obj: models.Model, field: str, language: str | None = None) -> TranslatedText:
    """Return the text of `obj.field` in a language, by default the active one.

    Falls back in the order of the setting LANGUAGES. If there is no text in any language, returns
    an empty text in the language wanted.
    """
    wanted = language or active_language()
    if text := getattr(obj, column(field, wanted), None):
        return TranslatedText(text, wanted, wanted)
    for candidate in languages():
        text = getattr(obj, column(field, candidate), None)
        if text:
            return TranslatedText(text, candidate, wanted)
    return TranslatedText("", wanted, wanted)


_shown_fallbacks: ContextVar[set[str] | None] = ContextVar("shown_fallbacks", default=None)


@contextmanager
def recorded_fallbacks() -> Iterator[set[str]]:
    """Record the fallback languages of all texts shown within the block.

    Yields a set, to which language codes are added while the block runs.
    """
    languages_shown: set[str] = set()
    token = _shown_fallbacks.set(languages_shown)
    try:
        yield languages_shown
    finally:
        _shown_fallbacks.reset(token)


def shown(obj: models.Model, field: str) -> TranslatedText:
    """Return the text of `obj.field` as `translated()` does, and record that it is shown."""
    value = translated(obj, field)
    if value.is_fallback:
        record_fallback(value.language)
    return value


def record_fallback(language: str) -> None:
    """Record that a text is shown in a fallback language.

    Does nothing outside of `recorded_fallbacks()`.
    """
    languages_shown = _shown_fallbacks.get()
    if languages_shown is not None:
        languages_shown.add(language)


def translations(obj: models.Model, field: str) -> dict[str, str]:
    """Return the texts of `obj.field` by language, without missing ones."""
    return {
        language: text
        for language in languages()
        if (text := getattr(obj, column(field, language)))
    }


def written_in(field: str, language: str) -> Q:
    """Return the condition that a text is given in a language."""
    return Q(**{f"{column(field, language)}__isnull": False})


def written(field: str) -> Q:
    """Return the condition that a text is given in at least one language."""
    condition = Q()
    for language in languages():
        condition |= written_in(field, language)
    return condition


def for_union(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Return a queryset of the same rows that can be part of a UNION.

    Querysets of modeltranslation mix up the columns of a union, unless told not to rewrite the
    names of fields.
    """
    return rows.rewrite(False) if hasattr(rows, "rewrite") else rows


class TranslatedModel(TextModel):
    """A model with translated texts.

    A text that is missing in a language is NULL, never blank: a blank would hide the text of the
    fallback language. `required_texts` are needed in at least one language. `marked_text` is the
    field in which marks may cite sources.

    For translators, `original_texts` maps a field to the field with its original, whose language is
    in the field `language`. `own_texts` are fields whose texts are not translations of each other.
    `proper_names` are fields whose texts may be the same in all languages.
    """

    required_texts: tuple[str, ...] = ()
    marked_text = ""
    original_texts: dict[str, str] = {}
    own_texts: tuple[str, ...] = ()
    proper_names: tuple[str, ...] = ()

    translation_states = GenericRelation("trendsite.TranslationState")

    class Meta:
        abstract = True

    @classmethod
    @cache
    def text_fields(cls) -> list[models.Field[Any, Any]]:
        # The unsuffixed field has the text of one of the languages.
        unsuffixed = translated_fields(cls)
        return [field for field in super().text_fields() if field.name not in unsuffixed]

    def clean_fields(self, exclude: Iterable[str] | None = None) -> None:
        # The unsuffixed field has the text of one of the languages: errors would be reported twice.
        super().clean_fields({*(exclude or ()), *translated_fields(type(self))})

    def clean(self) -> None:
        super().clean()
        missing = {
            column(field, active_language()): _("Enter this in at least one language.")
            for field in self.required_texts
            if not translations(self, field)
        }
        if errors := {**missing, **self._misplaced_marks()}:
            raise ValidationError(errors)

    def _misplaced_marks(self) -> dict[str, str]:
        """Return an error for each text that cites sources although it is not `marked_text`."""
        message = _(
            "No source can be marked here (“[^%(key)s]”), only in the shift, in drivers, in "
            "explanations of implications and in rationales."
        )
        return {
            column(field, language): message % {"key": found[1]}
            for field in translated_fields(type(self))
            if field != self.marked_text
            for language, text in translations(self, field).items()
            if (found := _MARK.search(text))
        }


def text_constraints(
    *, texts: Iterable[str], required: Iterable[str] = ()
) -> list[models.BaseConstraint]:
    """Return the constraints of a `TranslatedModel`.

    Texts are NULL or not blank, and required texts are not NULL in at least one language.
    """
    constraints: list[models.BaseConstraint] = []
    not_blank = Q()
    for name in columns(*texts):
        not_blank &= Q(**{f"{name}__isnull": True}) | ~Q(**{name: ""})
    constraints.append(
        DatabaseCheck(condition=not_blank, name="%(app_label)s_%(class)s_no_blank_text")
    )
    for field in required:
        constraints.append(
            DatabaseCheck(condition=written(field), name=f"%(app_label)s_%(class)s_has_{field}")
        )
    return constraints
