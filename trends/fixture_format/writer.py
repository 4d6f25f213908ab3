"""Writing the file of a trend to the database.

Saved rows that are in the file are updated if they differ; the others are deleted.
"""

import datetime
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from django.db import models
from django.db.models.fields.related_descriptors import ManyToManyDescriptor
from django.utils import timezone

from quotes.models import Expert, Mention, Source, TaggedMention, Video
from trends.fixture_format.file_contents import (
    Cited,
    EvidenceDocument,
    TrendDocument,
    VocabularyRow,
)
from trends.fixture_format.notices import lost_keys, same_page, slugs_let_go, taken_slug
from trends.fixture_format.row_formats import name_of
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
from trendsite.shared.former_slugs import keep_only, present_slug, remember
from trendsite.shared.models import Tag
from trendsite.shared.permanent_keys import KeyedModel, numbered, taken_keys
from trendsite.shared.slugs import SLUG_LENGTH, free_slug
from trendsite.shared.translated import translated_fields
from trendsite.shared.versions import VersionedModel
from trendsite.shared.web_addresses import comparable

_VocabularyRow = TypeVar("_VocabularyRow", bound=VocabularyRow)
_Part = TypeVar("_Part", Driver, Implication, TimelineEntry, Assessment, Falsifier)


# What is saved already, asked for each trend.
_trends = CompiledRows(lambda: Trend.objects.filter(slug__in=listed("slugs", "text")))
_sources = CompiledRows(
    lambda: Source.objects.filter(compared_url__in=listed("pages", "text")).order_by("-pk")
)
_videos = CompiledRows(lambda: Video.objects.filter(video_id__in=listed("ids", "text")))
_mentions = CompiledRows(
    lambda: Mention.objects.filter(
        expert__in=listed("experts"), words_digest__in=listed("digests", "text")
    )
)
# Any: rows of any of the models that hang on a trend.
_children: CompiledRows[Any] = CompiledRows(
    lambda model: model._default_manager.filter(trend=parameter("trend"))
)
_links: CompiledRows[Any] = CompiledRows(
    lambda through, owner: through._default_manager.filter(**{f"{owner}__in": listed("owners")})
)
_citations: CompiledRows[Any] = CompiledRows(
    lambda through, owner: through.objects.filter(**{f"{owner}__in": listed("owners")}).order_by(
        "pk"
    )
)


class Known(Protocol):
    """A function that returns the saved rows of a vocabulary by slug."""

    def __call__(self, model: type[_VocabularyRow], /) -> dict[str, _VocabularyRow]: ...


def own_columns(model: type[models.Model], without: Iterable[str] = ()) -> list[str]:
    """Return the columns that a file sets: no primary key, relations or unsuffixed texts."""
    skipped = {*without, *translated_fields(model), "updated_at", "version", "compared_url"}
    return [
        field.name
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.is_relation and field.name not in skipped
    ]


def _relations(model: type[models.Model]) -> list[str]:
    """Return the columns of foreign keys that a file sets, without the one to the trend."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields if field.is_relation and field.name != "trend"]


def update(row: models.Model, wanted: models.Model, names: Iterable[str]) -> bool:
    """Copy columns from an unsaved row to a saved one.

    Saves the row if any value differs, and returns whether it did.
    """
    changed = [name for name in names if getattr(row, name) != getattr(wanted, name)]
    for name in changed:
        setattr(row, name, getattr(wanted, name))
    if changed:
        # `TrendWriter.write()` counts all changes of a trend and its rows as one.
        if isinstance(row, VersionedModel) and not isinstance(row, Trend):
            row.count_change()
        row.save()
    return bool(changed)


class TrendWriter:
    """Writes one document.

    `known(model)` returns the saved rows of a vocabulary by slug. After `write()`, `is_new` and
    `changed` say what was done to the trend, and `notices` are for the author of the file.
    """

    def __init__(self, document: TrendDocument, known: Known) -> None:
        self._document = document
        self._file = document.slug_node.file
        self._known = known
        self.is_new = False
        self.changed = False
        self.notices: list[str] = []
        self._new: set[models.Model] = set()
        """Rows that were not saved before, to which no other row can point."""

    def write(self) -> Trend:
        """Write the trend with all its rows, and return the saved trend."""
        document = self._document
        self._sources = self._write_sources()
        self._rename_marks()
        self._trend, self.is_new = self._write_trend_row()
        leaving = SharedRows(self._trend, is_new=self.is_new)
        tags = [self._known(Tag)[reference.slug] for reference in document.tags]
        self._sync_links(TaggedTrend, "content_object", "tag", [(self._trend, tags)])
        self._sync_citations(Trend.shift_sources, [(self._trend, document.shift_sources)])
        self._write_cited(Driver, Driver.sources, document.drivers)
        for reference, cited in document.implications:
            cited.row.audience = self._known(Audience)[reference.slug]
        self._write_cited(
            Implication,
            Implication.sources,
            [cited for _reference, cited in document.implications],
        )
        mentions = self._write_mentions()
        for item in document.timeline:
            item.row.source = self._sources[item.sources[0]] if item.sources else None
            item.row.expert = self._known(Expert)[item.expert.slug] if item.expert else None
            item.row.quotation = mentions[item.quotation] if item.quotation else None
        self._sync_children(TimelineEntry, [item.row for item in document.timeline])
        self._write_cited(Assessment, Assessment.sources, document.assessments)
        self._sync_children(Falsifier, document.falsifiers)
        reading = [self._sources[key] for key in document.reading]
        self._sync_links(Reading, "trend", "source", [(self._trend, reading)])
        self._note_lost(
            Mention, leaving.mention_keys, [entry.row.key for entry in document.mentions]
        )
        used = mentions.values()
        leaving.remove_unused(
            except_for={
                Mention: {mention.pk for mention in used},
                Video: {mention.video_id for mention in used if mention.video_id},
                Source: {source.pk for source in self._sources.values()},
            }
        )
        if self.changed and not self.is_new:
            Trend.objects.filter(pk=self._trend.pk).update(
                updated_at=timezone.now(), version=models.F("version") + 1
            )
        return self._trend

    def _write_trend_row(self) -> tuple[Trend, bool]:
        wanted = self._document.trend
        former = [reference.slug for reference in self._document.formerly]
        # The loader has refused a file by which two saved trends would become one.
        trend = next(iter(_trends.fetch(slugs=[wanted.slug, *former])), None)
        restoration = self._document.restoration
        if trend is None:
            before = present_slug(Trend.objects.all(), wanted.slug)
            self.notices += taken_slug(self._file, wanted, before)
            wanted.pk = restoration.pk if restoration else None
            wanted.updated_at = timezone.now() if restoration else self._content_changed()
            wanted.save(force_insert=True)
            self._new.add(wanted)
            remember(wanted, former)
            return wanted, True
        self.changed |= update(trend, wanted, own_columns(Trend))
        new, gone = keep_only(trend, former)
        self.changed |= bool(new or gone)
        self.notices += slugs_let_go(self._file, trend, gone)
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

    # Rows that several trends share

    def _write_sources(self) -> dict[str, Source]:
        """Save the cited sources, and return them by their keys in the file.

        A source is identified by its page, independent of its key and of the form of its address.
        """
        cited = self._document.cited_keys()
        wanted = {key: row for key, row in self._document.sources.items() if key in cited}
        saved = self._saved_sources(wanted.values())
        if self._document.restoration:
            self._identify_sources_by_key(wanted, saved)
        new = [row for row in wanted.values() if row.url not in saved]
        new_keys = {row.key for row in new}
        taken = set(Source.objects.filter(key__in=new_keys).values_list("key", flat=True))
        for row in wanted.values():
            if row.url in saved:
                there = saved[row.url]
                if self._stays(there):
                    continue
                self.changed |= update(there, row, own_columns(Source, ["key", "url"]))
                if there.url != row.url:
                    self.notices.append(same_page(self._file, row.url, there.url))
        keys = {row.key: row.url for row in wanted.values()}
        for row in new:
            if row.key in taken:
                row.key = _free_key(row.key, new_keys)
                new_keys.add(row.key)
        saved |= {row.url: row for row in Source.objects.bulk_create(new)}
        self.changed |= bool(new)
        return {key: saved[url] for key, url in keys.items()}

    def _identify_sources_by_key(self, wanted: dict[str, Source], saved: dict[str, Source]) -> None:
        """Set the addresses and keys of a version on sources whose address has changed since."""
        by_key = {source.key: source for source in Source.objects.filter(key__in=wanted)}
        for key, row in wanted.items():
            source, present = saved.get(row.url), by_key.get(key)
            if source is None and present and present not in saved.values():
                saved[row.url] = source = present
            if source is None:
                continue
            names = ["url"] if present in (None, source) else []
            names += ["key"] if present is None else []
            self.changed |= update(source, row, names)

    def _saved_sources(self, wanted: Iterable[Source]) -> dict[str, Source]:
        """Return the saved sources by their addresses in the file. One query."""
        pages = {row.url: comparable(row.url) for row in wanted}
        found = _sources.fetch(pages=pages.values()) if pages else []
        by_page = {source.compared_url: source for source in found}
        by_address = {source.url: source for source in found}
        return {
            url: by_address.get(url) or by_page[page]
            for url, page in pages.items()
            if page in by_page
        }

    def _rename_marks(self) -> None:
        """Replace keys of the file in marks by the keys that sources have in the database."""
        names = {key: row.key for key, row in self._sources.items() if key != row.key}
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

    def _write_videos(self) -> dict[tuple[str, str], Video]:
        """Save the videos of the file, and return them by platform and id."""
        videos = {
            (video.platform, video.video_id): (video, thumbnail)
            for video, thumbnail in self._document.videos()
        }
        ids = [video_id for _platform, video_id in videos]
        there = _videos.fetch(ids=ids) if ids else []
        saved = {(video.platform, video.video_id): video for video in there}
        new = []
        thumbnail, restoration = Video._meta.get_field("thumbnail"), self._document.restoration
        for identity, (wanted, image) in videos.items():
            video = saved.setdefault(identity, wanted)
            if self._stays(video):
                continue
            names = ["title", "channel", "date"]
            before = [getattr(video, name) for name in [*names, "thumbnail"]]
            for name in names:
                setattr(video, name, getattr(wanted, name))
            if restoration:
                if not thumbnail.restore(video, restoration.images.get(identity, "")):
                    restoration.lost_images.append(video)
            elif image:
                thumbnail.assign(video, image)
            else:
                video.thumbnail, video.thumbnail_width = "", 0
            if video._state.adding:
                new.append(video)
            elif before != [getattr(video, name) for name in [*names, "thumbnail"]]:
                video.count_change()
                video.save()
                self.changed = True
            else:
                thumbnail.store(video)  # its files may be missing or damaged
        # The field stores the images of new rows, too, and there are no old ones to replace.
        Video.objects.bulk_create(new)
        self.changed |= bool(new)
        return saved

    def _write_mentions(self) -> dict[str, Mention]:
        """Save the mentions, and return them by their keys in the file."""
        entries = self._document.mentions
        keys = [entry.row.key for entry in entries]
        videos = self._write_videos()
        for entry in entries:
            row, video = entry.row, entry.video
            row.expert = self._known(Expert)[entry.expert.slug]
            row.video = videos[video.platform, video.video_id] if video else None
            row.source = self._sources[entry.source] if entry.source else None
        matches = self._match_mentions()
        self._settle_mention_keys(matches)
        rows, new = [], []
        for entry, mention in zip(entries, matches, strict=True):
            if mention is None:
                new.append(mention := entry.row)
            elif not self._stays(mention):
                names = [*own_columns(Mention), "expert_id", "video_id", "source_id"]
                self.changed |= update(mention, entry.row, names)
            rows.append(mention)
        Mention.objects.bulk_create(new)
        self._new.update(new)
        self.changed |= bool(new)
        tags = [[self._known(Tag)[reference.slug] for reference in entry.tags] for entry in entries]
        tagged = [pair for pair in zip(rows, tags, strict=True) if not self._stays(pair[0])]
        self._sync_links(TaggedMention, "content_object", "tag", tagged)
        self._show_mentions(rows)
        return dict(zip(keys, rows, strict=True))

    def _show_mentions(self, rows: Sequence[Mention]) -> None:
        """Make the mentions of the file those of the trend, in this order."""
        entries = self._document.mentions
        voices = {mention.pk: entry.voice for mention, entry in zip(rows, entries, strict=True)}
        self._sync_links(
            TrendMention,
            "trend",
            "mention",
            [(self._trend, rows)],
            more=lambda mention: {"voice": voices[mention.pk]},
        )

    def _stays(self, row: models.Model) -> bool:
        """Tell whether a saved row is not to be changed, though the file describes it."""
        return False

    def _match_mentions(self) -> list[Mention | None]:
        """Return the saved mention for each one of the file, or None for a new one.

        A mention is identified by its expert and words. If no saved one has these, it is the one
        with the key that the file gives, and its words change.
        """
        rows = [entry.row for entry in self._document.mentions]
        if not rows:
            return []
        there = _mentions.fetch(
            experts={row.expert_id for row in rows}, digests=[row.words_digest for row in rows]
        )
        by_words = {(mention.expert_id, mention.words_digest): mention for mention in there}
        matches = [by_words.get((row.expert_id, row.words_digest)) for row in rows]
        if given := self._document.given_keys.get(Mention):
            matched = {match.pk for match in matches if match}
            by_key = {
                mention.key: mention
                for mention in Mention.objects.filter(key__in=given).exclude(pk__in=matched)
            }
            matches = [
                match or (by_key.get(row.key) if row.key in given else None)
                for row, match in zip(rows, matches, strict=True)
            ]
        return matches

    def _settle_mention_keys(self, matches: Sequence[Mention | None]) -> None:
        """Make the permanent keys of the file's mentions unique in the table."""
        rows = [entry.row for entry in self._document.mentions]
        pairs = list(zip(rows, matches, strict=True))
        if all(match and match.key == row.key for row, match in pairs):
            return
        given = self._document.given_keys[Mention]
        others = Mention.objects.exclude(pk__in=[match.pk for match in matches if match])
        # A key in the file may belong to a mention that is removed from this trend, which then gets
        # another one. The loader has refused keys of other mentions. A derived key gets a number if
        # it is taken.
        for mention in others.filter(key__in=given).select_related("expert"):
            derived = mention.derived_key()
            taken = {mention.key, *taken_keys(Mention.objects.all(), [derived, derived])}
            mention.key = numbered([""], [derived], taken)[0]
            mention.save()
        derived = [row.key for row in rows if row.key not in given]
        taken = taken_keys(others, derived)
        keys = numbered(
            [row.key if row.key in given else "" for row in rows],
            [row.key for row in rows],
            taken,
        )
        for row, key in zip(rows, keys, strict=True):
            row.key = key
        self._free_keys(pairs)

    # Rows of this trend alone

    def _write_cited(
        self,
        model: type[_Part],
        sources: ManyToManyDescriptor[Source, Any],  # Any: see `_sync_citations()`
        cited: Sequence[Cited[_Part]],
    ) -> None:
        rows = self._sync_children(model, [item.row for item in cited])
        self._sync_citations(
            sources, [(row, item.sources) for row, item in zip(rows, cited, strict=True)]
        )

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
        if leaving:
            model._default_manager.filter(pk__in=leaving).delete()
        names = [*own_columns(model), *_relations(model)]
        result, new = [], []
        for row in wanted:
            saved = before.get(getattr(row, identity))
            if isinstance(saved, TimelineEntry) and isinstance(row, TimelineEntry):
                row.remember_outcomes_of(saved)
            if saved:
                self.changed |= update(saved, row, names)
            else:
                row.trend = self._trend
                new.append(row)
            result.append(saved or row)
        model._default_manager.bulk_create(new)
        self._new.update(new)
        self.changed |= bool(leaving or new)
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
                TimelineEntry.objects.filter(pk__in=pks).delete()
                for row in rows:
                    row.pk, row._state.adding = None, True
                TimelineEntry.objects.bulk_create(rows)
                self.changed = True

    def _free_keys(self, pairs: Sequence[tuple[KeyedModel, KeyedModel | None]]) -> None:
        """Set temporary keys on saved mentions whose key another mention of the file gets."""
        wanted = {row.key for row, _match in pairs}
        for row, match in pairs:
            if match and match.key != row.key and match.key in wanted:
                # Random, and replaced by the row's new key directly afterwards.
                type(match).objects.filter(pk=match.pk).update(key=secrets.token_hex(20))

    def _note_lost(
        self, model: type[KeyedModel], before: Iterable[str], after: Iterable[str]
    ) -> None:
        after = set(after)
        lost = [key for key in before if key not in after]
        self.notices += lost_keys(self._file, self._trend, model.anchor_kind, lost)

    def _sync_links(
        self,
        through: type[models.Model],
        owner: str,
        target: str,
        wanted: Sequence[tuple[models.Model, Sequence[models.Model]]],
        more: Callable[[models.Model], dict[str, object]] = lambda target: {},
    ) -> None:
        """Make the ordered links of several rows equal to the targets given for each.

        `more(target)` returns further values of the link to a target.
        """
        owners = [row.pk for row, _targets in wanted if row not in self._new]
        links = _links.fetch(through, owner, owners=owners) if owners else []
        before = {
            (getattr(link, f"{owner}_id"), getattr(link, f"{target}_id")): link for link in links
        }
        new = []
        for row, targets in wanted:
            for order, linked in enumerate(targets):
                values = {"order": order, **more(linked)}
                link = before.pop((row.pk, linked.pk), None)
                if link is None:
                    new.append(through(**{owner: row, target: linked}, **values))
                else:
                    self.changed |= update(link, through(**values), values)
        if before:
            leaving = [link.pk for link in before.values()]
            through._default_manager.filter(pk__in=leaving).delete()
        through._default_manager.bulk_create(new)
        self.changed |= bool(before or new)

    def _sync_citations(
        self,
        # Any: Django makes the model of the links, a different one for each relation.
        sources: ManyToManyDescriptor[Source, Any],
        wanted: Sequence[tuple[models.Model, list[str]]],
    ) -> None:
        """Make the sources of several rows equal to the source keys given for each, in order."""
        through: Any = sources.through
        owner = sources.field.m2m_field_name()
        before = defaultdict(list)
        owners = [row.pk for row, _keys in wanted if row not in self._new]
        for link in _citations.fetch(through, owner, owners=owners) if owners else []:
            before[getattr(link, f"{owner}_id")].append(link)
        leaving, new = [], []
        for row, keys in wanted:
            links = before[row.pk]
            cited = [self._sources[key].pk for key in keys]
            # Citations are ordered by the primary keys of links, so links from the first difference
            # on are created again.
            same = 0
            for link, source_pk in zip(links, cited, strict=False):
                if link.source_id != source_pk:
                    break
                same += 1
            leaving += [link.pk for link in links[same:]]
            new += [through(**{f"{owner}_id": row.pk, "source_id": pk}) for pk in cited[same:]]
        if leaving:
            through.objects.filter(pk__in=leaving).delete()
        through.objects.bulk_create(new)
        self.changed |= bool(leaving or new)


class EvidenceWriter(TrendWriter):
    """Write a document of evidence that belongs to no trend. Nothing is removed.

    Saved rows that `leave_out` names, by model and name, stay as they are.
    """

    def __init__(
        self,
        document: EvidenceDocument,
        known: Known,
        leave_out: Collection[tuple[type[models.Model], str]],
    ) -> None:
        super().__init__(document, known)
        self._leave_out = leave_out

    def write_evidence(self) -> list[Source | Video | Mention]:
        """Write the rows and return all that the file describes, saved."""
        sources = self._write_sources()
        self._sources = sources
        mentions = self._write_mentions()
        videos = [(video.platform, video.video_id) for video, _image in self._document.videos()]
        found = Video.objects.filter(video_id__in=[video_id for _platform, video_id in videos])
        return [
            *sources.values(),
            *(video for video in found if (video.platform, video.video_id) in videos),
            *mentions.values(),
        ]

    def _show_mentions(self, rows: Sequence[Mention]) -> None:
        """Show them nowhere."""

    def _stays(self, row: models.Model) -> bool:
        return bool(row.pk) and (type(row), name_of(row)) in self._leave_out


def _free_key(key: str, also_taken: Iterable[str]) -> str:
    """Return the first of key-2, key-3 … that no source has and that is not in `also_taken`."""
    stem = key[: SLUG_LENGTH - 6]
    taken = {
        *Source.objects.filter(key__startswith=f"{stem}-").values_list("key", flat=True),
        *also_taken,
    }
    return free_slug(stem, {stem, *taken})
