"""YAML that is pleasant to review: one layout for one content, and every text read as text.

PyYAML's emitter quotes what YAML 1.1 would misread, but not what 1.2 would, folds Markdown
with a trailing space into one quoted line, and takes some twenty times as long.
"""

import re
import unicodedata
from collections.abc import Iterator

Value = "str | dict[str, Value] | list[Value]"

# A mapping or list of short texts stands on one line of up to so many columns.
_WIDTH = 100

# Numbers, dates, times of day, truth values and nulls of YAML 1.1 and 1.2, and some more.
_NOT_TEXT = re.compile(
    r"[-+.]*[0-9][0-9A-F_XOTZ:.,+\- ]*|[-+]?\.(?:inf|nan)|~|null|true|false|yes|no|on|off|y|n|=|<<",
    re.IGNORECASE,
)
_INDICATORS = tuple("-?:,[]{}#&*!|>'\"%@`")
_ENDS_PLAIN_TEXT = re.compile(r":\s|:$|\s#|\t")
_ENDS_PLAIN_TEXT_IN_FLOW = re.compile(r"[,?\[\]{}]")
# Characters that YAML forbids, breaks lines at or drops, and that no reviewer would see.
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SHORT_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class Plain(str):
    """A text that stands unquoted because other readers may take it for a date or truth value."""

    __slots__ = ()


def emit(document: "dict[str, Value]") -> str:
    """The YAML of a mapping of texts, mappings and lists, in their order.

    Texts are without blanks at their ends, and the reader strips them too: what has several
    lines is written as a block, which ends with a line break of its own.
    """
    return "".join(f"{line}\n" for line in _mapping(document, ""))


def _mapping(mapping: "dict[str, Value]", indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        yield from _entry(f"{indent}{_scalar(key, flow=True)}:", value, indent + "  ")


def _entry(head: str, value: "Value", indent: str) -> Iterator[str]:
    """The lines of `head` and its value, which stands at `indent` where it is below."""
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
    if isinstance(value, dict):
        yield from _mapping(value, indent)
        return
    for item in value:
        if isinstance(item, str):
            yield f"{indent}- {_scalar(item)}"
        else:
            first, *rest = _mapping(item, indent + "  ")
            yield f"{indent}- {first.lstrip(' ')}"
            yield from rest


def _flow(value: "dict[str, Value] | list[Value]") -> str:
    """The value on one line; empty where it holds more than short texts."""
    members = value.values() if isinstance(value, dict) else value
    if not all(isinstance(member, str) and "\n" not in member for member in members):
        return ""
    if isinstance(value, list):
        return f"[{', '.join(_scalar(member, flow=True) for member in value)}]"
    pairs = (
        f"{_scalar(key, flow=True)}: {_scalar(text, flow=True)}" for key, text in value.items()
    )
    return f"{{{', '.join(pairs)}}}"


def _scalar(text: str, *, flow: bool = False) -> str:
    """A text on one line: plain where no reader would take it for anything else."""
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
    """How wide a line is where Japanese takes two columns a character."""
    return len(line) + sum(unicodedata.east_asian_width(character) in "WF" for character in line)
