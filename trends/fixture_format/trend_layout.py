"""The layout of versions of trends: the parts of the file, in the order of the page."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from quotes.models import Expert, Mention, Source
from trends.fixture_format.row_formats import (
    ASSESSMENT,
    DRIVER,
    FALSIFIER,
    IMPLICATION,
    MENTION,
    SOURCE,
    TIMELINE_ENTRY,
    TREND,
    VIDEO,
    RowFormat,
)
from trends.levels import Outcome
from trends.models import (
    Assessment,
    Audience,
    Driver,
    Falsifier,
    Implication,
    Reading,
    TimelineEntry,
    Trend,
)
from trendsite.shared.models import Tag
from trendsite.shared.permanent_keys import key_of_texts, numbered
from trendsite.shared.revisions.layout import Item, Layout, Rows, Value
from trendsite.shared.translated import languages

_NAMED = (Tag, Audience, Expert, Source, Trend)
"""The models whose rows versions name by slug or key."""


def _values(form: RowFormat, within: str = "", **own: Sequence[Value]) -> list[Value]:
    """Return the values of a row, with the labels of its fields. `own` replaces some of them."""
    keys = [key for key in form.keys if key != "key"]
    values = [own[key] if key in own else [_value(form, key, within)] for key in keys]
    return [value for several in values for value in several]


def _value(form: RowFormat, key: str, within: str = "") -> Value:
    field: Any = form.model._meta.get_field(form.names.get(key, key))  # no reverse relation
    names = field.related_model if field.related_model in _NAMED else None
    choices = dict(field.flatchoices or ())
    return Value(f"{within}{key}", field.verbose_name, choices=choices, names=names)


def _several(model: type[models.Model]) -> StrOrPromise:
    return model._meta.verbose_name_plural or ""


def _by_key(rows: Sequence[Item]) -> list[str]:
    return [row["key"] for row in rows]


def _titled(name: str) -> Callable[[Item, str], str]:
    def title(row: Item, language: str) -> str:
        texts = row.get(name) or {}
        found = (texts[code] for code in [language, *languages()] if code in texts)
        return _shortened(next(found, ""))

    return title


def _shortened(text: str) -> str:
    return Truncator(text).chars(60)


def _dated(row: Item, language: str) -> str:
    return str(row.get("date", ""))


def _earlier_outcome(item: Item) -> str:
    """Return an earlier outcome in a line: what it was, until when, and why."""
    notes = (item.get("note") or {}).values()
    return " · ".join([str(Outcome(item["outcome"]).label), str(item["until"]), *notes])


def _keys_of_texts(rows: Sequence[Item]) -> list[str]:
    """Return keys of rows without permanent keys, derived from their texts."""
    words = [key_of_texts(row["text"].get(code) for code in languages()) for row in rows]
    return numbered([""] * len(rows), words)


TREND_LAYOUT: Layout = [
    *(_value(TREND, key) for key in ("title", "title_reading", "subtitle", "trend")),
    Value("formerly", _("former addresses")),
    *(
        _value(TREND, key)
        for key in (
            "tags",
            "key_points",
            "status",
            "confidence",
            "confidence_of",
            "since",
            "published",
            "retired",
            "successors",
            "retired_note",
            "shift",
            "shift_sources",
        )
    ),
    Rows("drivers", _several(Driver), _by_key, _titled("heading"), _values(DRIVER)),
    Rows(
        "implications",
        _several(Implication),
        _by_key,
        _titled("lead"),
        [
            Value("audience", Audience._meta.verbose_name or "", names=Audience),
            *_values(IMPLICATION),
        ],
    ),
    Rows(
        "mentions",
        _several(Mention),
        _by_key,
        lambda row, language: _shortened(row["original"]),
        _values(
            MENTION,
            original=[replace(_value(MENTION, "original"), language_key="language")],
            voice=[Value("voice", _("voice"))],
            video=_values(
                VIDEO,
                "video.",
                title=[Value("video.title", _("title of the video"))],
                date=[Value("video.date", _("date of the video"))],
                start=[Value("video.start", Mention._meta.get_field("start").verbose_name)],
            ),
        ),
    ),
    Rows(
        "timeline",
        _several(TimelineEntry),
        _by_key,
        lambda row, language: f"{row['date']}: {_titled('text')(row, language)}",
        _values(
            TIMELINE_ENTRY,
            earlier_outcomes=[
                replace(_value(TIMELINE_ENTRY, "earlier_outcomes"), described=_earlier_outcome)
            ],
        ),
        is_ordered=False,
    ),
    Rows(
        "assessments",
        _several(Assessment),
        lambda rows: [row["date"] for row in rows],
        _dated,
        _values(ASSESSMENT, date=[]),
        is_ordered=False,
    ),
    Rows(
        "falsifiers",
        _several(Falsifier),
        _keys_of_texts,
        _titled("text"),
        [_value(FALSIFIER, "text"), _value(FALSIFIER, "date")],
    ),
    _value(TREND, "related"),
    Value("reading", _several(Reading), names=Source),
    Rows(
        "sources",
        _several(Source),
        _by_key,
        lambda row, language: _shortened(row.get("title") or row["url"]),
        _values(SOURCE),
        is_ordered=False,
        are_cited=True,
    ),
]
"""The parts of a trend’s versions."""
