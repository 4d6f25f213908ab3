"""Parsing YAML to nodes: all scalars are texts, and all values have their line and path."""

import difflib
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from trends.fixture_format.yaml_faults import (
    Fault,
    Watch,
    fault_of,
    misread,
    shown,
)
from trendsite.shared.text.normal_form import control_character, normal_form, visible

_Value = TypeVar("_Value")

# The C parser in PyYAML's wheels is about ten times faster.
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# Characters that YAML allows nowhere in a file, not even in quotes.
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_LATER_MARK = re.compile("^\ufeff", re.MULTILINE)
# Of lists that YAML takes for a text.
_BULLET = re.compile(r"[-*+•·・‧●○■□ー－‐–—―]")
# The format needs seven levels.
_MAX_DEPTH = 20
_MAX_REPEATED = 10_000
"""The number of values of a document that its aliases may repeat."""
_MOST_COMPARED = 1000

MOST_EXPLAINED = 100
"""For how many mistakes of a file it is said what was probably meant, which takes long to find."""


@dataclass(frozen=True, order=True)
class Mistake:
    """A mistake in a file: its place, and a message that says what to write instead."""

    file: str
    line: int
    path: str
    message: str
    picture: str = ""
    """The line, and a caret below the place; "" where the path says enough."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        path = f"{self.path}: " if self.path else ""
        return f"{place}{path}{self.message}" + (f"\n{self.picture}" if self.picture else "")


class BrokenFileError(Exception):
    """A file cannot be read as YAML at all."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class Node:
    """A value in a file.

    Its methods return the value. If it is missing or wrong, they add a mistake to `mistakes`, the
    list of the whole document, and return an empty value, so that one pass finds all mistakes.
    """

    def __init__(self, raw: yaml.Node, file: str, path: str, mistakes: list[Mistake]) -> None:
        self._raw = raw
        self.file = file
        self.path = path
        self.mistakes = mistakes

    # Any: what pickle is given.
    def __getstate__(self) -> tuple[Any, ...]:
        """Pickle the place only, since the value has been read."""
        return self.file, self.path, self.mistakes, self.line

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.file, self.path, self.mistakes, line = state
        self._raw = yaml.ScalarNode("", "", yaml.Mark("", 0, line - 1, 0, None, 0))

    @property
    def line(self) -> int:
        """Return the number of the line on which it begins, from 1."""
        return self._raw.start_mark.line + 1

    def mistake(self, message: str) -> None:
        """Add a mistake at this value."""
        self.mistakes.append(Mistake(self.file, self.line, self.path, message))

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Add the messages of a ValidationError of the block as mistakes at this value."""
        try:
            yield
        except ValidationError as error:
            for message in error.messages:
                self.mistake(message)

    def suggestion(self, text: str, known: Iterable[str]) -> str:
        """Return the end of a message on an unknown text, "" after `MOST_EXPLAINED` mistakes."""
        return suggestion(text, known) if len(self.mistakes) < MOST_EXPLAINED else ""

    def _child(self, raw: yaml.Node, path: str) -> "Node":
        return Node(raw, self.file, path, self.mistakes)

    @property
    def is_empty(self) -> bool:
        """Return whether the value has no visible text. `null` and `~` are texts like any other."""
        return isinstance(self._raw, yaml.ScalarNode) and not visible(self._raw.value)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self._raw, yaml.MappingNode)

    def text(self) -> str:
        """Return a scalar in its normal form. A control character is a mistake."""
        if not isinstance(self._raw, yaml.ScalarNode):
            self.mistake(_("write a single text here, not a list or a mapping"))
            return ""
        text = normal_form(self._raw.value)
        if character := control_character(text):
            self.mistake(_("remove the control character %(character)s") % {"character": character})
            return ""
        return text

    def parsed(self, parse: Callable[[str], _Value]) -> _Value | None:
        """Return the text parsed by a function. If that fails, add a mistake and return None."""
        found = None
        if text := self.text():
            with self.checked():
                found = parse(text)
        return found

    def items(self) -> "list[Node]":
        """Return the members of a list."""
        if self.is_empty:
            return []
        if not isinstance(self._raw, yaml.SequenceNode):
            if not self._is_misread():
                begins_with_bullet = isinstance(self._raw, yaml.ScalarNode) and _BULLET.match(
                    self._raw.value
                )
                self.mistake(
                    _("write a list here: each item on a line, after “-” and a space")
                    if begins_with_bullet
                    else _("write a list here")
                )
            return []
        return [
            self._child(raw, f"{self.path}[{index}]") for index, raw in enumerate(self._raw.value)
        ]

    def pairs(self, instead: str = "") -> "Iterator[tuple[Node, Node]]":
        """Yield the keys of a mapping with their values. A repeated key is a mistake.

        `instead` is the message if the value is no mapping.
        """
        if self.is_empty:
            return
        if not self.is_mapping:
            if not self._is_misread():
                self.mistake(instead or _("write a mapping here, “key: value”"))
            return
        seen: dict[str, int] = {}
        for raw_key, raw_value in self._raw.value:
            if not isinstance(raw_key, yaml.ScalarNode):
                self._child(raw_key, self.path).mistake(_("write a plain text as the key"))
                continue
            name = raw_key.value
            if mistake := getattr(raw_key, "misread", None):
                self.mistakes.append(mistake)
                continue
            key = self._child(raw_key, f"{self.path}.{name}" if self.path else name)
            if name in seen:
                key.mistake(_("this key is already on line %(line)d") % {"line": seen[name]})
                continue
            seen[name] = key.line
            yield key, self._child(raw_value, key.path)

    def _is_misread(self) -> bool:
        """Return whether the value is, or begins with, a text meant to be something else.

        Adds the mistake, with the line.
        """
        raw = self._raw
        if isinstance(raw, yaml.MappingNode) and raw.value:
            raw = raw.value[0][0]
        if mistake := getattr(raw, "misread", None):
            self.mistakes.append(mistake)
        return bool(mistake)

    def key_names(self) -> set[str]:
        """Return the keys of a mapping without adding any mistake."""
        if not self.is_mapping:
            return set()
        return {key.value for key, _value in self._raw.value if isinstance(key, yaml.ScalarNode)}

    def fields(self, known: Iterable[str], required: Iterable[str] = ()) -> "dict[str, Node]":
        """Return the values of a mapping by key. Unknown and missing keys are mistakes."""
        known = list(known)
        found = {}
        for key, value in self.pairs():
            name = key.text()
            if name not in known:
                key.mistake(_("unknown key") + key.suggestion(name, known))
            elif not value.is_empty:
                found[name] = value
        if self.is_mapping or self.is_empty:
            for name in required:
                if name not in found:
                    self.absent(name).mistake(_("is missing"))
        return found

    def absent(self, name: str) -> "Node":
        """Return a node for a key that the mapping does not have, to add a mistake there."""
        return self._child(self._raw, f"{self.path}.{name}" if self.path else name)

    def one_of(self, known: Iterable[str]) -> str:
        """Return a text that must be one of `known`."""
        known = list(known)
        text = self.text()
        if text and text not in known:
            self.mistake(
                _("“%(text)s” is not known; write %(choices)s")
                % {"text": text, "choices": ", ".join(known)}
            )
            return ""
        return text


def suggestion(text: str, known: Iterable[str]) -> str:
    """Return the end of a message that says which of `known` was probably meant.

    Of many, only those next to it in the alphabet are compared.
    """
    known = list(known)
    if len(known) > _MOST_COMPARED:
        known.sort()
        place = bisect(known, text)
        known = known[max(0, place - _MOST_COMPARED // 2) : place + _MOST_COMPARED // 2]
    near = difflib.get_close_matches(text, known, n=1)
    if near:
        return _("; did you mean “%(near)s”?") % {"near": near[0]}
    return _("; known are %(known)s") % {"known": ", ".join(known)} if 0 < len(known) <= 40 else ""


def documents(content: bytes, file: str, cut: list[Mistake] | None = None) -> Iterator[yaml.Node]:
    """Yield the YAML documents of a file.

    Texts that a comment seems to cut off are added to `cut`. Raises BrokenFileError if the file is
    not UTF-8 or not YAML.
    """
    try:
        # A file that was put together from others may have their marks in its middle.
        text = _LATER_MARK.sub("", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BrokenFileError(
            [Mistake(file, line, "", _("not UTF-8; save the file as UTF-8"))]
        ) from error
    if found := _CONTROL_CHARACTER.search(text):
        raise BrokenFileError(
            [
                Mistake(
                    file,
                    text.count("\n", 0, found.start()) + 1,
                    "",
                    _("remove the control character %(character)s")
                    % {"character": control_character(found[0])},
                )
            ]
        )
    watch = Watch(text)
    events = watch.over(yaml.parse(text, Loader=_Loader))
    read: list[yaml.Node] = []
    try:
        for event in events:
            # What follows a document may be a part of it, indented wrongly: that raises here.
            yield from read
            read = []
            if isinstance(event, yaml.DocumentStartEvent):
                read = [_Composer(events, watch, file).node(next(events))]
                next(events)  # raises if there is more than one root value
    except yaml.MarkedYAMLError as error:
        fault = fault_of(error, watch)
        raise BrokenFileError([_mistake(fault, watch, file)]) from error
    except yaml.YAMLError as error:
        message = _("broken YAML: %(problem)s") % {"problem": str(error).splitlines()[0]}
        raise BrokenFileError([Mistake(file, 0, "", message)]) from error
    finally:
        if cut is not None:
            cut += [_mistake(fault, watch, file) for fault in watch.cut]


def values_in(content: bytes) -> Iterator[yaml.NodeEvent]:
    """Yield the event that begins each value of a file, up to a fault, without keeping values."""
    depth = 0
    try:
        for event in yaml.parse(content.decode("utf-8-sig"), Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:  # the C parser becomes slower with each level
                return
            if isinstance(event, yaml.NodeEvent):
                yield event
    except (UnicodeDecodeError, yaml.YAMLError):
        return


class _Composer:
    """Makes nodes from the events of one document.

    It is our own composer, since that of PyYAML recurses in C without a limit: a file of brackets
    would end the process. Values repeated by aliases are counted, since a few lines of aliases can
    make millions of values.
    """

    def __init__(self, events: Iterator[yaml.Event], watch: Watch, file: str) -> None:
        self._events = events
        self._watch = watch
        self._file = file
        self._anchors: dict[str, tuple[yaml.Node, int]] = {}
        self._nodes = 0
        self._repeated = 0

    def node(self, event: yaml.Event, depth: int = 1) -> yaml.Node:
        """Return the node that begins with an event."""
        # Any: the C parser has another type for marks than the stubs.
        start: Any = event.start_mark
        if depth > _MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=_("nested too deeply"), problem_mark=start)
        if isinstance(event, yaml.AliasEvent):
            return self._repeat(event.anchor, start)
        before = self._nodes + self._repeated
        self._nodes += 1
        node: yaml.Node
        if isinstance(event, yaml.ScalarEvent):
            node = yaml.ScalarNode(event.tag or "", event.value, start, style=event.style)
            if not event.style and (fault := misread(event, self._watch)):
                node.__dict__["misread"] = _mistake(fault, self._watch, self._file)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = yaml.SequenceNode(event.tag or "", list(self._members(depth)), start)
        else:
            assert isinstance(event, yaml.MappingStartEvent)
            found = self._members(depth)
            node = yaml.MappingNode(event.tag or "", list(zip(found, found, strict=True)), start)
        if event.anchor:
            self._anchors[event.anchor] = node, self._nodes + self._repeated - before
        return node

    def _members(self, depth: int) -> Iterator[yaml.Node]:
        while not isinstance(member := next(self._events), yaml.CollectionEndEvent):
            yield self.node(member, depth + 1)

    def _repeat(self, anchor: str | None, start: Any) -> yaml.Node:
        if anchor is None or anchor not in self._anchors:
            problem = _(
                "there is no anchor “%(name)s” before; a text that begins with “*” needs quotes"
            ) % {"name": anchor}
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=start)
        node, size = self._anchors[anchor]
        self._repeated += size
        if self._repeated > _MAX_REPEATED:
            problem = _("its aliases repeat too many values")
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=start)
        return node


def _mistake(fault: Fault, watch: Watch, file: str) -> Mistake:
    line = watch.line(fault.line)
    picture = shown(line, fault.column) if line.strip() else ""
    return Mistake(file, fault.line + 1, "", fault.message, picture)
