"""Versions of the rows that trends share: tags, audiences, experts, sources, videos, mentions."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from taggit.managers import TaggableManager

from quotes.models import Expert, Mention, Source, Video
from quotes.pictures import Picture
from trends.fixture_format.emitter import Plain, emit
from trends.models import Audience
from trendsite.shared.former_slugs import RenamableModel, former_rows, replace_former
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
from trendsite.shared.translated import column, languages, translated_fields, translations
from trendsite.shared.translations.kept_states import KEPT, restore_states, states_to_keep
from trendsite.shared.versions import VersionedModel
from trendsite.shared.writes import Action, Provenance, Write, writing

# What follows from another column, or counts changes.
_NOT_WRITTEN = {"id", "version", "name", "thumbnail_width", "compared_url", "words_digest"}


def names_columns(model: type[models.Model]) -> list[str]:
    """Return the columns by which a version names a row of a model."""
    if model is Video:
        return ["platform", "video_id"]
    return ["key"] if model is Source else ["slug"]


class RowKind(RevisedKind):
    """The rows of a model, each with its columns, its former names and its tags.

    A row that another one points to is written by its name: the slug of an expert, the key of a
    source, the platform and id of a video.
    """

    def __init__(self, model: type[VersionedModel]) -> None:
        self.model: type[VersionedModel] = model

    # Asked for later than an app is ready, when modeltranslation has given models their columns.
    @cached_property
    def _translated(self) -> list[str]:
        return translated_fields(self.model)

    @cached_property
    def _columns(self) -> list[models.Field[Any, Any]]:
        return [
            field
            for field in self.model._meta.concrete_fields
            if field.name in self._translated or not self._is_left_out(field)
        ]

    @cached_property
    def _has_tags(self) -> bool:
        return any(isinstance(field, TaggableManager) for field in self.model._meta.many_to_many)

    def _is_left_out(self, field: models.Field[Any, Any]) -> bool:
        return field.name in _NOT_WRITTEN or field.name in {
            column(name, code) for name in self._translated for code in languages()
        }

    @cached_property
    def layout(self) -> Layout:
        """The columns in the order of the model, then the tags."""
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
        """Return these rows as they are saved now. At most five queries."""
        related = [f.name for f in self._columns if isinstance(f, models.ForeignKey)]
        # Any: which relations there are depends on the model.
        rows: Any = self.model._base_manager.filter(pk__in=pks).order_by("pk")
        if related:
            rows = rows.select_related(*related)
        if issubclass(self.model, RenamableModel):
            rows = rows.prefetch_related("former_slugs")
        if self._has_tags:
            rows = rows.prefetch_related("tagged__tag")
        rows = list(rows)
        states = states_to_keep((row.pk, {"": row}) for row in rows) if self._translated else {}
        return {
            row.pk: VersionText(
                emit(self._document(row)),
                names_of(row),
                self._links(row) | ({KEPT: states[row.pk]} if states else {}),
            )
            for row in rows
        }

    def _document(self, row: Any) -> Document:
        document: Document = {}
        for field in self._columns:
            if field.name in self._translated:
                document[field.name] = translations(row, field.name)
                continue
            value = getattr(row, field.name)
            if isinstance(field, models.ForeignKey):
                value = " ".join(self._name(value)) if value else ""
            elif isinstance(field, models.TextField | models.CharField | models.FileField):
                value = str(value).replace("\r\n", "\n").strip()
            else:
                value = "" if value is None else Plain(value)
            document[field.name] = value
        if isinstance(row, RenamableModel):
            document["formerly"] = row.former_names()
        if self._has_tags:
            document["tags"] = [tagged.tag.slug for tagged in row.tagged.all()]
        return {name: value for name, value in document.items() if value}

    @staticmethod
    def _name(row: models.Model) -> list[str]:
        return [str(getattr(row, name)) for name in names_columns(type(row))]

    def _links(self, row: models.Model) -> dict[str, Any]:
        """Return the primary keys of the rows that a row points to, in case they are renamed."""
        fields = [field for field in self._columns if isinstance(field, models.ForeignKey)]
        return {field.name: getattr(row, field.attname) for field in fields}

    def read(self, text: str) -> Document:
        document: Document = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        return document or {}

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
                replace_former(row, self._free_names(row, document.get("formerly", [])))
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
            if field.name in self._translated:
                for code in languages():
                    setattr(row, column(field.name, code), (value or {}).get(code))
            elif isinstance(field, models.ForeignKey):
                pointed = None
                if value:
                    link = extra.get(field.name)
                    pointed = pointed_to(field.related_model, value, link, write, notices)
                setattr(row, field.name, pointed)
            elif field.name == "thumbnail":
                self._set_image(row, value or "", notices)
            elif value is None:
                setattr(row, field.name, None if field.null else field.get_default())
                if not field.null and field.blank:
                    setattr(row, field.name, "")
            else:
                setattr(row, field.name, field.to_python(value))

    def _set_image(self, row: Any, stored: str, notices: list[str]) -> None:
        if stored == str(row.thumbnail):
            return
        row.thumbnail, row.thumbnail_width = "", 0
        if not stored:
            return
        try:
            image = Picture.named(stored).read_master()
        except (FileNotFoundError, ValueError):
            notices.append(_("The image of “%(video)s” is no longer kept.") % {"video": row})
        else:
            Video._meta.get_field("thumbnail").assign(row, image)

    def _free_names(self, row: RenamableModel, former: Iterable[str]) -> list[str]:
        """Return the former names that no other row of the model has by now."""
        former = list(former)
        others = self.model._base_manager.exclude(pk=row.pk)
        now = others.filter(**{f"{row.address_field}__in": former})
        taken = set(now.values_list(row.address_field, flat=True))
        taken |= {name for name, pk in former_rows(type(row), former).items() if pk != row.pk}
        return [name for name in former if name not in taken]

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
    """Return the row of a model with a name, present or former, or else with a primary key.

    Restores it from the bin if it was deleted, and says so in `notices`. Raises ValidationError
    if it is not there either.
    """
    names = names_columns(model)
    rows = model._base_manager
    row = rows.filter(**dict(zip(names, name.split(" "), strict=True))).first()
    if row is None and issubclass(model, RenamableModel):
        row = rows.filter(pk__in=former_rows(model, [name]).values()).first()
    if row is None and pk is not None:
        row = rows.filter(pk=pk).first()
    if row is None and (revision := deleted_row(model, name)):
        kind = kind_of(model)
        assert kind is not None  # it has versions
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


def deleted_row(model: type[models.Model], name: str) -> Revision | None:
    """Return the last version of the row in the bin that had this name, if there is one."""
    kind = kind_of(model)
    if kind is None:
        return None
    names = names_columns(model)
    for revision in Revision.objects.in_bin(model):
        document = kind.read(revision.text)
        if " ".join(str(document.get(part)) for part in names) == name:
            return revision
    return None


def row_kinds() -> list[RowKind]:
    """Return the kinds of all rows that trends share."""
    return [RowKind(model) for model in (Tag, Audience, Expert, Source, Video, Mention)]
