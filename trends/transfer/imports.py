"""Import of files with the loader of loaddata: finding what they would change, and loading them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import models, transaction
from django.utils.translation import gettext as _

from quotes.models import Expert, Mention, Source, Video
from trends.editing.publishing.checklist import Finding, check
from trends.fixture_format.loader import FixtureFile, Run
from trends.fixture_format.nodes import Mistake
from trends.fixture_format.row_formats import name_of
from trends.models import Audience, Trend
from trends.search.index import without_indexing
from trends.transfer.archives import YAML_ENDINGS, in_folder
from trendsite.shared.models import Tag
from trendsite.shared.revisions.differences import differences
from trendsite.shared.revisions.kinds import kind_of
from trendsite.shared.revisions.models import Revision
from trendsite.shared.revisions.overwriting import last_version, overwritten_since
from trendsite.shared.revisions.shown import ShownPart, ShownVersion, shown_differences
from trendsite.shared.snapshots import snapshot
from trendsite.shared.translated import active_language
from trendsite.shared.writes import Origin, Provenance, Write, writing

_MODELS: dict[str, type[models.Model]] = {
    model._meta.label_lower: model
    for model in (Tag, Audience, Expert, Trend, Source, Video, Mention)
}
"""The models of the rows that files describe and that have versions of a load."""


class RefusedFilesError(Exception):
    """Files cannot be loaded, with all their mistakes."""

    def __init__(self, mistakes: list[Mistake], warnings: list[str]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes, self.warnings = mistakes, warnings


class ChangedMeanwhileError(Exception):
    """A row that would be overwritten was changed after the editor confirmed."""


@dataclass(frozen=True)
class ProposedRow:
    """A row that the files would add or change.

    `overwrites` is the version that would be overwritten, if it is in no file. `token` identifies
    the row and that version, for the editor's confirmation. `findings` are those of the checklist
    for what readers would see.
    """

    kind: str
    title: str
    slug: str
    is_new: bool
    parts: list[ShownPart]
    token: str
    overwrites: ShownVersion | None
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_error]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_error]


@dataclass(frozen=True)
class Proposal:
    """The rows that an import would add or change, and notices of the loader."""

    rows: list[ProposedRow]
    notices: list[str] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Return whether the checklist has errors for what readers would see."""
        return any(row.errors for row in self.rows)


def check_files(files: Mapping[str, bytes]) -> None:
    """Check files without writing or locking anything. Raises RefusedFilesError."""
    with snapshot():
        _load(files, Run(check_only=True))


def propose(files: Mapping[str, bytes], provenance: Provenance) -> Proposal:
    """Return what files would change, by loading them in a transaction that is rolled back.

    Raises RefusedFilesError.
    """
    with transaction.atomic(), without_indexing():
        last = last_version()
        with writing(provenance) as write:
            run = Run(write)
            _load(files, run)
        rows = list(_proposed(write, last))
        transaction.set_rollback(True)
    return Proposal(rows, [*run.warnings, *run.notices])


def import_files(
    files: Mapping[str, bytes],
    provenance: Provenance,
    overwrite: Collection[str] = (),
    leave_out: Collection[str] = (),
) -> tuple[int, list[str]]:
    """Load files as one write; return the number of changed rows, and notices.

    `overwrite` has the tokens of rows that may be overwritten, `leave_out` those of rows that are
    not changed. Raises ChangedMeanwhileError if another row would be overwritten,
    RefusedFilesError, and ValidationError for errors of the checklist. Then nothing is changed.
    """
    left_out = {_row_of(token) for token in leave_out if token not in overwrite}
    with transaction.atomic():
        last = last_version()
        with writing(provenance) as write:
            run = Run(write, leave_out=left_out)
            _load(files, run)
        found = overwritten_since(last, Origin.IMPORT)
        slugs = _slugs(write)
        tokens = {_token(item.before, slugs[_identity(item.before)]) for item in found}
        if not tokens <= set(overwrite):
            raise ChangedMeanwhileError
        stored = list(_stored(write, last))
        errors = [
            f"{slug}: {finding.text}"
            for after, slug in stored
            for finding in _findings(after)
            if finding.is_error
        ]
        if errors:
            raise ValidationError(errors)
    return len(stored), [*run.warnings, *run.notices]


def _load(files: Mapping[str, bytes], run: Run) -> None:
    """Load files in a run, and finish the run. Raises RefusedFilesError."""
    with in_folder(files) as folder:
        for name, content in sorted(files.items()):
            if name.lower().endswith(YAML_ENDINGS):
                path = folder / name
                run.load(content, FixtureFile(name, path.parent, path))
        try:
            run.finish()
        except CommandError as error:
            mistakes = sorted(set(run.mistakes)) or [Mistake("-", 0, "", str(error))]
            raise RefusedFilesError(mistakes, run.warnings) from error


def _proposed(write: Write, last: int) -> Iterator[ProposedRow]:
    overwritten = {_identity(item.before): item for item in overwritten_since(last, Origin.IMPORT)}
    for after, slug in _stored(write, last):
        model = _model_of(after)
        kind = kind_of(model)
        before = Revision.objects.of(model, [after.object_id]).filter(pk__lt=after.pk).first()
        found = overwritten.get(_identity(after))
        parts = differences(
            kind.read(before.text) if before else {},
            kind.read(after.text),
            kind.layout,
            active_language(),
        )
        yield ProposedRow(
            str(model._meta.verbose_name),
            str(after),
            slug,
            before is None,
            shown_differences(parts),
            _token(before, slug) if before else "",
            ShownVersion(found.before, 0) if found else None,
            _findings(after),
        )


def _stored(write: Write, last: int) -> Iterator[tuple[Revision, str]]:
    """Yield the versions that a write has stored, with the slug of the row."""
    for (model, pk), slug in _slugs(write).items():
        after = Revision.objects.of(model, [pk]).filter(pk__gt=last, origin=Origin.IMPORT).first()
        if after is not None:
            yield after, slug


def _slugs(write: Write) -> dict[tuple[type[models.Model], int], str]:
    """Return the names of the rows that a write changed, by model and primary key."""
    return {
        (type(change.row), change.pk): name_of(change.row)
        for change in write.changes
        if type(change.row) in _MODELS.values()
    }


def _findings(version: Revision) -> list[Finding]:
    """Return the findings of the checklist for the version of a published trend, else none."""
    kind = kind_of(_model_of(version))
    document = kind.read(version.text) if kind.model is Trend else {}
    return check(document, kind.layout) if document.get("published") else []


def _model_of(version: Revision) -> type[models.Model]:
    model = version.content_type.model_class()
    assert model is not None  # of an app of ours
    return model


def _identity(version: Revision) -> tuple[type[models.Model], int]:
    return _model_of(version), version.object_id


def _token(before: Revision, slug: str) -> str:
    """Return a token that identifies a row by its slug, and the version before by a digest."""
    return f"{_model_of(before)._meta.label_lower} {slug} {before.digest}"


def _row_of(token: str) -> tuple[type[models.Model], str]:
    """Return the model and the slug in a token. Raises ValidationError."""
    label, slug, *_digest = [*token.split(" "), "", ""]
    if label not in _MODELS:
        raise ValidationError(_("The form was not sent as it was shown."))
    return _MODELS[label], slug
