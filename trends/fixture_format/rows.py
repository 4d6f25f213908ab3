"""From a mapping of a file to an unsaved row, validated by its model.

The models validate the values, so that a file and a form are held to the same rules.
"""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from trends.fixture_format.nodes import Node
from trendsite.shared.translated import column, languages

_Model = TypeVar("_Model", bound=models.Model)


class RowReader(Generic[_Model]):
    """Fills an unsaved row from a mapping and validates it by its model.

    `places` are the nodes of attributes that the caller has set.
    """

    def __init__(self, row: _Model, node: Node, **places: Node) -> None:
        self.row = row
        self._node = node
        self._places = places  # the node of each attribute
        self._wrong: set[str] = set()  # attributes with a mistake already

    def fill(
        self,
        *,
        translated: Iterable[str] = (),
        plain: Iterable[str] = (),
        choices: dict[str, type[models.TextChoices]] | None = None,
        known: Iterable[str] = (),
        required: Iterable[str] = (),
    ) -> dict[str, Node]:
        """Read the mapping and return the nodes of all its keys.

        `plain` names keys that are attributes, or `key:attribute` where the two differ.
        `known` names further keys, which the caller reads; if it names all keys, messages list
        them in its order.
        """
        attributes = {key: name or key for key, _colon, name in (p.partition(":") for p in plain)}
        choices = choices or {}
        names = [*attributes, *choices, *translated]
        names = list(known) if {*names} <= {*known} else [*names, *known]
        fields = self._node.fields(names, required)
        self._wrong.update(attributes.get(name, name) for name in required if name not in fields)
        for key, attribute in attributes.items():
            if key in fields:
                self._set(attribute, fields[key].text(), fields[key])
            else:
                self._places.setdefault(attribute, self._node.absent(key))
        for key, values in choices.items():
            if key in fields:
                self._set(key, fields[key].one_of(values.values), fields[key])
        for key in translated:
            if key in fields:
                self.translations(key, fields[key])
        return fields

    def translations(self, name: str, node: Node, beside: str = "") -> Node | None:
        """Read `{en: …, ja: …}` and return the node of the key `beside`, which is no language."""
        other = None
        self._places.update({column(name, language): node for language in languages()})
        noted = len(node.mistakes)
        for key, value in node.pairs():
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

    def _set(self, attribute: str, value: str, node: Node) -> None:
        self._places[attribute] = node
        setattr(self.row, attribute, value)
        if not value:  # a wrong value reads as empty, and must not become the default
            self._wrong.add(attribute)

    def skip(self, *attributes: str) -> None:
        """Leave attributes out of the validation, since what is wrong with them was said."""
        self._wrong.update(attributes)

    def validate(self) -> None:
        """Add the mistakes that the model's validation finds, each at the value concerned."""
        relations = {f.name for f in self.row._meta.fields if f.is_relation}
        self._note(lambda: self.row.clean_fields(relations | self._wrong))
        # A text with a mistake would also be reported as missing in all languages.
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
                place = self._places.get(name, self._node)
                for message in ValidationError(messages).messages:
                    place.mistake(message)


def read_row(
    row: _Model, node: Node, *, places: dict[str, Node] | None = None, **keys: Any
) -> tuple[_Model, dict[str, Node]]:
    """Fill and validate a row; return it with the nodes of all its keys."""
    reader = RowReader(row, node, **(places or {}))
    fields = reader.fill(**keys)
    reader.validate()
    return row, fields
