"""Reading a mapping of a file to an unsaved row, which its model validates.

So files and forms follow the same rules.
"""

import datetime
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.base import ModelState
from django.utils.translation import gettext as _

from trends.fixture_format.nodes import Node
from trends.fixture_format.row_formats import Column, RowFormat
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import column, columns, languages, translated_fields

_Model = TypeVar("_Model", bound=models.Model)


class RowReader(Generic[_Model]):
    """Fills an unsaved row from a mapping, and validates it with its model.

    `places` are the nodes of attributes that the caller has set.
    """

    def __init__(self, row: _Model, node: Node, **places: Node) -> None:
        self.row = row
        self._node = node
        self._places = places  # the node of each attribute
        self._absent: dict[str, str] = {}  # the keys of attributes that have no node
        self._wrong: set[str] = set()  # attributes with a mistake already

    def fill(self, form: RowFormat) -> dict[str, Node]:
        """Read the values of the row, and return the nodes of all keys."""
        fields = self._node.fields(form.keys, form.required)
        for key, field in form.columns.items():
            node = fields.get(key)
            if node and key in form.values:
                self._read(field, node, field.name in form.translated)
            elif node:
                self._places.setdefault(field.name, node)
            elif key in form.required:
                self._wrong.add(field.name)
            elif field.name not in form.translated:
                self._absent[field.name] = key
        return fields

    def _read(self, field: Column, node: Node, is_translated: bool) -> None:
        if is_translated:
            self.translations(field.name, node)
        elif isinstance(field, models.BooleanField):
            setattr(self.row, field.name, is_true(node))
        elif parse := _PARSERS.get(type(field)):
            self._set(field.name, text := node.text(), node)
            self.skip(field.name)
            if text:
                with node.checked():
                    setattr(self.row, field.name, parse(text))
                    self._wrong.discard(field.name)
        elif field.choices:
            known = [value for value, _label in field.flatchoices]
            self._set(field.name, node.one_of(known), node)
        else:
            self._set(field.name, node.text(), node)

    def translations(self, name: str, node: Node, beside: str = "") -> Node | None:
        """Read `{en: …, ja: …}`; return the node of the key `beside`, which is not a language."""
        other = None
        self._places.update({column(name, language): node for language in languages()})
        noted = len(node.mistakes)
        for key, value in by_language(node):
            language = key.text()
            if language == beside:
                other = value
            elif language not in languages():
                key.mistake(
                    _("“%(text)s” is not a language of this site; known are %(known)s")
                    % {"text": language, "known": ", ".join(languages())}
                )
            elif not value.is_empty:
                self._set(column(name, language), value.text(), value)
        if len(node.mistakes) > noted:
            self._wrong.add(name)
        return other

    def _set(self, attribute: str, value: object, node: Node) -> None:
        self._places[attribute] = node
        setattr(self.row, attribute, value)
        if value == "":  # a wrong value is read as empty, and must not become the default
            self._wrong.add(attribute)

    def skip(self, *attributes: str) -> None:
        """Exclude attributes from the validation, whose mistakes were reported already."""
        self._wrong.update(attributes)

    def validate(self) -> None:
        """Validate the row, and add mistakes at the nodes of wrong values."""
        self._note(lambda: self.row.clean_fields(_relations(type(self.row)) | self._wrong))
        # Otherwise a text with a mistake would also be reported as missing in all languages.
        self._wrong |= {column(name, code) for name in self._wrong for code in languages()}
        self._note(self.row.clean)

    def _note(self, check: Callable[[], None]) -> None:
        try:
            check()
        except ValidationError as error:
            for name, messages in error.update_error_dict({}).items():
                if name in self._wrong:
                    continue
                self._wrong.add(name)
                place = self._places.get(name) or self._node
                if place is self._node and name in self._absent:
                    place = self._node.absent(self._absent[name])
                for message in ValidationError(messages).messages:
                    place.mistake(message)


@cache
def _relations(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.fields if field.is_relation}


def by_language(node: Node) -> Iterator[tuple[Node, Node]]:
    """Yield the languages of translated texts, with the texts."""
    if node.is_mapping:
        return node.pairs()
    example = ", ".join(f"{language}: …" for language in languages())
    return node.pairs(_("write this by language, as {%(example)s}") % {"example": example})


def _day(text: str) -> datetime.date:
    with suppress(ValidationError):
        date = PartialDate.parse(text)
        if date.first_day == date.last_day and not date.about:
            return date.first_day
    raise ValidationError(_("“%(text)s” is not a day; write one as 2025-08-15") % {"text": text})


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,9}", text):
        raise ValidationError(
            _("“%(text)s” is not a whole number; write it in digits alone, such as 60")
            % {"text": text}
        )
    return int(text)


# The messages of these model fields are about their format, and not for authors of files.
_PARSERS: dict[type[Column], Callable[[str], object]] = {
    models.DateField: _day,
    models.PositiveSmallIntegerField: _whole_number,
}


def blank(model: type[_Model], **values: object) -> _Model:
    """Return an unsaved row without texts.

    It is a copy of an empty row, since the constructor of a model looks up a default for each text
    in each language, of which there is none.
    """
    empty, with_default = _empty(model)
    row = model.__new__(model)
    vars(row).update(empty, _state=ModelState())
    for field in with_default:
        setattr(row, field.attname, field.get_default())
    for name, value in values.items():
        setattr(row, name, value)
    return row


@cache
def _empty(model: type[models.Model]) -> tuple[dict[str, Any], list[Column]]:
    """Return the attributes of an empty row, and the columns whose default is made for each row."""
    texts = dict.fromkeys(columns(*translated_fields(model)))
    made = [
        field
        for field in model._meta.concrete_fields
        if field.has_default() and callable(field.default) and field.name not in texts
    ]
    return vars(model(**texts)), made


def read_row(
    row: _Model, node: Node, form: RowFormat, **places: Node
) -> tuple[_Model, dict[str, Node]]:
    """Fill and validate a row; return it with the nodes of all its keys."""
    reader = RowReader(row, node, **places)
    fields = reader.fill(form)
    reader.validate()
    return row, fields


def is_true(node: Node) -> bool:
    """Return the boolean for a text, `true` or `false`. Another text is a mistake."""
    return node.one_of(["true", "false"]) == "true"
