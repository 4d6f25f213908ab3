"""The shape of the documents that versions hold: their parts, in the order of the page.

A document is a mapping as YAML gives it: texts, lists and mappings. A layout names what of it
editors see, and how. A name with a dot (`video.title`) is a key within a mapping.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.db import models
from django_stubs_ext import StrOrPromise

Item = dict[str, Any]
"""A row of a document. Any: it holds texts, lists and mappings."""


@dataclass(frozen=True)
class Value:
    """A value of a document: a text in several languages, one text, or a list of texts."""

    name: str
    label: StrOrPromise
    choices: Mapping[str, StrOrPromise] = field(default_factory=dict)
    """The labels of the values of a choice."""
    names: type[models.Model] | None = None
    """The model whose rows the texts name, by slug or key."""
    language_key: str = ""
    """The key, beside this one, that says in which language the text is."""
    described: Callable[[Item], str] | None = None
    """What says an item in a line, of a list of mappings."""


@dataclass(frozen=True)
class Rows:
    """A list of rows in a document.

    `keys()` returns what identifies each row from one version to the next, `title()` how a row is
    called, in a language if it can.
    """

    name: str
    label: StrOrPromise
    keys: Callable[[Sequence[Item]], list[str]]
    title: Callable[[Item, str], str]
    values: Sequence[Value] = field(default_factory=tuple)
    is_ordered: bool = True
    """Whether editors put the rows in an order."""
    are_cited: bool = False
    """Whether rows come and go with what refers to them, so that none is restored by itself."""


Layout: TypeAlias = Sequence["Value | Rows"]


def get(item: Item, name: str) -> Any:
    """Return what a document or row has under a name; None where it has nothing."""
    found: Any = item
    for key in name.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


def put(item: Item, name: str, value: Any) -> None:
    """Set what a document or row has under a name; an empty value takes it out."""
    first, _dot, rest = name.partition(".")
    if rest:
        inner = dict(item.get(first) or {})
        put(inner, rest, value)
        value = inner
    if value in (None, "", [], {}):
        item.pop(first, None)
    else:
        item[first] = value
