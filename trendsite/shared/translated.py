"""Texts in several languages: which columns hold them, and which one a reader gets.

django-modeltranslation keeps a column per language (`title_en`, `title_ja`) beside an
unsuffixed one that holds whatever language was active at the last save. Nothing here or
elsewhere reads the unsuffixed column.
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
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modeltranslation.translator import translator

from trendsite.shared.constraints import DatabaseCheck
from trendsite.shared.text_models import TextModel

Row = TypeVar("Row", bound=models.Model)

# A mark of a source; see `trendsite.shared.text.marks`.
_MARK = re.compile(r"\[\^([a-z0-9-]+)\]")


def languages() -> list[str]:
    """Return the codes of the site's languages, in the order in which texts fall back."""
    return [code for code, name in settings.LANGUAGES]


def active_language() -> str:
    """Return the code of the active language; the site's default where none is active."""
    return get_language() or settings.LANGUAGE_CODE


@cache
def column(field: str, language: str) -> str:
    """Return the attribute and column of a translated field in one language."""
    return f"{field}_{language.replace('-', '_')}"


def columns(*fields: str) -> list[str]:
    """Return the columns of translated fields in all languages: for search, lists, constraints."""
    return [column(field, language) for field in fields for language in languages()]


_translated_fields: dict[type[models.Model], list[str]] = {}


def translated_fields(model: type[models.Model]) -> list[str]:
    """Return the names of a model's translated fields, without suffix and in its order."""
    if model not in _translated_fields:
        if model not in translator.get_registered_models(abstract=False):
            return []  # not yet, perhaps
        registered = translator.get_options_for_model(model).all_fields
        _translated_fields[model] = [
            field.name for field in model._meta.concrete_fields if field.name in registered
        ]
    return list(_translated_fields[model])


@dataclass(frozen=True)
class TranslatedText:
    """A text as a reader of the language `wanted` gets it: in it, or in a fallback language."""

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

    Falls back in the order of the setting LANGUAGES. If no language has a text, it is empty, in
    the language wanted.
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

    Yields the set of language codes, which fills while the block runs.
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
    """Record that a text is shown in a language other than the one wanted.

    Does nothing outside of `recorded_fallbacks()`.
    """
    languages_shown = _shown_fallbacks.get()
    if languages_shown is not None:
        languages_shown.add(language)


def translations(obj: models.Model, field: str) -> dict[str, str]:
    """Return the texts of `obj.field` by language, without those that are missing."""
    texts = {language: getattr(obj, column(field, language)) for language in languages()}
    return {language: text for language, text in texts.items() if text}


def written_in(field: str, language: str) -> Q:
    """Return the condition that a text is there in a language."""
    return Q(**{f"{column(field, language)}__isnull": False})


def written(field: str) -> Q:
    """Return the condition that a text is there in at least one language."""
    condition = Q()
    for language in languages():
        condition |= written_in(field, language)
    return condition


def for_union(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Return the same rows as an arm of a UNION.

    The querysets of modeltranslation mix up the columns of a union, unless told not to rewrite
    the names of fields.
    """
    return rows.rewrite(False) if hasattr(rows, "rewrite") else rows


class TranslatedModel(TextModel):
    """A model with translated texts.

    A text that is missing in a language is NULL, never blank: a blank would hide the text of the
    fallback language. `required_texts` must be there in at least one language. `marked_text` is
    the one in which marks may name sources.

    What translators are told of the texts: `original_texts` names the field with the original of
    a translation, whose language is in the column `language`; `own_texts` are no translations of
    each other; `proper_names` may be the same in all languages.
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
        # The unsuffixed field is written as one of the languages.
        unsuffixed = translated_fields(cls)
        return [field for field in super().text_fields() if field.name not in unsuffixed]

    def clean_fields(self, exclude: Iterable[str] | None = None) -> None:
        # The unsuffixed field reads as one of the languages: its mistakes would be told twice.
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
        """Return an error for each text that marks a source and may not."""
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
    """Return the constraints of the database that hold what `TranslatedModel` promises.

    Given texts are never blank, and the required ones are there in at least one language.
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
