"""The keys of each kind of row in a file, for reading, exporting and comparing.

A key has the name of a field of the model, and the field determines how its value is read and
written: as translated texts, a choice, a date or a boolean. Other keys, such as those with lists of
rows, are read and written by other code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models.fields.files import FieldFile

from quotes.models import Expert, Mention, Source, Video
from trends.fixture_format.emitter import Plain
from trends.models import Assessment, Driver, Falsifier, Implication, TimelineEntry, Trend
from trendsite.shared.translated import translated_fields, translations

Column = models.Field[Any, Any]  # Any: the types of what any column holds


@dataclass(frozen=True)
class RowFormat:
    """The keys of one kind of row, in the order in which they are written."""

    model: type[models.Model]
    keys: Sequence[str]
    required: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """The names of fields by key, where the two differ."""

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Return the columns of the row by key."""
        columns = {column.name: column for column in self.model._meta.concrete_fields}
        names = {key: self.names.get(key, key) for key in self.keys}
        return {key: columns[name] for key, name in names.items() if name in columns}

    @cached_property
    def values(self) -> dict[str, Column]:
        """Return the columns whose plain value is in a file: no relations, images or lists."""
        return {
            key: column
            for key, column in self.columns.items()
            if not column.is_relation
            and not isinstance(column, models.FileField | models.JSONField)
        }

    @cached_property
    def translated(self) -> set[str]:
        """Return the names of the translated fields."""
        return set(translated_fields(self.model))

    # Any: texts, lists and mappings.
    def exported(self, row: Any, **more: Any) -> dict[str, Any]:
        """Return the mapping of a row for a file, without empty values.

        `more` has values that are not in a column, or that have another form in a file.
        """
        values = {key: more[key] if key in more else self._exported(row, key) for key in self.keys}
        return {key: value for key, value in values.items() if value}

    def _exported(self, row: Any, key: str) -> Any:
        if key == "formerly":
            return row.former_names()
        if key == "tags":
            return [tagged.tag.slug for tagged in row.tagged.all()]
        name = self.columns[key].name
        return exported_texts(row, name) if name in self.translated else _text(getattr(row, name))


def exported_texts(row: models.Model, field: str) -> dict[str, str]:
    """Return the texts of a translated field of a row by language, without missing ones."""
    texts = {language: _text(text) for language, text in translations(row, field).items()}
    return {language: text for language, text in texts.items() if text}


def _text(value: object) -> str:
    """Return a value in the form that the reader of a file expects."""
    if value is None or value is False:
        return ""
    if isinstance(value, models.Model):
        return " ".join(str(getattr(value, name)) for name in name_columns(type(value)))
    if isinstance(value, str | FieldFile):
        return str(value).replace("\r\n", "\n").strip()
    return Plain("true" if value is True else value)


def name_columns(model: type[models.Model]) -> list[str]:
    """Return the columns by which files and versions refer to a row of a model."""
    if model is Video:
        return ["platform", "video_id"]
    return [getattr(model, "address_field", "key")]


def name_of(row: models.Model) -> str:
    """Return the name of a row among those of its model, as files or versions have it."""
    return "/".join(str(getattr(row, name)) for name in name_columns(type(row)))


def _format(model: type[models.Model], keys: str, required: str, **names: str) -> RowFormat:
    """Return a format. `keys` and `required` are keys separated by spaces."""
    return RowFormat(model, keys.split(), required.split(), names)


TREND = _format(
    Trend,
    "trend formerly status confidence since published retired successors retired_note tags "
    "related title title_reading subtitle key_points confidence_of shift shift_sources drivers "
    "mentions implications timeline assessments falsifiers sources reading",
    required="trend status confidence since title",
    trend="slug",
)
DRIVER = _format(Driver, "key heading body sources", required="heading")
MENTION = _format(
    Mention,
    "key expert original language verified translation occasion voice video source tags",
    required="expert original",
)
VIDEO = _format(
    Video,
    "platform id title channel date start thumbnail",
    required="platform id",
    id="video_id",
)
IMPLICATION = _format(Implication, "key lead text sources", required="lead")
TIMELINE_ENTRY = _format(
    TimelineEntry,
    "key date text short kind outcome settled note earlier_outcomes made_by expert quotation "
    "made criterion probability source",
    required="date text",
)
ASSESSMENT = _format(
    Assessment,
    "date status confidence reconstructed reason rationale sources",
    required="date status confidence",
)
FALSIFIER = _format(Falsifier, "date text", required="text")
SOURCE = _format(Source, "url title description publisher origin date language", required="url")
EXPERT = _format(Expert, "name role affiliation url formerly", required="name")
