"""Explaining faults of YAML files in plain words, and finding texts that YAML cuts off.

The parser reports the place where it stopped, which may be lines after the fault. The last events
before it, and the lines of the file, help to find the cause.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml
from django.utils.text import Truncator
from django.utils.translation import gettext as _

_WIDEST = 72
"""The most characters of a line that are shown."""
_KEY = r"^ *(?:- +)*[A-Za-z_][\w-]*"
_SPACES = r"\u00a0\u2000-\u200a\u202f\u205f\u3000"  # other than that of YAML
# Codes of characters in pairs, as in JSON. YAML has one code a character.
_SURROGATES = re.compile(r"\\u[Dd][89A-Fa-f][0-9A-Fa-f]{2}(?:\\u[Dd][C-Fc-f][0-9A-Fa-f]{2})?")
_NOTHING = {"~", "null", "Null", "NULL"}  # in other readers of YAML
_CUT = re.compile(r"(?P<gap>[ \t]+)(?P<comment>#(?P<text>.*))")


@dataclass(frozen=True)
class Fault:
    """A fault of a file with its line and column, both from 0."""

    line: int
    column: int
    message: str


class _Scalar(NamedTuple):
    """A scalar in a file: its quotation mark, and its start and end, from 0."""

    value: str
    quote: str
    line: int
    column: int
    last_line: int
    end: int
    """The column after its last character."""


class Watch:
    """Watches the events of a file: the last scalar, open brackets, and texts that are cut off."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines() or [""]
        self._has_comments = "#" in text
        self._last: yaml.ScalarEvent | None = None
        self._starts: list[tuple[int, int] | None] = []
        self.cut: list[Fault] = []
        self._unused: dict[str, Fault] = {}

    def over(self, events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
        """Yield the events."""
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._last = event
                if not event.style:
                    self._look_behind(event)
                    self._look_before(event)
            elif isinstance(event, yaml.AliasEvent):
                self._unused.pop(event.anchor or "", None)
            elif isinstance(event, yaml.CollectionStartEvent):
                mark: Any = event.start_mark if event.flow_style else None
                self._starts.append(mark and (mark.line, mark.column))
            elif isinstance(event, yaml.CollectionEndEvent):
                self._starts.pop()
            elif isinstance(event, yaml.DocumentEndEvent):
                self.cut += self._unused.values()
                self._unused = {}
            yield event

    @property
    def last(self) -> _Scalar | None:
        """Return the last scalar, None if there was none yet."""
        return _scalar(self._last) if self._last else None

    @property
    def open_bracket(self) -> tuple[int, int] | None:
        """Return line and column of the bracket around the last event, None if there is none."""
        return self._starts[-1] if self._starts else None

    def line(self, number: int) -> str:
        """Return a line; "" after the last."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def _look_behind(self, event: yaml.ScalarEvent) -> None:
        """Store what follows an unquoted text on its line if it looks like a part of the text.

        A comment that has two spaces before it and one after its sign does not, nor does one with a
        space after its sign where there is no text.
        """
        if not self._has_comments:
            return
        scalar = _scalar(event)
        line = scalar.last_line
        found = _CUT.match(self.line(line), scalar.end)
        is_apart = not scalar.value or (found and len(found["gap"]) > 1)
        if not found or (is_apart and found["text"][:1] in ("", " ", "#", "!")):
            return
        message = _(
            "“%(comment)s” is a comment here, and no part of the text; put the text in quotes, "
            "or two spaces before a comment and one after its #"
        ) % {"comment": Truncator(found["comment"].strip()).chars(_WIDEST)}
        self.cut.append(Fault(line, found.start("comment"), message))

    def _look_before(self, event: yaml.ScalarEvent) -> None:
        """Store what an unquoted text probably was to mean: `!Tag` or `&anchor`, or `null`."""
        if event.value in _NOTHING:
            mark: Any = event.start_mark
            message = _(
                "“%(text)s” is a text like any other here; leave the key out where there is nothing"
            ) % {"text": event.value}
            self.cut.append(Fault(mark.line, mark.column, message))
        signs = [
            f"&{event.anchor}" if event.anchor else "",
            event.tag if event.tag and not event.tag.startswith("tag:yaml.org,2002:") else "",
        ]
        if not any(signs):
            return
        message = _(
            "“%(sign)s” is no part of the text here; put a text that begins with it in quotes"
        ) % {"sign": Truncator(" ".join(filter(None, signs))).chars(_WIDEST)}
        mark = event.start_mark
        self._unused[event.anchor or ""] = Fault(mark.line, mark.column, message)


def fault_of(error: yaml.MarkedYAMLError, watch: Watch) -> Fault:
    """Return the explanation of an error, with its place."""
    for explain in _EXPLANATIONS:
        if fault := explain(error, watch):
            return fault
    line, column = _place(error)
    problem = error.problem or str(error).splitlines()[0]
    return Fault(line, column, _("broken YAML: %(problem)s") % {"problem": problem})


def shown(line: str, column: int) -> str:
    """Return a line, and below it a caret under a column of it."""
    begin = max(0, min(column - _WIDEST // 2, len(line) - _WIDEST))
    part = line[begin : begin + _WIDEST].replace("\t", " ")
    before = part[: column - begin]
    width = sum(2 if unicodedata.east_asian_width(sign) in "FW" else 1 for sign in before)
    return f"    {part}\n    {' ' * width}^"


def _scalar(event: yaml.ScalarEvent) -> _Scalar:
    # Any: the C parser has another type for marks than the stubs.
    begin: Any = event.start_mark
    end: Any = event.end_mark
    return _Scalar(event.value, event.style or "", begin.line, begin.column, end.line, end.column)


def _place(error: yaml.MarkedYAMLError) -> tuple[int, int]:
    mark = error.problem_mark or error.context_mark
    return (mark.line, mark.column) if mark else (-1, 0)


def _conflict(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    for number, line in enumerate(watch.lines):
        if re.match(r"(<{7}|>{7}) ", line):
            return Fault(number, 0, _("two versions were not merged here; keep one of them"))
    return None


def _backslash(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    if not re.search("escape c|expected hex", _problem(error)):
        return None
    line, column = _place(error)
    column = watch.line(line).rfind("\\", 0, column + 1)
    if column < 0:
        return None
    if found := _SURROGATES.match(watch.line(line), column):
        message = _("write the character itself here, not “%(code)s”") % {"code": found[0]}
        return Fault(line, column, message)
    message = _("write a “\\” twice between double quotes, or take single ones")
    return Fault(line, column, message)


def _document(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    """Find what follows a document that ended before it was meant to."""
    line, column = _place(error)
    if "expected <document start>" not in _problem(error):
        return None
    before = [text for text in watch.lines[:line] if text.strip() and text.lstrip()[0] != "#"]
    if before and (before[-1].startswith(("%", "...")) or watch.line(line).startswith("%")):
        return Fault(line, column, _("write a line of “---” above this one"))
    return Fault(line, column, _("indent this line as far as the one above that it belongs beside"))


def _tab(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    line, _column = _place(error)
    found = re.match(r" *\t", watch.line(line))
    if not found:
        return None
    return Fault(line, found.end() - 1, _("this line is indented with a tab; use spaces"))


def _open_quote(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    """Find a quotation mark that is not closed, or is closed by that of another text."""
    message = _("the quotation mark that opens here is not closed")
    context = error.context_mark
    if context and "quoted scalar" in (error.context or "") and "end of stream" in _problem(error):
        return Fault(context.line, context.column, message)
    last, (line, column) = watch.last, _place(error)
    if not last or last.quote not in ("'", '"') or last.last_line != line:
        return None
    if last.line < line:
        return Fault(last.line, last.column, message)
    if column < last.end or not watch.line(line)[last.end :].strip():
        return None
    advice = (
        _("the text goes on after its quotation mark; write '' for each ' inside of the text")
        if last.quote == "'"
        else _('the text goes on after its quotation mark; write \\" for each " inside of the text')
    )
    return Fault(line, last.end, advice)


def _full_width(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    for number in _lines_before(error, watch):
        if fault := full_width_in(watch.line(number), number):
            return fault
    return None


def full_width_in(line: str, number: int) -> Fault | None:
    """Return the fault of a full-width sign or space in a line that was meant as a sign of YAML."""
    if found := re.match(rf"{_KEY}(：)", line):
        message = _("write “:” and a space here, not a full-width “：”")
        return Fault(number, found.start(1), message)
    if found := re.match(rf"[ \t]*(?:- *)?([{_SPACES}])|{_KEY}:[ \t]*([{_SPACES}])", line):
        column = found.start(found.lastindex or 1)
        code = f"{ord(line[column]):04X}"
        if code == "3000":
            return Fault(number, column, _("write a space here, not a full-width one (U+3000)"))
        message = _("write an ordinary space here, not U+%(code)s") % {"code": code}
        return Fault(number, column, message)
    if found := re.match(rf"{_KEY}: *([｛［])|(?: *)([－―–—])(?=[ A-Za-z_])", line):
        sign = found[1] or found[2]
        meant = {"｛": "{", "［": "["}.get(sign, "-")
        message = _("write “%(meant)s” here, not “%(sign)s”") % {"meant": meant, "sign": sign}
        return Fault(number, found.start(found.lastindex or 1), message)
    return None


# The beginning of each fault that `misread()` finds: few lines match.
_SUSPICIOUS = re.compile(
    rf"{_KEY}(?::(?!//)[^\s:]|：|:[ \t]*[{_SPACES}]|: *[｛［])"
    rf"| *-[A-Za-z_]|[ \t]*(?:- *)?[{_SPACES}]| *[－―–—]"
)


def misread(event: yaml.ScalarEvent, watch: Watch) -> Fault | None:
    """Return the fault of an unquoted text if it begins a line and should be a key."""
    mark: Any = event.start_mark
    line = watch.line(mark.line)
    if line[: mark.column].strip(" -") or not _SUSPICIOUS.match(line):
        return None
    if found := re.match(rf"{_KEY}(:)(?!//)[^\s:]", line):
        return Fault(mark.line, found.start(1), _("put a space after this colon"))
    if found := re.match(r" *(-)[A-Za-z_][\w-]*:(?:\s|$)", line):
        return Fault(mark.line, found.start(1), _("put a space after this hyphen"))
    return full_width_in(line, mark.line)


def _cut_text(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    """Find a comment that cut off the end of a list or mapping, or split a text."""
    line, _column = _place(error)
    if not watch.cut or watch.last is None:
        return None
    fault = watch.cut[-1]
    return fault if fault.line == watch.last.last_line and fault.line <= line else None


def _no_space(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    """Find a key without a space after its colon, which makes it a text."""
    for number in _lines_before(error, watch):
        if found := re.match(rf"{_KEY}(:)(?!//)[^\s:]", watch.line(number)):
            return Fault(number, found.start(1), _("put a space after this colon"))
    return None


def _full_width_comma(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    last, (line, _column) = watch.last, _place(error)
    if not last or last.quote or last.line != line or not watch.open_bracket:
        return None
    found = re.search(r"[，、](?= *[A-Za-z_-]+$)", last.value)
    if not found:
        return None
    message = _("write “%(meant)s” here, not “%(sign)s”") % {"meant": ",", "sign": found[0]}
    return Fault(line, last.column + found.start(), message)


def _colon_in_text(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    line, column = _place(error)
    last, text = watch.last, watch.line(line)
    if not last or last.quote or not last.value or not re.match(r":(\s|$)", text[column:]):
        return None
    if last.line < line:
        if watch.open_bracket:
            return None
        if found := re.fullmatch(rf"{_KEY}( *)", watch.line(last.line)):
            return Fault(last.line, found.start(1), _("put a colon after this key"))
        message = _("indent this line as far as the one above that it belongs beside")
        return Fault(line, len(text) - len(text.lstrip()), message)
    return Fault(line, column, _("a text with “: ” in it needs quotes around it"))


def _open_bracket(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    if not watch.open_bracket or "parsing a flow" not in (error.context or ""):
        return None
    line, column = watch.open_bracket
    sign = watch.line(line)[column : column + 1]
    message = _("the “%(sign)s” that opens here is not closed, or a comma is missing in it")
    return Fault(line, column, message % {"sign": sign})


_FIRST_SIGNS = (
    "cannot start any token",
    "directive",
    "block sequence entries are not allowed",
    "mapping keys are not allowed",
)


def _first_sign(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    line, column = _place(error)
    context, where = error.context_mark, error.context or ""
    if context and ("an alias" in where or "an anchor" in where):
        line, column = context.line, context.column
    elif "did not find expected" in _problem(error) and (
        found := re.match(rf"{_KEY}: +([\[{{|>])", watch.line(line)[:column])
    ):
        column = found.start(1)  # there is more on the line after a list or a sign
    elif not any(part in _problem(error) for part in _FIRST_SIGNS):
        return None
    column = 0 if "directive" in where else column
    message = _("a text that begins with “%(sign)s” needs quotes around it")
    return Fault(line, column, message % {"sign": watch.line(line)[column : column + 1]})


def _indentation(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    context, (line, column) = error.context_mark, _place(error)
    is_first = not watch.line(line)[:column].strip()
    if not context or "did not find expected key" not in _problem(error) or not is_first:
        return None
    if column <= context.column:
        return None
    message = _("indent this line as far as the one above that it belongs beside")
    return Fault(line, column, message)


def _no_colon(error: yaml.MarkedYAMLError, watch: Watch) -> Fault | None:
    context = error.context_mark
    if not context or "could not find expected ':'" not in _problem(error):
        return None
    return Fault(context.line, context.column, _("write “key: value” here"))


def _lines_before(error: yaml.MarkedYAMLError, watch: Watch) -> list[int]:
    """Return the numbers of the lines that may have caused an error, the likeliest first."""
    line, _column = _place(error)
    numbers = [error.context_mark.line] if error.context_mark else []
    if watch.last and watch.last.line < line:
        numbers += range(watch.last.line, watch.last.last_line)
    return [*numbers, line - 1, line] if not numbers else [*numbers, line]


def _problem(error: yaml.MarkedYAMLError) -> str:
    return error.problem or ""


_EXPLANATIONS: list[Callable[[yaml.MarkedYAMLError, Watch], Fault | None]] = [
    _conflict,
    _document,
    _tab,
    _backslash,
    _open_quote,
    _full_width,
    _cut_text,
    _no_space,
    _full_width_comma,
    _colon_in_text,
    _first_sign,
    _open_bracket,
    _indentation,
    _no_colon,
]
"""In the order in which they are tried."""
