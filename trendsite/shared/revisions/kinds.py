"""What the site says of each model that has versions."""

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
    """A row at a time: its YAML, its name in each language, and what a kind needs besides."""

    text: str
    names: dict[str, str]
    extra: dict[str, Any] = field(default_factory=dict)  # Any: a kind has its own


class RevisedKind(ABC):
    """A model whose rows have versions.

    A version is the text of `texts()`; `read()` makes of it what `layout` describes.
    """

    model: type[models.Model]

    @property
    @abstractmethod
    def layout(self) -> Layout:
        """The parts of the documents that `read()` returns."""

    @abstractmethod
    def texts(self, pks: Collection[int]) -> dict[int, VersionText]:
        """Return these rows as they are saved now, with queries that do not depend on the rows."""

    @abstractmethod
    def read(self, text: str) -> Document:
        """Return what a text says, in the shape that `layout` describes."""

    @abstractmethod
    def restore(
        self,
        pk: int,
        document: Document,
        extra: Mapping[str, Any],
        provenance: Provenance,
        action: Action = Action.RESTORED,
    ) -> list[str]:
        """Make the row equal to a document, as one write, and return notices for the editor.

        The write records the action. Creates the row, under this primary key, if it was deleted.
        Raises ValidationError if it cannot be restored; then nothing is changed.
        """

    def completed(self, document: Document, version: Document) -> Document:
        """Return a document that took a part from a version, with what this part refers to."""
        return document

    def changed_beside(self, present: Document, wanted: Document) -> set[type[models.Model]]:
        """Return the models of the other rows that restoring a document would change."""
        return set()

    def holding(self, rows: Iterable[models.Model]) -> set[int]:
        """Return the rows of this kind whose texts hold these rows of other kinds."""
        return set()


_kinds: dict[type[models.Model], RevisedKind] = {}


def register(*kinds: RevisedKind) -> None:
    """Give the rows of models versions."""
    _kinds.update((kind.model, kind) for kind in kinds)


def kinds() -> Sequence[RevisedKind]:
    """Return the registered kinds."""
    return list(_kinds.values())


def kind_of(model: type[models.Model]) -> RevisedKind | None:
    """Return the kind of a model, or None if its rows have no versions."""
    return _kinds.get(model)


def names_of(row: models.Model) -> dict[str, str]:
    """Return how a row is called in each language."""
    names = {}
    for code in languages():
        with translation.override(code):
            names[code] = str(row)
    return names
