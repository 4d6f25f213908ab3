"""Storing which translations become stale as rows are saved.

It uses the signals of models and not `trendsite.shared.writes.written`, so that it also works for
rows that are saved outside of `writing()`. The present write says whether it is a correction.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.signals import post_save, pre_save

from trendsite.shared.translated import TranslatedModel, columns
from trendsite.shared.translations.models import TranslationState
from trendsite.shared.translations.states import (
    TextState,
    source_of,
    texts_of,
    translated_texts,
)
from trendsite.shared.writes import current_write

_BEFORE = "_texts_before"

Texts = dict[str, str]


def connect() -> None:
    """Connect the receivers."""
    pre_save.connect(_keep_texts, dispatch_uid="translations")
    post_save.connect(_compare, dispatch_uid="translations")


def _keep_texts(sender: Any, instance: models.Model, raw: bool = False, **kwargs: Any) -> None:
    """Remember the saved texts of a row that is about to be saved. One query."""
    if raw or not isinstance(instance, TranslatedModel) or instance._state.adding:
        return
    fields = translated_texts(sender)
    written = kwargs.get("update_fields")
    originals = [sender.original_texts[field] for field in fields if field in sender.original_texts]
    names = [*columns(*fields), *originals]
    if not names or (written is not None and not set(names) & set(written)):
        return
    saved = sender._base_manager.filter(pk=instance.pk).values(*names).first()
    if saved is not None:
        before = sender(**saved)
        vars(instance)[_BEFORE] = {field: texts_of(before, field) for field in fields}


def _compare(sender: Any, instance: models.Model, **kwargs: Any) -> None:
    """Store the states that a save changed. No query if it changed no text, else up to four."""
    before: dict[str, Texts] | None = vars(instance).pop(_BEFORE, None)
    if before is None:
        return
    after = {field: texts_of(instance, field) for field in before}
    changed = [field for field in before if before[field] != after[field]]
    if not changed:
        return
    write = current_write()
    is_correction = write is not None and write.provenance.is_correction
    content_type = ContentType.objects.get_for_model(sender)
    known = list(
        TranslationState.objects.filter(
            content_type=content_type, object_id=instance.pk, field__in=changed
        )
    )
    stored = {state.pk: _content(state) for state in known}
    kept: list[TranslationState] = []
    for field in changed:
        of_field = [state for state in known if state.field == field]
        found = settled(before[field], after[field], of_field, is_correction=is_correction)
        for state in found:
            state.content_type, state.object_id, state.field = content_type, instance.pk, field
        kept += found
    keys = {state.pk for state in kept}
    if gone := [state.pk for state in known if state.pk not in keys]:
        TranslationState.objects.filter(pk__in=gone).delete()
    for state in kept:
        if state.pk is None or stored[state.pk] != _content(state):
            state.save()


def _content(state: TranslationState) -> tuple[Any, ...]:
    return state.source_language, state.source_text, state.stale_since


def settled(
    before: Mapping[str, str],
    after: Mapping[str, str],
    known: Iterable[TranslationState],
    *,
    is_correction: bool = False,
) -> list[TranslationState]:
    """Return the states of the texts of a field after a change.

    `before` and `after` are the texts by language. `known` are the states before, which are
    modified.
    """
    states = {state.language: state for state in known}
    source = source_of(before, states.values())
    if source is None or source not in after:
        # There was no source or it was removed, so there is nothing to compare the others with.
        return []
    first = next(iter(after))
    kept = []
    for language, text in after.items():
        if language == source:
            continue
        state = states.get(language) or TranslationState(language=language, source_language=source)
        if language not in before or (text != before[language] and not is_correction):
            state.make_right()
        elif after[source] == state.source_text:
            state.make_right()  # the source is again the text that was translated
        elif after[source] != before[source] and not is_correction and state.stale_since is None:
            state.make_stale(before[source])
        if state.stale_since is not None or source != first:
            kept.append(state)
    return kept


def note_still_right(text: TextState) -> None:
    """Store that a stale text is still right. Up to two queries."""
    states = TranslationState.objects.of_rows([text.row])
    for state in states.filter(field=text.field, language=text.language):
        state.make_right()
        if text.source_language == next(iter(texts_of(text.row, text.field)), None):
            state.delete()
        else:
            state.save()


def note_translated_from(text: TextState, source: str) -> None:
    """Store that a text was translated from an earlier text of its source. Up to three queries."""
    state, _is_new = TranslationState.objects.get_or_create(
        content_type=ContentType.objects.get_for_model(text.row),
        object_id=text.row.pk,
        field=text.field,
        language=text.language,
        defaults={"source_language": text.source_language},
    )
    state.make_stale(source)
    state.save()
