"""Versions of the rows that trends share: tags, audiences, experts, sources, videos, mentions."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from taggit.managers import TaggableManager

from quotes.models import Expert, Mention, Source, Video
from trends.fixture_format.emitter import emit, read_emitted
from trends.fixture_format.row_formats import Column, RowFormat, name_columns
from trends.models import Audience
from trendsite.shared.former_slugs import RenamableModel, former_rows, free_names, replace_former
from trendsite.shared.models import Tag
from trendsite.shared.revisions.kinds import (
    Document,
    RevisedKind,
    VersionText,
    kind_of,
    names_of,
)
from trendsite.shared.revisions.layout import Layout, Value
from trendsite.shared.revisions.models import Revision
from trendsite.shared.translated import column, columns, languages, translated_fields
from trendsite.shared.translations.kept_states import KEPT, restore_states, states_to_keep
from trendsite.shared.versions import VersionedModel
from trendsite.shared.writes import Action, Provenance, Write, writing

# Columns that are derived from others, or count changes.
_NOT_WRITTEN = {"id", "version", "name", "thumbnail_width", "compared_url", "words_digest"}


class RowKind(RevisedKind):
    """The versions of rows of a model: their columns, former names and tags.

    Foreign keys are written as the name of the row: the slug of an expert, the key of a source, or
    platform and id of a video.
    """

    def __init__(self, model: type[VersionedModel]) -> None:
        self.model: type[VersionedModel] = model

    # Computed at the first use, when modeltranslation has added its columns to models.
    @cached_property
    def _format(self) -> RowFormat:
        translated = translated_fields(self.model)
        left_out = _NOT_WRITTEN.union(columns(*translated)).difference(translated)
        names = [field.name for field in self.model._meta.concrete_fields]
        keys = [name for name in names if name not in left_out]
        if issubclass(self.model, RenamableModel):
            keys.append("formerly")
        return RowFormat(self.model, [*keys, "tags"] if self._has_tags else keys)

    @property
    def _columns(self) -> Collection[Column]:
        return self._format.columns.values()

    @cached_property
    def _pointers(self) -> list[Column]:
        return [field for field in self._columns if isinstance(field, models.ForeignKey)]

    @cached_property
    def _has_tags(self) -> bool:
        return any(isinstance(field, TaggableManager) for field in self.model._meta.many_to_many)

    @cached_property
    def layout(self) -> Layout:
        """Return the columns in the order of the model, then the tags."""
        values = []
        for field in self._columns:
            names = field.related_model if isinstance(field, models.ForeignKey) else None
            values.append(
                Value(
                    field.name,
                    field.verbose_name,
                    names=names if names in (Expert, Source) else None,
                    language_key="language" if field.name == "original" else "",
                )
            )
        if issubclass(self.model, RenamableModel):
            values.insert(1, Value("formerly", gettext_lazy("former addresses")))
        if self._has_tags:
            values.append(Value("tags", gettext_lazy("tags"), names=Tag))
        return values

    # From rows to texts

    def texts(self, pks: Collection[int]) -> dict[int, VersionText]:
        """Return rows as they are saved now. At most five queries."""
        # Any: relations depend on the model.
        rows: Any = self.model._base_manager.filter(pk__in=pks).order_by("pk")
        if self._pointers:
            rows = rows.select_related(*(field.name for field in self._pointers))
        if issubclass(self.model, RenamableModel):
            rows = rows.prefetch_related("former_slugs")
        if self._has_tags:
            rows = rows.prefetch_related("tagged__tag")
        rows = list(rows)
        states = (
            states_to_keep((row.pk, {"": row}) for row in rows) if self._format.translated else {}
        )
        return {
            row.pk: VersionText(
                emit(self._format.exported(row)),
                names_of(row),
                self._links(row) | ({KEPT: states[row.pk]} if states else {}),
            )
            for row in rows
        }

    def _links(self, row: models.Model) -> dict[str, Any]:
        """Return the primary keys of rows to which a row points, to find renamed ones."""
        return {field.name: getattr(row, field.attname) for field in self._pointers}

    def read(self, text: str) -> Document:
        return read_emitted(text)

    # From texts to rows

    def restore(
        self,
        pk: int,
        document: Document,
        extra: Mapping[str, Any],
        provenance: Provenance,
        action: Action = Action.RESTORED,
    ) -> list[str]:
        notices: list[str] = []
        with writing(provenance) as write:
            saved = self.model._base_manager.select_for_update(no_key=True).filter(pk=pk).first()
            if saved:
                write.announce([saved])
                saved.count_change()
            row: Any = saved or self.model()
            row.pk = pk
            self._fill(row, document, extra, write, notices)
            row.full_clean()
            row.save(force_insert=saved is None)
            if isinstance(row, RenamableModel):
                former = document.get("formerly", [])
                replace_former(row, free_names(type(row), row.pk, former))
            if self._has_tags:
                self._set_tags(row, document.get("tags", []), write, notices)
            restore_states({"": row}, extra)
            write.record(action, row)
        return notices

    def _fill(
        self,
        row: Any,
        document: Document,
        extra: Mapping[str, Any],
        write: Write,
        notices: list[str],
    ) -> None:
        for field in self._columns:
            value = document.get(field.name)
            if field.name in self._format.translated:
                for code in languages():
                    setattr(row, column(field.name, code), (value or {}).get(code))
            elif isinstance(field, models.ForeignKey):
                pointed = None
                if value:
                    link = extra.get(field.name)
                    pointed = pointed_to(field.related_model, value, link, write, notices)
                setattr(row, field.name, pointed)
            elif field.name == "thumbnail":
                if not Video._meta.get_field("thumbnail").restore(row, value or ""):
                    notices.append(lost_image(row))
            elif value is None:
                empty = "" if field.blank else field.get_default()
                setattr(row, field.name, None if field.null else empty)
            else:
                setattr(row, field.name, field.to_python(value))

    def _set_tags(self, row: Any, slugs: Iterable[str], write: Write, notices: list[str]) -> None:
        tags = [pointed_to(Tag, slug, None, write, notices) for slug in slugs]
        if [tagged.tag for tagged in row.tagged.select_related("tag")] == tags:
            return
        row.tagged.all().delete()
        through = row.tagged.model
        for order, tag in enumerate(dict.fromkeys(tags)):
            through.objects.create(content_object=row, tag=tag, order=order)


def pointed_to(
    model: type[models.Model], name: str, pk: int | None, write: Write, notices: list[str]
) -> models.Model:
    """Return the row of a model with a present or former name, or else with a primary key.

    A deleted row is restored from the bin, with a notice in `notices`. Raises ValidationError if it
    is not in the bin.
    """
    names = name_columns(model)
    rows = model._base_manager
    row = rows.filter(**dict(zip(names, name.split(" "), strict=True))).first()
    if row is None and issubclass(model, RenamableModel):
        row = rows.filter(pk__in=former_rows(model, [name]).values()).first()
    if row is None and pk is not None:
        row = rows.filter(pk=pk).first()
    if row is None and (revision := deleted_row(model, name)):
        kind = kind_of(model)
        document = kind.read(revision.text)
        notices += kind.restore(revision.object_id, document, revision.extra, write.provenance)
        row = rows.get(pk=revision.object_id)
        notices.append(
            _("Restored with it: %(kind)s “%(row)s”.")
            % {"kind": model._meta.verbose_name, "row": row}
        )
    if row is None:
        raise ValidationError(
            _("The %(kind)s “%(slug)s” no longer exists.")
            % {"kind": model._meta.verbose_name, "slug": name}
        )
    return row


def lost_image(video: object) -> str:
    """Return the notice on a video whose image in a version is not in the storage any more."""
    return _("The image of “%(video)s” is no longer kept.") % {"video": video}


def deleted_row(model: type[models.Model], name: str) -> Revision | None:
    """Return the last version of the deleted row that had this name, or None."""
    kind, names = kind_of(model), name_columns(model)
    for revision in Revision.objects.in_bin(model):
        document = kind.read(revision.text)
        if " ".join(str(document.get(part)) for part in names) == name:
            return revision
    return None


def row_kinds() -> list[RowKind]:
    """Return the kinds of all rows that trends share."""
    return [RowKind(model) for model in (Tag, Audience, Expert, Source, Video, Mention)]
