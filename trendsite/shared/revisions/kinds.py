"""The interface to each model that has versions, and the register of these."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import translation

from trendsite.shared.revisions.layout import Layout
from trendsite.shared.translated import languages
from trendsite.shared.writes import Action, Provenance

Document = dict[str, Any]
"""A row as read from its text: texts, lists and mappings. Any: mappings hold mappings."""


@dataclass(frozen=True)
class VersionText:
    """The content of a version: YAML, the row's name by language, and further data of the kind.

    `row` is the row itself, if the kind has fetched all that belongs to it.
    """

    text: str
    names: dict[str, str]
    extra: dict[str, Any] = field(default_factory=dict)  # Any: each kind has its own data
    row: models.Model | None = None


class RevisedKind(ABC):
    """The versions of a model: conversion of its rows to texts, and restoring.

    A version is a text of `texts()`. `read()` parses it to a document, which `layout` describes.
    """

    model: type[models.Model]

    @property
    @abstractmethod
    def layout(self) -> Layout:
        """Return the layout of the documents that `read()` returns."""

    @abstractmethod
    def texts(self, pks: Collection[int]) -> dict[int, VersionText]:
        """Return rows as they are saved now, by primary key. The number of queries is constant."""

    @abstractmethod
    def read(self, text: str) -> Document:
        """Parse a text to a document, which `layout` describes."""

    @abstractmethod
    def restore(
        self,
        pk: int,
        document: Document,
        extra: Mapping[str, Any],
        provenance: Provenance,
        action: Action = Action.RESTORED,
    ) -> list[str]:
        """Make a row equal to a document as one write; return notices for the editor.

        The write records the action. A deleted row is created with this primary key. Raises
        ValidationError, and changes nothing, if it cannot be restored.
        """

    def completed(self, document: Document, version: Document) -> Document:
        """Add to a document the rows to which a part refers that was taken from `version`."""
        return document

    def changed_beside(self, present: Document, wanted: Document) -> set[type[models.Model]]:
        """Return the models of other rows that restoring a document would change."""
        return set()

    def holding(self, rows: Iterable[models.Model]) -> set[int]:
        """Return the primary keys of rows of this kind whose texts contain rows of other kinds."""
        return set()


_kinds: dict[type[models.Model], RevisedKind] = {}


def register(*kinds: RevisedKind) -> None:
    """Register kinds, whose rows get versions from then on."""
    _kinds.update((kind.model, kind) for kind in kinds)


def kinds() -> Sequence[RevisedKind]:
    """Return the registered kinds."""
    return list(_kinds.values())


def has_versions(model: type[models.Model]) -> bool:
    """Return whether rows of a model have versions."""
    return model in _kinds


def kind_of(model: type[models.Model]) -> RevisedKind:
    """Return the kind of a model. Raises KeyError if its rows have no versions."""
    return _kinds[model]


def names_of(row: models.Model) -> dict[str, str]:
    """Return the name of a row in each language."""
    names = {}
    for code in languages():
        with translation.override(code):
            names[code] = str(row)
    return names
