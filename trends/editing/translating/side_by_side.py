"""The data of the page with a trend in two languages side by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext

from trends.editing.translating.glossary import GlossaryTerm, terms
from trends.editing.translating.saving import fingerprint
from trends.editing.translating.trend_texts import TrendText, texts_of_trend
from trends.models import Trend
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.revisions.wording import Piece, compared
from trendsite.shared.text.facts import Fact, facts_in, lost_facts
from trendsite.shared.translated import languages, translations


def pieces_as_html(pieces: Iterable[Piece]) -> SafeString:
    """Return the pieces of a comparison as HTML, without white space between them."""
    elements = {"same": "span", "added": "ins", "removed": "del"}
    return format_html_join(
        "",
        "<{0}>{1}</{0}>",
        ((elements[piece.kind], " … " if piece.is_cut else piece.text) for piece in pieces),
    )


@dataclass(frozen=True)
class SourcePiece:
    """A part of a source: plain text, a fact to keep, or a term with its rendering."""

    kind: Literal["plain", "fact", "term"]
    text: str
    note: str = ""


@dataclass(frozen=True)
class ShownTerm:
    """A term in a source, and whether the translation has the rendering of the glossary."""

    source: str
    rendering: str
    is_there: bool


@dataclass
class ShownText:
    """A text with its source, the typed translation, and the errors of that."""

    text: TrendText
    typed: str
    may_write: bool
    names: Mapping[str, str]
    errors: Sequence[str] = ()
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        self.fingerprint = fingerprint(self.text)

    @property
    def id(self) -> str:
        return self.text.name.replace(".", "-")

    @property
    def status(self) -> str:
        return self.text.state.status

    @property
    def language(self) -> str:
        return self.text.state.language

    @property
    def status_name(self) -> str:
        names = {
            "missing": gettext("missing"),
            "stale": gettext("out of date"),
            "done": gettext("translated"),
        }
        return names[self.status]

    @property
    def max_length(self) -> int | None:
        column: Any = self.text.place.row._meta.get_field(self.text.column)
        length: int | None = column.max_length
        return length

    @cached_property
    def changes(self) -> list[Piece]:
        """Return the changes of the source since it was translated; empty unless it is stale."""
        state = self.text.state
        if state.status != "stale":
            return []
        return compared(state.source_before, state.source, self.text.source_language)

    @property
    def changes_html(self) -> SafeString:
        """Return the changes as HTML."""
        return pieces_as_html(self.changes)

    @property
    def source_html(self) -> SafeString:
        """Return the source as HTML with its facts and terms marked."""
        return format_html_join(
            "",
            '<span class="side-{}" title="{}">{}</span>',
            ((piece.kind, piece.note, piece.text) for piece in self.pieces),
        )

    @property
    def since(self) -> str:
        since = self.text.state.since
        return PartialDate.from_date(since.date()).display() if since else ""

    @cached_property
    def pieces(self) -> list[SourcePiece]:
        """Return the source divided into plain text, facts and terms."""
        source = self.text.state.source
        marks: list[tuple[int, int, Literal["fact", "term"], str]] = [
            (fact.start, fact.end, "fact", "") for fact in facts_in(source, self._source_language)
        ]
        for term in self._terms:
            for match in term.pattern.finditer(source):
                marks.append((*match.span(), "term", term.rendering))
        pieces: list[SourcePiece] = []
        at = 0
        for start, end, kind, note in sorted(marks, key=lambda mark: (mark[0], -mark[1])):
            if start < at or start == end:
                continue
            pieces.append(SourcePiece("plain", source[at:start]))
            pieces.append(
                SourcePiece("fact" if kind == "fact" else "term", source[start:end], note)
            )
            at = end
        return [piece for piece in [*pieces, SourcePiece("plain", source[at:])] if piece.text]

    @cached_property
    def lost(self) -> list[Fact]:
        """Return the facts of the source that the typed translation lacks."""
        if not self.typed or self.text.state.field == "title_reading":
            return []
        return lost_facts(self.text.state.source, self._source_language, self.typed, self.language)

    @cached_property
    def terms(self) -> list[ShownTerm]:
        """Return the terms and names in the source, each once."""
        found = {
            term.shown: ShownTerm(term.shown, term.rendering, term.is_rendered_in(self.typed))
            for term in self._terms
        }
        for name, rendering in self.names.items():
            if name in self.text.state.source:
                found[name] = ShownTerm(name, rendering, rendering in self.typed)
        return list(found.values())

    @property
    def _source_language(self) -> str:
        return self.text.source_language

    @cached_property
    def _terms(self) -> list[GlossaryTerm]:
        if self.text.state.field == "title_reading":
            return []
        source = self.text.state.source
        known = terms(self._source_language, self.language)
        return [term for term in known if term.pattern.search(source)]


@dataclass(frozen=True)
class SideBySide:
    """The data of the page: its texts, and the numbers of missing and stale texts of the trend."""

    trend: Trend
    language: str
    texts: list[ShownText]
    missing: int
    stale: int
    shows_all: bool

    @property
    def language_name(self) -> str:
        return str(get_language_info(self.language)["name_local"])

    @property
    def may_write(self) -> bool:
        return any(text.may_write for text in self.texts)


def side_by_side(
    trend: Trend,
    language: str,
    may_write: Callable[[TrendText], bool],
    *,
    shows_all: bool = False,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> SideBySide:
    """Return the data of the page for a trend of `fetch_trend()`.

    It has the texts that need work or have errors, and with `shows_all` all others. `typed` has
    submitted translations by the names of texts.
    """
    typed, errors = typed or {}, errors or {}
    every = texts_of_trend(trend, language)
    names = _names(every, language)
    shown = [
        ShownText(
            text,
            typed.get(text.name, text.state.text),
            may_write(text),
            names,
            errors.get(text.name, ()),
        )
        for text in every
        if shows_all or text.state.needs_work or text.name in errors
    ]
    statuses = [text.state.status for text in every]
    return SideBySide(
        trend, language, shown, statuses.count("missing"), statuses.count("stale"), shows_all
    )


def _names(texts: Sequence[TrendText], language: str) -> dict[str, str]:
    """Map names of the trend's experts in other languages to those in `language`."""
    names: dict[str, str] = {}
    for text in texts:
        if text.name.startswith("expert.") and text.state.field == "name":
            into = translations(text.place.row, "name").get(language)
            for code in languages():
                name = translations(text.place.row, "name").get(code)
                if name and into and code != language:
                    names[name] = into
    return names
