"""Writing YAML that can be reviewed: equal content has one layout, and all values are texts.

It is our own emitter, since that of PyYAML cannot choose between one line and several by the width
of Japanese text, does not quote what YAML 1.2 reads as a number, and folds Markdown with a trailing
space into one quoted line.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
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
    lines: list[str] = []
    _add_mapping(lines, document, "")
    return "".join(f"{line}\n" for line in lines)


def with_entries(text: str, values: Mapping[str, Value], keys: Sequence[str]) -> str:
    """Return what `emit()` wrote with other values of some keys, in the order of all `keys`.

    A key whose value is empty is left out.
    """
    # All that is within an entry is indented, also in a text of several lines.
    entries = {entry.partition(":")[0]: entry for entry in re.split(r"(?m)^(?=\w)", text)}
    entries |= {key: emit({key: value}) if value else "" for key, value in values.items()}
    return "".join(entries.get(key, "") for key in keys)


def read_emitted(text: str) -> dict[str, Any]:
    """Parse YAML that `emit()` wrote."""
    # Any: the values of a mapping. The parser in C is about ten times faster.
    mapping: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    return mapping


def _add_mapping(lines: list[str], mapping: Mapping[str, Value], indent: str) -> None:
    for key, value in mapping.items():
        _add_entry(lines, f"{indent}{_key(key)}:", value, indent + "  ")


def _add_entry(lines: list[str], head: str, value: Value, indent: str) -> None:
    """Add the lines of `head` and its value; a value below the head is indented by `indent`."""
    if isinstance(value, str):
        if "\n" in value and not _TO_ESCAPE.search(value):
            lines.append(f"{head} |")
            lines += [indent + line if line else "" for line in value.split("\n")]
        else:
            lines.append(f"{head} {_scalar(value)}")
        return
    one_line = _flow(value)
    if one_line and _fits(one_line := f"{head} {one_line}"):
        lines.append(one_line)
        return
    lines.append(head)
    if isinstance(value, Mapping):
        _add_mapping(lines, value, indent)
        return
    for item in value:
        if isinstance(item, str):
            lines.append(f"{indent}- {_scalar(item)}")
        else:
            first = len(lines)
            _add_mapping(lines, item, indent + "  ")
            lines[first] = f"{indent}- {lines[first].lstrip(' ')}"


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
    pairs = (f"{_key(key)}: {text}" for key, text in zip(value, written, strict=True))
    return f"{{{', '.join(pairs)}}}"


@lru_cache(maxsize=1000, typed=True)  # a file has the same keys over and over
def _key(text: str) -> str:
    return _scalar(text, flow=True)


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


def _fits(line: str) -> bool:
    """Return whether a line is not too wide; a Japanese character takes two columns."""
    if line.isascii() or len(line) > _WIDTH:
        return len(line) <= _WIDTH
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
    return len(line) + wide <= _WIDTH
