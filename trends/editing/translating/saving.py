"""Saving translations of the texts of a trend, as one write."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from trends.editing.rules import check_marks
from trends.editing.translating.trend_texts import TrendText, fetch_trend, texts_of_trend
from trends.models import MARKED_TEXTS, Trend
from trends.queries.citable import all_keys_of_sources, sources_by_key
from trendsite.shared.text.normal_form import normal_form
from trendsite.shared.translations.tracking import note_still_right, note_translated_from
from trendsite.shared.versions import VersionedModel
from trendsite.shared.writes import Action, Provenance, writing


class RefusedTranslationsError(Exception):
    """Translations are invalid. `messages` has the errors by the name of the text."""

    def __init__(self, messages: Mapping[str, list[str]]) -> None:
        super().__init__(messages)
        self.messages = messages


def fingerprint(text: TrendText) -> str:
    """Return a digest of a text and its source, which changes with either of them."""
    both = f"{text.state.source}\0{text.state.text}"
    return hashlib.sha256(both.encode()).hexdigest()[:16]


def tidied(text: TrendText, written: str) -> str:
    """Return the normal form of a translation, in which it is saved."""
    field: Any = text.place.row._meta.get_field(text.column)
    return normal_form(written, one_line=field.max_length is not None) or ""


def save_translations(
    trend_pk: int,
    language: str,
    new: Mapping[str, str],
    provenance: Provenance,
    *,
    still_right: Collection[str] = (),
    seen: Mapping[str, str] | None = None,
    translated_from: Mapping[str, str] | None = None,
    may_write: Callable[[TrendText], bool] = lambda text: True,
) -> int:
    """Save translations of the texts of a trend; return how many texts are up to date by that.

    Args:
        new: the translations by the names of the texts. An empty one removes the text.
        still_right: the names of stale texts that stay as they are.
        seen: the `fingerprint()` of each text when the translator saw it.
        translated_from: sources that have changed since they were translated, so that their
            translations are saved as stale.
        may_write: whether the user may write a text.

    Raises RefusedTranslationsError, and saves nothing, if any text cannot be saved.
    """
    with writing(provenance) as write:
        Trend.everything.select_for_update(no_key=True).filter(pk=trend_pk).values("pk").first()
        trend = fetch_trend(trend_pk)
        texts = {text.name: text for text in texts_of_trend(trend, language)} if trend else {}
        refused: dict[str, list[str]] = {}
        changed = {}
        for name, written in new.items():
            text = texts.get(name)
            if text is None:
                refused[name] = [_("This text is no longer there.")]
            elif tidied(text, written) != text.state.text:
                changed[name] = text
        right = [texts[name] for name in still_right if name in texts and name not in changed]
        right = [text for text in right if text.state.status == "stale"]
        settled = [*changed.values(), *right]
        for text in settled:
            if not may_write(text):
                refused[text.name] = [_("You may not change this text.")]
            elif seen is not None and seen.get(text.name) != fingerprint(text):
                refused[text.name] = [
                    _("Somebody changed this text or its source meanwhile. Look at both again.")
                ]
        owners = _locked_owners(settled, refused)
        if refused:
            raise RefusedTranslationsError(refused)
        write.announce(owners)
        for name, text in changed.items():
            setattr(text.place.row, text.column, tidied(text, new[name]) or None)
        _check(changed.values())
        rows = {id(text.place.row): text.place.row for text in changed.values()}
        for key, row in rows.items():
            if key not in map(id, owners):
                row.save()
        for owner in owners:
            if any(text.place.owner is owner for text in changed.values()):
                owner.count_change()
                owner.save()
            write.record(Action.CHANGED, owner)
        for text in right:
            note_still_right(text.state)
        for name, source in (translated_from or {}).items():
            if name in changed:
                note_translated_from(changed[name].state, source)
    return len(settled)


def _locked_owners(
    texts: Iterable[TrendText], refused: dict[str, list[str]]
) -> list[VersionedModel]:
    """Lock the rows to which texts belong, and refuse texts whose row was changed meanwhile.

    The errors are added to `refused`, by the names of texts.
    """
    owners: dict[int, VersionedModel] = {}
    by_model: dict[type[VersionedModel], set[int]] = {}
    for text in texts:
        owners.setdefault(id(text.place.owner), text.place.owner)
        by_model.setdefault(type(text.place.owner), set()).add(text.place.owner.pk)
    for model in sorted(by_model, key=lambda model: model._meta.label):
        saved = model._base_manager.select_for_update(no_key=True).filter(pk__in=by_model[model])
        versions = dict(saved.order_by("pk").values_list("pk", "version"))
        for text in texts:
            owner = text.place.owner
            if type(owner) is model and versions.get(owner.pk) != owner.version:
                refused[text.name] = [_("Somebody changed this meanwhile. Look at it again.")]
    return list(owners.values())


def _check(texts: Iterable[TrendText]) -> None:
    """Validate new texts by the rules of their models, and add marked sources to their rows."""
    refused: dict[str, list[str]] = {}
    by_row: dict[int, list[TrendText]] = {}
    for text in texts:
        by_row.setdefault(id(text.place.row), []).append(text)
    for of_row in by_row.values():
        row = of_row[0].place.row
        named = {text.column: text.name for text in of_row}
        skipped = {field.name for field in row._meta.concrete_fields} - named.keys()
        errors: dict[str, list[ValidationError]] = {}
        checks: list[Callable[[], None]] = [partial(row.clean_fields, skipped), row.clean]
        for check in checks:
            try:
                check()
            except ValidationError as error:
                errors = error.update_error_dict(errors)
        for column, found in errors.items():
            name = named.get(column, of_row[0].name if column == NON_FIELD_ERRORS else "")
            if name:
                refused.setdefault(name, []).extend(ValidationError(found).messages)
        for text in of_row:
            try:
                _cite_what_is_marked(text)
            except ValidationError as error:
                refused.setdefault(text.name, []).extend(error.messages)
    if refused:
        raise RefusedTranslationsError(refused)


def _cite_what_is_marked(text: TrendText) -> None:
    marked = MARKED_TEXTS.get(type(text.place.row))
    written = getattr(text.place.row, text.column)
    if marked is None or marked.field != text.state.field or not written:
        return
    marks = marked.find(written)
    if not marks:
        return
    sources = sources_by_key({mark.key for mark in marks})
    known = {source.key for source in sources.values()}
    check_marks(marks, known if {mark.key for mark in marks} <= known else all_keys_of_sources())
    getattr(text.place.row, marked.sources).add(*sources.values())
