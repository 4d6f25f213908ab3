"""How versions of trends are shown: the parts of the file, in the order of the page."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from quotes.models import Expert, Mention, Source, Verification, Video
from quotes.platforms import Platform
from trends.levels import Claimant, Confidence, EntryKind, Outcome, Status
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


def _value(model: type[models.Model], name: str, key: str = "", **more: Any) -> Value:
    """Return a value that is called as the field of a model."""
    field: Any = model._meta.get_field(name)  # a field or relation of this side: it has a name
    return Value(key or name, field.verbose_name, **more)


def _several(model: type[models.Model]) -> StrOrPromise:
    return model._meta.verbose_name_plural or ""


def _sources(model: type[models.Model]) -> Value:
    return _value(model, "sources", names=Source)


def _by_key(rows: Sequence[Item]) -> list[str]:
    return [row["key"] for row in rows]


def _titled(name: str) -> Callable[[Item, str], str]:
    def title(row: Item, language: str) -> str:
        texts = row.get(name) or {}
        found = (texts[code] for code in [language, *languages()] if code in texts)
        return _shortened(next(found, ""))

    return title


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _dated(row: Item, language: str) -> str:
    return str(row.get("date", ""))


def _earlier_outcome(item: Item) -> str:
    """Return an outcome of before in a line: what it was, until when, and why."""
    notes = (item.get("note") or {}).values()
    return " · ".join([str(Outcome(item["outcome"]).label), str(item["until"]), *notes])


def _keys_of_texts(rows: Sequence[Item]) -> list[str]:
    """Return what identifies rows that have no permanent key: their words."""
    words = [key_of_texts(row["text"].get(code) for code in languages()) for row in rows]
    return numbered([""] * len(rows), words)


TREND_LAYOUT: Layout = [
    _value(Trend, "title"),
    _value(Trend, "title_reading"),
    _value(Trend, "subtitle"),
    _value(Trend, "slug", "trend"),
    Value("formerly", _("former addresses")),
    _value(Trend, "tags", names=Tag),
    _value(Trend, "key_points"),
    _value(Trend, "status", choices=Status),
    _value(Trend, "confidence", choices=Confidence),
    _value(Trend, "confidence_of"),
    _value(Trend, "since"),
    _value(Trend, "published"),
    _value(Trend, "retired"),
    _value(Trend, "successors", names=Trend),
    _value(Trend, "retired_note"),
    _value(Trend, "shift"),
    _value(Trend, "shift_sources", names=Source),
    Rows(
        "drivers",
        _several(Driver),
        _by_key,
        _titled("heading"),
        [_value(Driver, "heading"), _value(Driver, "body"), _sources(Driver)],
    ),
    Rows(
        "implications",
        _several(Implication),
        _by_key,
        _titled("lead"),
        [
            _value(Implication, "audience", names=Audience),
            _value(Implication, "lead"),
            _value(Implication, "text"),
            _sources(Implication),
        ],
    ),
    Rows(
        "mentions",
        _several(Mention),
        _by_key,
        lambda row, language: _shortened(row["original"]),
        [
            _value(Mention, "expert", names=Expert),
            _value(Mention, "original", language_key="language"),
            _value(Mention, "language"),
            _value(Mention, "verified", choices=Verification),
            _value(Mention, "translation"),
            _value(Mention, "occasion"),
            Value("voice", _("voice")),
            _value(Video, "platform", "video.platform", choices=Platform),
            _value(Video, "video_id", "video.id"),
            Value("video.title", _("title of the video")),
            _value(Video, "channel", "video.channel"),
            Value("video.date", _("date of the video")),
            _value(Mention, "start", "video.start"),
            _value(Video, "thumbnail", "video.thumbnail"),
            _value(Mention, "source", names=Source),
            _value(Mention, "tags", names=Tag),
        ],
    ),
    Rows(
        "timeline",
        _several(TimelineEntry),
        _by_key,
        lambda row, language: f"{row['date']}: {_titled('text')(row, language)}",
        [
            _value(TimelineEntry, "date"),
            _value(TimelineEntry, "text"),
            _value(TimelineEntry, "short"),
            _value(TimelineEntry, "kind", choices=EntryKind),
            _value(TimelineEntry, "outcome", choices=Outcome),
            _value(TimelineEntry, "settled"),
            _value(TimelineEntry, "note"),
            _value(TimelineEntry, "earlier_outcomes", described=_earlier_outcome),
            _value(TimelineEntry, "made_by", choices=Claimant),
            _value(TimelineEntry, "expert", names=Expert),
            _value(TimelineEntry, "quotation"),
            _value(TimelineEntry, "made"),
            _value(TimelineEntry, "criterion"),
            _value(TimelineEntry, "probability"),
            _value(TimelineEntry, "source", names=Source),
        ],
        is_ordered=False,
    ),
    Rows(
        "assessments",
        _several(Assessment),
        lambda rows: [row["date"] for row in rows],
        _dated,
        [
            _value(Assessment, "status", choices=Status),
            _value(Assessment, "confidence", choices=Confidence),
            _value(Assessment, "reconstructed"),
            _value(Assessment, "reason"),
            _value(Assessment, "rationale"),
            _sources(Assessment),
        ],
        is_ordered=False,
    ),
    Rows(
        "falsifiers",
        _several(Falsifier),
        _keys_of_texts,
        _titled("text"),
        [_value(Falsifier, "text"), _value(Falsifier, "date")],
    ),
    _value(Trend, "related", names=Trend),
    Value("reading", _several(Reading), names=Source),
    Rows(
        "sources",
        _several(Source),
        _by_key,
        lambda row, language: _shortened(row.get("title") or row["url"]),
        [
            _value(Source, name)
            for name in ("url", "title", "publisher", "origin", "date", "language")
        ],
        is_ordered=False,
        are_cited=True,
    ),
]
"""The parts of a trend’s versions."""
