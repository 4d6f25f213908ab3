"""Writing the file of a trend to the database.

Saved rows that are in the file are updated if they differ; the others are deleted.
"""

import datetime
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from django.db import models
from django.db.models.fields.related_descriptors import ManyToManyDescriptor
from django.utils import timezone

from quotes.models import Expert, Mention, Source, Video
from trends.fixture_format.evidence_writer import EvidenceWriter
from trends.fixture_format.file_contents import Cited, TrendDocument
from trends.fixture_format.known_rows import KnownRows
from trends.fixture_format.notices import lost_keys, slugs_let_go, taken_slug
from trends.fixture_format.row_writer import RowWriter, own_columns
from trends.fixture_format.unused import SharedRows
from trends.models import (
    MARKED_TEXTS,
    Assessment,
    Audience,
    Driver,
    Falsifier,
    Implication,
    Reading,
    TaggedTrend,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trends.queries.compiled import CompiledRows, listed, parameter
from trendsite.shared.days import beginning_of
from trendsite.shared.former_slugs import FormerSlug, keep_only, present_slug, remember
from trendsite.shared.models import Tag
from trendsite.shared.permanent_keys import KeyedModel

_Part = TypeVar("_Part", Driver, Implication, TimelineEntry, Assessment, Falsifier)

# What is saved already, asked for each trend.
_trends = CompiledRows(lambda: Trend.objects.filter(slug__in=listed("slugs", "text")))
_renamed = CompiledRows(
    lambda: FormerSlug.objects.filter(
        content_type__app_label=Trend._meta.app_label,
        content_type__model=Trend._meta.model_name,
        slug=parameter("slug"),
    )
)
# Any: rows of any of the models that hang on a trend.
_children: CompiledRows[Any] = CompiledRows(
    lambda model: model._default_manager.filter(trend=parameter("trend"))
)


class TrendWriter:
    """Writes one document.

    `vocabulary` has the saved tags, audiences and experts. After `write()`, `is_new` and
    `is_changed` say what was done to the trend, and `notices` are for the author of the file.
    """

    def __init__(self, document: TrendDocument, vocabulary: KnownRows) -> None:
        self._document = document
        self._vocabulary = vocabulary
        self._rows = RowWriter()
        self._evidence = EvidenceWriter(document, vocabulary, self._rows)
        self.is_new = False
        self.notices = self._evidence.notices

    @property
    def is_changed(self) -> bool:
        """Return whether the trend is new, or the trend or any of its rows differed."""
        return self.is_new or self._rows.changed

    def write(self) -> Trend:
        """Write the trend with all its rows, and return the saved trend."""
        document = self._document
        self._evidence.write_sources()
        self._rename_marks()
        self._trend, self.is_new = self._write_trend_row()
        leaving = SharedRows(self._trend, is_new=self.is_new)
        tags = [self._vocabulary.known(Tag)[reference.slug] for reference in document.tags]
        self._rows.sync_links(TaggedTrend, "content_object", "tag", [(self._trend, tags)])
        shift_sources = self._sources(document.shift_sources)
        self._rows.sync_citations(Trend.shift_sources, [(self._trend, shift_sources)])
        self._write_cited(Driver, Driver.sources, document.drivers)
        for reference, cited in document.implications:
            cited.row.audience = self._vocabulary.known(Audience)[reference.slug]
        implications = [cited for _reference, cited in document.implications]
        self._write_cited(Implication, Implication.sources, implications)
        mentions = self._write_mentions()
        for item in document.timeline:
            item.row.source = next(iter(self._sources(item.sources)), None)
            item.row.expert = (
                self._vocabulary.known(Expert)[item.expert.slug] if item.expert else None
            )
            item.row.quotation = mentions[item.quotation] if item.quotation else None
        self._sync_children(TimelineEntry, [item.row for item in document.timeline])
        self._write_cited(Assessment, Assessment.sources, document.assessments)
        self._sync_children(Falsifier, document.falsifiers)
        reading = self._sources(document.reading)
        self._rows.sync_links(Reading, "trend", "source", [(self._trend, reading)])
        keys = [entry.row.key for entry in document.mentions]
        self._note_lost(Mention, leaving.mention_keys, keys)
        used = mentions.values()
        leaving.remove_unused(
            except_for={
                Mention: {mention.pk for mention in used},
                Video: {mention.video_id for mention in used if mention.video_id},
                Source: {source.pk for source in self._evidence.sources.values()},
            }
        )
        if self._rows.changed and not self.is_new:
            Trend.objects.filter(pk=self._trend.pk).update(
                updated_at=timezone.now(), version=models.F("version") + 1
            )
        return self._trend

    def _write_trend_row(self) -> tuple[Trend, bool]:
        wanted, file = self._document.trend, self._document.node.file
        former = [reference.slug for reference in self._document.formerly]
        # The loader has refused a file by which two saved trends would become one.
        trend = next(iter(_trends.fetch(slugs=[wanted.slug, *former])), None)
        restoration = self._document.restoration
        if trend is None:
            if _renamed.fetch(slug=wanted.slug):
                before = present_slug(Trend.objects.all(), wanted.slug)
                self.notices += taken_slug(file, wanted, before)
            wanted.pk = restoration.pk if restoration else None
            wanted.updated_at = timezone.now() if restoration else self._content_changed()
            wanted.save(force_insert=True)
            self._rows.note_created(wanted)
            remember(wanted, former)
            return wanted, True
        self._rows.update(trend, wanted, own_columns(Trend))
        new, gone = keep_only(trend, former)
        self._rows.changed |= bool(new or gone)
        self.notices += slugs_let_go(file, trend, gone)
        return trend, False

    def _content_changed(self) -> datetime.datetime:
        """Return when the content of a new trend last changed, according to its file.

        It is the latest past day of its newest assessment, its publication and its retirement, or
        now without any. The time of the load would say nothing about the content.
        """
        rows = (item.row for item in self._document.assessments)
        days = [row.date.first_day for row in rows if isinstance(row, Assessment)]
        trend = self._document.trend
        days += [day for day in (trend.published, trend.retired) if day is not None]
        past = [day for day in days if day <= timezone.localdate()]
        if not past:
            return timezone.now()
        return beginning_of(max(past))

    def _sources(self, keys: Iterable[str]) -> list[Source]:
        """Return the saved sources for keys of the file."""
        return [self._evidence.sources[key] for key in keys]

    def _rename_marks(self) -> None:
        """Replace keys of the file in marks by the keys that sources have in the database."""
        sources = self._evidence.sources
        names = {key: row.key for key, row in sources.items() if key != row.key}
        if not names:
            return
        document = self._document
        for row in (
            document.trend,
            *(cited.row for cited in document.drivers),
            *(cited.row for _audience, cited in document.implications),
            *(cited.row for cited in document.assessments),
        ):
            MARKED_TEXTS[type(row)].rename(row, names)

    def _write_mentions(self) -> dict[str, Mention]:
        """Write the mentions, make them those of the trend, and return them by key in the file."""
        entries = self._document.mentions
        keys = [entry.row.key for entry in entries]
        mentions = self._evidence.write_mentions()
        voices = {mention.pk: entry.voice for mention, entry in zip(mentions, entries, strict=True)}
        self._rows.sync_links(
            TrendMention,
            "trend",
            "mention",
            [(self._trend, mentions)],
            more=lambda mention: {"voice": voices[mention.pk]},
        )
        return dict(zip(keys, mentions, strict=True))

    def _write_cited(
        self,
        model: type[_Part],
        relation: ManyToManyDescriptor[Source, Any],  # Any: see `RowWriter.sync_citations()`
        cited: Sequence[Cited[_Part]],
    ) -> None:
        rows = self._sync_children(model, [item.row for item in cited])
        sources = [self._sources(item.sources) for item in cited]
        self._rows.sync_citations(relation, list(zip(rows, sources, strict=True)))

    def _sync_children(self, model: type[_Part], wanted: list[_Part]) -> list[_Part]:
        """Make the trend's rows of a model equal to `wanted`; return the saved rows in order.

        Rows are matched by permanent key, which is in the file or derived from the text. Rows
        without keys are matched by date or place.
        """
        identities: dict[type[models.Model], str] = {Assessment: "date", Falsifier: "order"}
        identity = identities.get(model, "key")
        saved_rows = [] if self.is_new else _children.fetch(model, trend=self._trend.pk)
        before: dict[Any, _Part] = {}
        doubles = []  # a form may give two rows one place
        for saved_row in saved_rows:
            if before.setdefault(getattr(saved_row, identity), saved_row) is not saved_row:
                doubles.append(saved_row.pk)
        after = {getattr(row, identity) for row in wanted}
        if issubclass(model, KeyedModel):
            self._note_lost(model, before, after)
        leaving = [row.pk for key, row in before.items() if key not in after] + doubles
        self._rows.delete(model, leaving)
        names = _columns_of_part(model)
        result, new = [], []
        for row in wanted:
            saved = before.get(getattr(row, identity))
            if isinstance(saved, TimelineEntry) and isinstance(row, TimelineEntry):
                row.remember_outcomes_of(saved)
            if saved:
                self._rows.update(saved, row, names)
            else:
                row.trend = self._trend
                new.append(row)
            result.append(saved or row)
        self._rows.create(model, new)
        if model is TimelineEntry:
            self._order_entries(result)
        return result

    def _order_entries(self, entries: Sequence[Any]) -> None:
        """Sort entries of the same date as in the file, by exchanging their primary keys."""
        date_of = attrgetter("date")
        for _date, group in groupby(sorted(entries, key=date_of), date_of):
            rows = list(group)
            pks = [row.pk for row in rows]
            if pks != sorted(pks):
                self._rows.delete(TimelineEntry, pks)
                for row in rows:
                    row.pk, row._state.adding = None, True
                self._rows.create(TimelineEntry, rows)

    def _note_lost(
        self, model: type[KeyedModel], before: Iterable[str], after: Iterable[str]
    ) -> None:
        after = set(after)
        lost = [key for key in before if key not in after]
        file = self._document.node.file
        self.notices += lost_keys(file, self._trend, model.anchor_kind, lost)


def _columns_of_part(model: type[models.Model]) -> list[str]:
    """Return the columns that a file sets, with foreign keys other than that to the trend."""
    fields = model._meta.concrete_fields
    relations = [field.attname for field in fields if field.is_relation and field.name != "trend"]
    return [*own_columns(model), *relations]
