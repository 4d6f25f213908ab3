"""The tags, audiences and experts of a run: looking them up, and writing those of files."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.db import models
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from quotes.models import Expert
from trends.fixture_format.file_contents import (
    EvidenceDocument,
    SluggedRow,
    SlugReference,
    VocabularyEntry,
    VocabularyRow,
)
from trends.fixture_format.nodes import suggestion
from trends.fixture_format.notices import line_of, slugs_let_go, taken_slug
from trends.fixture_format.row_writer import own_columns, update
from trends.models import Audience
from trendsite.shared.former_slugs import keep_only, present_slug
from trendsite.shared.look_alikes import plain_labels
from trendsite.shared.models import Tag
from trendsite.shared.writes import Action, Write

_VocabularyRow = TypeVar("_VocabularyRow", bound=VocabularyRow)

VOCABULARY: tuple[type[VocabularyRow], ...] = (Tag, Audience, Expert)


class KnownRows:
    """The rows by slug, both saved ones and those that files define."""

    def __init__(self) -> None:
        # Any: the rows are of the model that is the key.
        self._slugs: dict[type[models.Model], dict[str, Any]] = {}
        self._labels: dict[type[models.Model], dict[tuple[str, str], str]] = {}

    def known(self, model: type[_VocabularyRow]) -> dict[str, _VocabularyRow]:
        """Return the rows of a model by slug. One query, the first time."""
        if model not in self._slugs:
            self._slugs[model] = {row.slug: row for row in model._default_manager.all()}
        return self._slugs[model]

    def forget(self) -> None:
        """Read the saved rows again when they are needed."""
        self._slugs.clear()
        self._labels.clear()

    def know(self, entries: Iterable[VocabularyEntry]) -> None:
        """Add the rows of a file without writing them."""
        for entry in entries:
            known = self.known(type(entry.row))
            for reference in entry.formerly:
                known.pop(reference.slug, None)
            known[entry.row.slug] = entry.row

    def missing(
        self, document: EvidenceDocument
    ) -> list[tuple[SlugReference, type[VocabularyRow]]]:
        """Return the references of a document to rows that are not known."""
        return [
            (reference, model)
            for reference, model in document.references()
            if reference.slug and reference.slug not in self.known(model)
        ]

    def write(
        self,
        file: str,
        entries: Collection[VocabularyEntry],
        write: Write | None,
    ) -> tuple[dict[type[models.Model], set[int]], list[str]]:
        """Write the rows of a file; return the primary keys of all of them, and notices."""
        notices: list[str] = []
        self._announce(entries, write)
        new: set[models.Model] = set()
        for entry in entries:
            row, former = entry.row, [reference.slug for reference in entry.formerly]
            known = self.known(type(row))
            for slug in former:
                if slug in known:
                    known[row.slug] = known.pop(slug)
            if row.slug in known:
                if update(known[row.slug], row, own_columns(type(row), "name")):
                    _record(write, Action.CHANGED, known[row.slug])
                    notices += self._look_alike(entry)
            else:
                taken_from = present_slug(type(row)._default_manager.all(), row.slug)
                row.save()
                new.add(row)
                _record(write, Action.ADDED, row)
                known[row.slug] = row
                notices += taken_slug(file, row, taken_from)
                notices += self._look_alike(entry)
        pks: dict[type[models.Model], set[int]] = {}
        for model in VOCABULARY:
            of_model = [entry for entry in entries if type(entry.row) is model]
            saved = [self.known(model)[entry.row.slug] for entry in of_model]
            prefetch_related_objects(saved, "former_slugs")
            pks[model] = {row.pk for row in saved}
            for row, entry in zip(saved, of_model, strict=True):
                former = [reference.slug for reference in entry.formerly]
                added, gone = keep_only(row, former)
                if (added or gone) and row not in new:
                    _record(write, Action.CHANGED, row)
                notices += slugs_let_go(file, row, gone)
        return pks, notices

    def _announce(self, entries: Iterable[VocabularyEntry], write: Write | None) -> None:
        """Announce to the write that saved rows may change."""
        rows: list[models.Model] = []
        for entry in entries:
            known = self.known(type(entry.row))
            slugs = [entry.row.slug, *(former.slug for former in entry.formerly)]
            rows += [known[slug] for slug in slugs if slug in known]
        if write:
            write.announce(rows)

    def _look_alike(self, entry: VocabularyEntry) -> list[str]:
        """Return notices on other rows with the label of a new or changed one."""
        row = entry.row
        field = "name" if isinstance(row, Expert) else "label"
        labels = self._labels.setdefault(type(row), {})
        if not labels:  # built once, after all files before this one were written
            for slug, other in self.known(type(row)).items():
                for label in plain_labels(other, field).items():
                    labels.setdefault(label, slug)
        for label in plain_labels(row, field).items():
            other_slug = labels.setdefault(label, row.slug)
            if other_slug != row.slug:
                message = _(
                    "%(place)s: “%(slug)s” is probably the same as “%(other)s”: "
                    "both are “%(label)s”"
                ) % {
                    "place": line_of(entry.node.file, entry.node.line),
                    "slug": row.slug,
                    "other": other_slug,
                    "label": getattr(row, label[0]),
                }
                return [message]
        return []


def unknown_slug(
    model: type[SluggedRow], slug: str, now: str | None, message: str, known: Iterable[str]
) -> str:
    """Return the message on an unknown slug, with its present name or the one probably meant.

    `now` is its present name in the files of the run. One query without it.
    """
    now = now or present_slug(model._default_manager.all(), slug)
    if now:
        return _("“%(slug)s” is now called “%(now)s”") % {"slug": slug, "now": now}
    return message % {"slug": slug} + suggestion(slug, known)


def _record(write: Write | None, action: Action, row: models.Model) -> None:
    if write:
        write.record(action, row)
