"""The state of each text of a row in a language: missing, stale or done."""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from django.contrib.contenttypes.models import ContentType
from django.db import models

from trendsite.shared.translated import (
    TranslatedModel,
    languages,
    translated_fields,
    translations,
)
from trendsite.shared.translations.models import TranslationState

Status = Literal["missing", "stale", "done"]

ORIGINAL = ""
"""The language, in a state, of words that are an original in whatever language they are."""

WORDS = r"[a-z]{2,} [a-z]{2,}|[\u3041-\u3096]"
"""A regular expression, for Python and PostgreSQL, that finds words that need a translation.

Two words in lower case or a letter of hiragana. A name, a number or a formula has neither, and may
be the same in two languages.
"""


@dataclass(frozen=True)
class TextState:
    """The state of a text of a row in a language, with the text that it translates.

    For a stale text, `source_before` is the source that was translated, which changed at `since`.
    """

    row: TranslatedModel
    field: str
    language: str
    status: Status
    text: str
    source_language: str
    source: str
    source_before: str = ""
    since: datetime.datetime | None = None

    @property
    def needs_work(self) -> bool:
        return self.status != "done"


def translated_texts(model: type[models.Model]) -> list[str]:
    """Return the translated fields of a model, except `own_texts`."""
    own = getattr(model, "own_texts", ())
    return [field for field in translated_fields(model) if field not in own]


def texts_of(row: models.Model, field: str) -> dict[str, str]:
    """Return the texts of a field by language, without copies from another language.

    The original words of a quotation come first, with `ORIGINAL` as the language.
    """
    return without_copies(type(row), field, {**_original(row, field), **translations(row, field)})


def _original(row: models.Model, field: str) -> dict[str, str]:
    original = getattr(type(row), "original_texts", {}).get(field)
    return {ORIGINAL: getattr(row, original)} if original else {}


def without_copies(
    model: type[models.Model], field: str, texts: Mapping[str, str]
) -> dict[str, str]:
    """Return texts without those that are equal to an earlier one.

    Names and numbers may be equal: `proper_names` and texts that do not match `WORDS` are kept.
    """
    if field in getattr(model, "proper_names", ()):
        return dict(texts)
    kept: dict[str, str] = {}
    for language, text in texts.items():
        if text not in kept.values() or not re.search(WORDS, text):
            kept[language] = text
    return kept


def source_of(texts: Mapping[str, str], known: Iterable[TranslationState]) -> str | None:
    """Return the language from which the other texts are translated, None if there is no text.

    It is that of a state in `known`, or else the first of the site's languages.
    """
    languages_of_source = (
        state.source_language for state in known if state.source_language in texts
    )
    return next(languages_of_source, next(iter(texts), None))


def states_of(
    row: TranslatedModel, language: str, known: Iterable[TranslationState] = ()
) -> Iterator[TextState]:
    """Yield the state of each text that a row has or should have in a language.

    `known` are the saved states of the row. A text that is the source of the others is left out.
    """
    by_field: dict[str, list[TranslationState]] = {}
    for state in known:
        by_field.setdefault(state.field, []).append(state)
    for field in translated_texts(type(row)):
        texts = texts_of(row, field)
        of_field = by_field.get(field, [])
        source = source_of(texts, of_field)
        if source is None or source == language or _is_spoken(row, source, language):
            continue
        found = next((state for state in of_field if state.language == language), None)
        stale = found is not None and found.stale_since is not None
        status: Status = "missing" if language not in texts else "stale" if stale else "done"
        yield TextState(
            row,
            field,
            language,
            status,
            translations(row, field).get(language, ""),
            source,
            texts[source],
            found.source_text if found and status == "stale" else "",
            found.stale_since if found and status == "stale" else None,
        )


def _is_spoken(row: TranslatedModel, source: str, language: str) -> bool:
    """Return whether the source is original words in `language`, which need no translation."""
    return source == ORIGINAL and vars(row).get("language") == language


def states_of_rows(rows: Iterable[TranslatedModel], language: str) -> list[TextState]:
    """Return the states of the texts of rows in a language, in their order. One query."""
    rows = list(rows)
    known = _known_of(rows)
    return [
        state for row in rows for state in states_of(row, language, known.get(_identity(row), ()))
    ]


def states_in_all_languages(rows: Iterable[TranslatedModel]) -> dict[int, list[TextState]]:
    """Return the states of the texts of rows in each language, by `id()` of the row. One query."""
    rows = list(rows)
    known = _known_of(rows)
    return {
        id(row): [
            state
            for language in languages()
            for state in states_of(row, language, known.get(_identity(row), ()))
        ]
        for row in rows
    }


def _known_of(rows: list[TranslatedModel]) -> dict[tuple[int, int], list[TranslationState]]:
    by_row: dict[tuple[int, int], list[TranslationState]] = {}
    for state in TranslationState.objects.of_rows(cast("list[models.Model]", rows)):
        by_row.setdefault((state.content_type_id, state.object_id), []).append(state)
    return by_row


def _identity(row: models.Model) -> tuple[int, int]:
    return ContentType.objects.get_for_model(row).pk, row.pk
