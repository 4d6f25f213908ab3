"""The translated texts of a trend, in the order of its page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext

from trends.models import Trend
from trends.queries.parts import keep_parts
from trendsite.shared.text.japanese import BEGINS_WITH_KANJI
from trendsite.shared.translated import TranslatedModel, column
from trendsite.shared.translations.states import ORIGINAL, TextState, states_of_rows
from trendsite.shared.versions import VersionedModel


@dataclass(frozen=True)
class PageRow:
    """A row with texts, the part of the page in which it is, and the row whose version it changes.

    `name` identifies it on this trend, independent of its order and of other rows.
    """

    name: str
    part: str
    title: str
    row: TranslatedModel
    owner: VersionedModel


@dataclass(frozen=True)
class TrendText:
    """A text of a trend in a language. `name` identifies it on the trend."""

    place: PageRow
    state: TextState

    @property
    def name(self) -> str:
        return f"{self.place.name}.{self.state.field}"

    @property
    def label(self) -> str:
        field: Any = self.place.row._meta.get_field(self.state.field)
        return capfirst(str(field.verbose_name))

    @property
    def heading(self) -> str:
        """Return a line that describes the text: part, row and field."""
        return " · ".join(filter(None, [self.place.part, self.place.title, self.label]))

    @property
    def source_language(self) -> str:
        """Return the language of the source. For original words it is that of the quotation."""
        if self.state.source_language == ORIGINAL:
            return str(vars(self.place.row).get("language", ""))
        return self.state.source_language

    @property
    def column(self) -> str:
        return column(self.state.field, self.state.language)


def fetch_trend(pk: int) -> Trend | None:
    """Return a trend or a working version with all rows that have texts. Nine queries."""
    trend = Trend.everything.filter(pk=pk).first()
    if trend:
        keep_parts([trend])
    return trend


def rows_on_page(trend: Trend) -> list[PageRow]:
    """Return the rows of a trend that have translated texts, each once, in the page's order."""
    rows: dict[str, PageRow] = {}
    for found in _rows(trend):
        rows.setdefault(found.name, found)
    return list(rows.values())


def _rows(trend: Trend) -> Iterator[PageRow]:
    yield PageRow("trend", "", "", trend, trend)
    for tagged in trend.tagged.all():
        yield _shared(tagged.tag, gettext("Tags"))
    for driver in trend.drivers.all():
        yield _part(f"driver.{driver.key}", driver, trend)
    for link in trend.trend_mentions.all():
        mention = link.mention
        yield _shared(mention.expert, gettext("Experts"))
        yield PageRow(
            f"mention.{mention.key}",
            gettext("Mentions"),
            str(mention.expert),
            mention,
            mention,
        )
        for tag in mention.tag_rows:
            yield _shared(tag, gettext("Tags"))
    for implication in trend.implications.all():
        yield _shared(implication.audience, gettext("Audiences"))
        yield _part(f"implication.{implication.key}", implication, trend)
    for entry in trend.timeline.all():
        yield _part(f"timeline.{entry.key}", entry, trend)
        if entry.expert:
            yield _shared(entry.expert, gettext("Experts"))
    for assessment in trend.assessments.all():
        yield _part(f"assessment.{assessment.date}", assessment, trend)
    for number, falsifier in enumerate(trend.falsifiers.all(), 1):
        yield _part(f"falsifier.{number}", falsifier, trend)


def _part(name: str, row: Any, trend: Trend) -> PageRow:
    return PageRow(name, capfirst(str(row._meta.verbose_name_plural)), str(row), row, trend)


def _shared(row: Any, part: str) -> PageRow:
    return PageRow(f"{row._meta.model_name}.{row.slug}", part, str(row), row, row)


def texts_of_trend(trend: Trend, language: str) -> list[TrendText]:
    """Return the texts of a trend of `fetch_trend()` in a language. One query."""
    places = {id(place.row): place for place in rows_on_page(trend)}
    states = states_of_rows([place.row for place in places.values()], language)
    texts = [TrendText(places[id(state.row)], state) for state in states]
    if reading := _reading(trend, language):
        at = next((n for n, text in enumerate(texts, 1) if text.name == "trend.title"), 0)
        texts.insert(at, TrendText(places[id(trend)], reading))
    return texts


def _reading(trend: Trend, language: str) -> TextState | None:
    """Return the state of the reading of a title in kanji, None if none is needed."""
    title = getattr(trend, column("title", language)) or ""
    if not re.search(BEGINS_WITH_KANJI, title):
        return None
    text = getattr(trend, column("title_reading", language)) or ""
    return TextState(
        trend, "title_reading", language, "done" if text else "missing", text, language, title
    )
