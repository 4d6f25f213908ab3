"""Layouts, which describe the parts of the documents of versions in the order of the page.

A document is a mapping as parsed from YAML, of texts, lists and mappings. A layout says which of
its keys editors see, and how. A name with a dot (`video.title`) is a key of an inner mapping.
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
    """A function that describes an item of a list of mappings in one line."""


@dataclass(frozen=True)
class Rows:
    """A list of rows in a document.

    `keys()` returns keys that identify the rows from one version to the next. `title()` returns the
    title of a row, in a language if it is translated to it.
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
    """Return the value of a document or row with a name, None if there is none."""
    found: Any = item
    for key in name.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


def put(item: Item, name: str, value: Any) -> None:
    """Set the value of a document or row with a name. An empty value removes it."""
    first, _dot, rest = name.partition(".")
    if rest:
        inner = dict(item.get(first) or {})
        put(inner, rest, value)
        value = inner
    if value in (None, "", [], {}):
        item.pop(first, None)
    else:
        item[first] = value
