"""Writing YAML that can be reviewed: equal content has one layout, and all values are texts.

It is our own emitter, since that of PyYAML cannot choose between one line and several by the width
of Japanese text, does not quote what YAML 1.2 reads as a number, and folds Markdown with a trailing
space into one quoted line.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import yaml

Value: TypeAlias = "str | Mapping[str, Value] | Sequence[str | Mapping[str, Value]]"

# The greatest width of a mapping or list written on one line, in columns.
_WIDTH = 100

# Numbers, dates, times of day, truth values and nulls of YAML 1.1 and 1.2, and some more.
_NOT_TEXT = re.compile(
    r"[-+.]*[0-9][0-9A-F_XOTZ:.,+\- ]*|[-+]?\.(?:inf|nan)|~|null|true|false|yes|no|on|off|y|n|=|<<",
    re.IGNORECASE,
)
_INDICATORS = tuple("-?:,[]{}#&*!|>'\"%@`")
_ENDS_PLAIN_TEXT = re.compile(r":\s|:$|\s#|\t")
_ENDS_PLAIN_TEXT_IN_FLOW = re.compile(r"[,?\[\]{}]")
# Characters that YAML forbids, drops or takes for line breaks, and invisible ones.
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SHORT_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class Plain(str):
    """A text written without quotes, which other YAML parsers may read as a date or a boolean."""

    __slots__ = ()


def emit(document: Mapping[str, Value]) -> str:
    """Return the YAML of a mapping of texts, mappings and lists, in their order.

    Texts must not have white space at their ends. The reader strips it as well, since a text of
    several lines is written as a block, which ends with a line break.
    """
    return "".join(f"{line}\n" for line in _mapping(document, ""))


def read_emitted(text: str) -> dict[str, Any]:
    """Parse YAML that `emit()` wrote."""
    # Any: the values of a mapping. The parser in C is about ten times faster.
    mapping: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    return mapping


def _mapping(mapping: Mapping[str, Value], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        yield from _entry(f"{indent}{_scalar(key, flow=True)}:", value, indent + "  ")


def _entry(head: str, value: Value, indent: str) -> Iterator[str]:
    """Yield the lines of `head` and its value; a value below the head is indented by `indent`."""
    if isinstance(value, str):
        if "\n" in value and not _TO_ESCAPE.search(value):
            yield f"{head} |"
            yield from (indent + line if line else "" for line in value.split("\n"))
        else:
            yield f"{head} {_scalar(value)}"
        return
    one_line = _flow(value)
    if one_line and _columns(one_line := f"{head} {one_line}") <= _WIDTH:
        yield one_line
        return
    yield head
    if isinstance(value, Mapping):
        yield from _mapping(value, indent)
        return
    for item in value:
        if isinstance(item, str):
            yield f"{indent}- {_scalar(item)}"
        else:
            first, *rest = _mapping(item, indent + "  ")
            yield f"{indent}- {first.lstrip(' ')}"
            yield from rest


def _flow(value: Mapping[str, Value] | Sequence[str | Mapping[str, Value]]) -> str:
    """Return the value on one line, or "" if it is too long or has nested values."""
    members = value.values() if isinstance(value, Mapping) else value
    texts = [text for text in members if isinstance(text, str) and "\n" not in text]
    # The texts alone are too long, to which quotes would only add.
    if len(texts) < len(members) or sum(map(len, texts)) > _WIDTH:
        return ""
    written = [_scalar(text, flow=True) for text in texts]
    if not isinstance(value, Mapping):
        return f"[{', '.join(written)}]"
    pairs = (f"{_scalar(key, flow=True)}: {text}" for key, text in zip(value, written, strict=True))
    return f"{{{', '.join(pairs)}}}"


def _scalar(text: str, *, flow: bool = False) -> str:
    """Return a text on one line, quoted if a parser could take it for something else."""
    if isinstance(text, Plain):
        return str(text)
    if "\n" in text or "\t" in text or _TO_ESCAPE.search(text):
        return f'"{_escaped(text)}"'
    if (
        text
        and not text.startswith(_INDICATORS)
        and not _NOT_TEXT.fullmatch(text)
        and not _ENDS_PLAIN_TEXT.search(text)
        and not (flow and _ENDS_PLAIN_TEXT_IN_FLOW.search(text))
    ):
        return text
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    text = re.sub(r'[\\"\n\t\r]', lambda found: _SHORT_ESCAPES[found[0]], text)
    return _TO_ESCAPE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _columns(line: str) -> int:
    """Return the width of a line in columns. A full-width character takes two."""
    if line.isascii():
        return len(line)
    return len(line) + sum(unicodedata.east_asian_width(character) in "WF" for character in line)
