"""Fixtures of Django's own format: lists of rows, each with its model, primary key and fields.

They may have rows of the content's models only, since a file from somebody else must not create an
account.
"""

from collections.abc import Iterator
from typing import Any

import yaml
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.core.serializers.python import Deserializer
from django.db import Error, transaction
from django.utils.translation import gettext as _

from trends.fixture_format.loader import Run
from trends.fixture_format.nodes import BrokenFileError, Node, documents
from trends.models import KEPT_LISTS

CONTENT_APPS = ("quotes", "trends", "trendsite")
"""The labels of the apps whose rows are content."""

_ROW_ERRORS = (
    AttributeError,
    DeserializationError,
    FieldDoesNotExist,
    LookupError,
    TypeError,
    ValueError,
    ValidationError,
)
"""The exceptions that Django's deserializer raises for invalid rows."""

# It needs no limits, since the file was checked by the reader of nodes before.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Row(DeserializedObject):
    """A row of a fixture, whose errors become mistakes of the run."""

    def __init__(self, row: DeserializedObject, node: Node, run: Run) -> None:
        super().__init__(row.object, row.m2m_data, row.deferred_fields)
        self._node = node
        self._run = run

    # Any: the types of Django's own signatures.
    def save(self, save_m2m: bool = True, using: str | None = None, **kwargs: Any) -> None:
        try:
            if self._run.check_only:
                names = {field.name for field in self.object._meta.fields if field.is_relation}
                self.object.clean_fields(exclude=names)
                return
            with transaction.atomic(using):
                super().save(save_m2m, using, **kwargs)
        except (Error, ValueError, ValidationError) as error:
            self._node.mistake(_in_one_line(error))

    def save_deferred_fields(self, using: str | None = None) -> None:
        try:
            if not self._run.check_only:
                super().save_deferred_fields(using)
        except (Error, ValueError, DeserializationError) as error:
            self._node.mistake(_in_one_line(error))


def deserialized_rows(
    content: bytes, file: str, run: Run, **options: Any
) -> Iterator[DeserializedObject]:
    """Yield the rows of a fixture that is a list. Errors become mistakes of the run."""
    mistakes = run.mistakes
    try:
        nodes = [Node(raw, file, "", mistakes) for raw in documents(content, file)]
    except BrokenFileError as error:
        mistakes += error.mistakes
        return
    try:
        # Any: what YAML holds.
        found: list[Any] = list(yaml.load_all(content, Loader=_Loader))
    except (yaml.YAMLError, ValueError) as error:
        nodes[0].mistake(_in_one_line(error))
        return
    for node, rows in zip(nodes, found, strict=True):
        for item, row in zip(node.items(), rows or [], strict=False):
            yield from _rows(item, row, run, **options)


# Any: what YAML holds.
def _rows(item: Node, row: Any, run: Run, **options: Any) -> Iterator[DeserializedObject]:
    before = len(item.mistakes)
    fields = item.fields(["model", "pk", "fields"], required=["model", "fields"])
    if len(item.mistakes) > before or not _is_content(fields["model"]):
        return
    if apps.get_model(fields["model"].text()) in KEPT_LISTS:  # derived from the other rows
        return
    try:
        for found in Deserializer([row], **options):
            yield _Row(found, item, run)
    except _ROW_ERRORS as error:
        item.mistake(_in_one_line(error))


def _is_content(node: Node) -> bool:
    """Return whether a node names a model of the content. Any other value is a mistake."""
    known = [
        model._meta.label_lower
        for label in CONTENT_APPS
        for model in apps.get_app_config(label).get_models()
    ]
    name = node.text()
    if name.lower() in known:
        return True
    message = _("“%(name)s” is no model of the content") % {"name": name}
    is_misspelt = name.partition(".")[0] in CONTENT_APPS
    node.mistake(message + node.suggestion(name, known) if is_misspelt else message)
    return False


def _in_one_line(error: Exception) -> str:
    if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        said = [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
        return "; ".join(said)
    return " ".join(str(part) for part in str(error).split()) or type(error).__name__
