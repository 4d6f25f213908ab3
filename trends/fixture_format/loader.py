"""Load fixture files: read them, check them against each other, write what differs.

A `Run` is one call of loaddata. Files may come in any order, so a trend that refers to rows
not yet saved is read again at the end of the run.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.core.management import CommandError
from django.db import models
from django.db.models import Exists, F, OuterRef, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quotes.models import Expert, Mention
from trends.editing.rules import leads_to
from trends.fixture_format.file_contents import (
    Restoration,
    SluggedRow,
    SlugReference,
    TrendDocument,
    VocabularyEntry,
    VocabularyRow,
)
from trends.fixture_format.nodes import BrokenFileError, Mistake, Node, documents, suggestion
from trends.fixture_format.notices import line_of, notices_of, slugs_let_go, taken_slug
from trends.fixture_format.row_formats import TREND
from trends.fixture_format.schema import VOCABULARY_KEYS, read_trend, read_vocabulary
from trends.fixture_format.writer import TrendWriter, own_columns, update
from trends.models import Audience, Trend
from trendsite.shared.former_slugs import former_rows, keep_only, present_slug
from trendsite.shared.look_alikes import plain_labels
from trendsite.shared.models import Tag
from trendsite.shared.permanent_keys import key_of_words
from trendsite.shared.web_addresses import comparable
from trendsite.shared.writes import Action, Write

MOST_MISTAKES = 50
"""As many are told; a file that is wrong throughout says no more by its thousandth."""

_VocabularyRow = TypeVar("_VocabularyRow", bound=VocabularyRow)


@dataclass(frozen=True)
class FixtureFile:
    """A file of a run, or a stream.

    `shown` is its name in messages, `folder` the place of its images, and `path` is None where
    the content cannot be read again.
    """

    shown: str
    folder: Path | None = None
    path: Path | None = None


class Run:
    """One call of loaddata.

    Records on `write`, if there is one, what is done to trends, tags, audiences and experts. With
    a `restoration`, the one document of the run is a version of a trend. `mistakes` collects those
    of all files. `notices` are told when the run has succeeded, `warnings` in any case; `rows` are
    those that the files describe. With `check_only` nothing is written. `leave_out` names rows
    that stay as they are, by model and slug, though the files describe them.
    """

    def __init__(
        self,
        write: Write | None = None,
        restoration: Restoration | None = None,
        *,
        check_only: bool = False,
        leave_out: Collection[tuple[type[models.Model], str]] = (),
    ) -> None:
        self._write = write
        self._restoration = restoration
        self.check_only = check_only
        self._leave_out = leave_out
        self.mistakes: list[Mistake] = []
        self.notices: list[str] = []
        self.rows: defaultdict[type[models.Model], set[int]] = defaultdict(set)
        self._labels: dict[type[models.Model], dict[tuple[str, str], str]] = {}
        self._cut: list[Mistake] = []
        self._waiting: list[tuple[FixtureFile, bytes, set[int]]] = []
        self._links: list[_Links] = []
        self._named: dict[tuple[type[models.Model], str], str] = {}
        self._described: dict[int, tuple[int, str, int]] = {}
        # Any: the rows are of the model that is the key.
        self._slugs: dict[type[models.Model], dict[str, Any]] = {}
        # The present slug for each former one, and the first place of each slug, in this run.
        self._formerly: dict[tuple[type[SluggedRow], str], str] = {}
        self._referenced: dict[tuple[type[SluggedRow], str], tuple[str, int, str]] = {}
        self._finished = False

    def load(self, content: bytes, file: FixtureFile) -> None:
        """Load a file's documents; those that refer to unknown rows wait for `finish()`."""
        if waiting := self._load(content, file):
            # Keep the content of a stream only: a file can be read again.
            self._waiting.append((file, b"" if file.path else content, waiting))

    def finish(self) -> None:
        """Load the documents that waited. Raises CommandError with all mistakes of all files."""
        if self._finished:
            return
        self._finished = True
        for file, content, numbers in self._waiting:
            self._load(file.path.read_bytes() if file.path else content, file, numbers)
        self._link_trends()
        if not self.mistakes:
            return
        mistakes = sorted(set(self.mistakes))
        lines = [_("Nothing was loaded."), *map(str, mistakes[:MOST_MISTAKES])]
        if (more := len(mistakes) - MOST_MISTAKES) > 0:
            lines.append(
                ngettext("… and %(count)d mistake more", "… and %(count)d mistakes more", more)
                % {"count": more}
            )
        raise CommandError("\n".join(lines))

    @property
    def warnings(self) -> list[str]:
        """What is no mistake, but was hardly meant so."""
        warnings = sorted(set(self._cut) - set(self.mistakes))
        return [str(warning) for warning in warnings[:MOST_MISTAKES]]

    def _load(self, content: bytes, file: FixtureFile, waited: set[int] | None = None) -> set[int]:
        """Load the documents of a file and return the numbers of those that have to wait.

        `waited` are the numbers of documents that waited before: these alone are loaded, and
        do not wait again.
        """
        waiting = set()
        is_empty = True
        try:
            for number, raw in enumerate(documents(content, file.shown, self._cut)):
                node = Node(raw, file.shown, "", [])
                is_empty &= node.is_empty
                if node.is_empty or (waited is not None and number not in waited):
                    continue
                if not self._load_document(node, file.folder, may_wait=waited is None):
                    waiting.add(number)
        except BrokenFileError as error:
            self.mistakes += error.mistakes
        else:
            if is_empty:
                self.mistakes.append(Mistake(file.shown, 0, "", _("the file is empty")))
        return waiting

    def _load_document(self, node: Node, folder: Path | None, *, may_wait: bool) -> bool:
        """Load one document. Returns False if it has to wait for others."""
        if _is_vocabulary(node):
            self._load_vocabulary(node)
        elif not self._load_trend(read_trend(node, folder), node, may_wait=may_wait):
            return False
        self.mistakes += node.mistakes
        return True

    def _load_vocabulary(self, node: Node) -> None:
        entries = read_vocabulary(node)
        for entry in entries:
            self._check_once(type(entry.row), entry.row.slug, entry.node)
        for model in (Tag, Audience, Expert):
            self._check_formerly(
                model, {e.row.slug: e.formerly for e in entries if type(e.row) is model}
            )
        if not node.mistakes and self.check_only:
            self._know(entries)
        elif not node.mistakes:
            wanted = [e for e in entries if (type(e.row), e.row.slug) not in self._leave_out]
            self._write_vocabulary(node.file, wanted)

    def _load_trend(self, document: TrendDocument, node: Node, *, may_wait: bool) -> bool:
        document.restoration = self._restoration
        missing = self._missing_references(document)
        if missing and may_wait:
            return False
        for reference, model in missing:
            reference.node.mistake(
                self._unknown(model, reference.slug, _("“%(slug)s” is unknown"), self._known(model))
            )
        self._check_once(Trend, document.trend.slug, document.slug_node)
        self._check_formerly(Trend, {document.trend.slug: document.formerly})
        self._check_shared(document)
        self._check_mention_keys(document)
        self.notices += notices_of(document)
        writer: TrendWriter | None = None
        trend: Trend | None = None
        is_left_out = (Trend, document.trend.slug) in self._leave_out
        if not (node.mistakes or self.check_only or is_left_out):
            self._announce(document)
            writer = TrendWriter(document, self._known)
            trend = writer.write()
            self.rows[Trend].add(trend.pk)
            if writer.is_new or writer.changed:
                self._record(trend, is_new=writer.is_new)
            self.notices += writer.notices
        self._links.append(
            _Links(
                trend.pk if trend else None,
                writer is not None and writer.is_new,
                document.trend.slug,
                node.file,
                _places(document.related),
                _places(document.successors),
            )
        )
        return True

    # References to tags, audiences and experts by slug

    def _known(self, model: type[_VocabularyRow]) -> dict[str, _VocabularyRow]:
        if model not in self._slugs:
            self._slugs[model] = {row.slug: row for row in model._default_manager.all()}
        return self._slugs[model]

    def _missing_references(
        self, document: TrendDocument
    ) -> list[tuple[SlugReference, type[VocabularyRow]]]:
        wanted: list[tuple[SlugReference, type[VocabularyRow]]] = [
            *((reference, Tag) for reference in document.tags),
            *((entry.expert, Expert) for entry in document.mentions),
            *((tag, Tag) for entry in document.mentions for tag in entry.tags),
            *((reference, Audience) for reference, _cited in document.implications),
            *((item.expert, Expert) for item in document.timeline if item.expert),
        ]
        for reference, model in wanted:
            node = reference.node
            place = (node.file, node.line, node.path)
            self._referenced.setdefault((model, reference.slug), place)
        return [
            (reference, model)
            for reference, model in wanted
            if reference.slug and reference.slug not in self._known(model)
        ]

    def _unknown(
        self, model: type[SluggedRow], slug: str, message: str, known: Iterable[str]
    ) -> str:
        """Return the message on an unknown slug: its present name, or the one probably meant."""
        now = self._formerly.get((model, slug)) or present_slug(model._default_manager.all(), slug)
        if now:
            return _("“%(slug)s” is now called “%(now)s”") % {"slug": slug, "now": now}
        return message % {"slug": slug} + suggestion(slug, known)

    # Agreement between the documents of a run

    def _check_once(self, model: type[models.Model], slug: str, node: Node) -> bool:
        """Report a slug that two documents define. Naming one file twice is allowed."""
        here = line_of(node.file, node.line)
        if not slug or self._named.setdefault((model, slug), here) == here:
            return True
        node.mistake(
            _("“%(slug)s” is already in %(place)s")
            % {"slug": slug, "place": self._named[model, slug]}
        )
        return False

    def _check_formerly(
        self, model: type[SluggedRow], formerly: dict[str, list[SlugReference]]
    ) -> None:
        """Report former slugs that belong to another row, now or formerly."""
        references = [
            (slug, former)
            for slug in formerly
            for former in formerly[slug]
            if former.slug != slug and self._check_once(model, former.slug, former.node)
        ]
        if not references:
            return
        for slug, former in references:
            self._formerly.setdefault((model, former.slug), slug)
        slugs = [*formerly, *(former.slug for _slug, former in references)]
        pks = dict(model._default_manager.filter(slug__in=slugs).values_list("slug", "pk"))
        found = former_rows(model, [former.slug for _slug, former in references])
        for slug, former in references:
            pk = pks.get(slug)
            if former.slug in pks and pk is not None:
                former.node.mistake(_("“%(slug)s” is in use by another") % {"slug": former.slug})
            elif former.slug in pks:
                # This row gets renamed; a second one with a former slug would be in the way.
                pks[slug] = pk = pks[former.slug]
            if found.get(former.slug, pk) != pk:
                former.node.mistake(
                    _("“%(slug)s” is a former slug of another") % {"slug": former.slug}
                )

    def _check_shared(self, document: TrendDocument) -> None:
        """Report sources, videos and mentions that two files of the run describe differently."""
        for key, source in document.sources.items():
            told = [getattr(source, name) for name in own_columns(type(source), ["key", "url"])]
            page = comparable(source.url)
            self._check_described(("source", page), told, document.source_nodes[key])
        for entry in document.mentions:
            video = None
            if entry.video and entry.video_node:
                video = ("video", entry.video.platform, entry.video.video_id)
                told = [
                    *(getattr(entry.video, name) for name in ("title", "channel", "date")),
                    entry.thumbnail and entry.thumbnail.digest,
                ]
                self._check_described(video, told, entry.video_node)
            cited = document.sources.get(entry.source)
            identity = ("mention", entry.expert.slug, entry.row.words_digest)
            key = entry.row.key
            told = [
                *(getattr(entry.row, name) for name in own_columns(Mention, ["key"])),
                key
                if key in document.given_keys[Mention]
                else key_of_words(entry.expert.slug, entry.row.original),
                video,
                cited and comparable(cited.url),
                [tag.slug for tag in entry.tags],
            ]
            self._check_described(identity, told, entry.node)

    def _check_mention_keys(self, document: TrendDocument) -> None:
        """Report permanent keys that belong to a quotation on other trends only.

        The key of a quotation on this trend may be given: this is how its words change.
        """
        given = document.given_keys[Mention]
        if not given or document.restoration:
            return
        entries = {entry.row.key: entry for entry in document.mentions}
        for key, node in given.items():
            entry = entries[key]
            self._check_described(("key", key), [entry.expert.slug, entry.row.original], node)
        known = {(entry.expert.slug, entry.row.words_digest) for entry in document.mentions}
        elsewhere = Trend.objects.filter(mentions=OuterRef("pk"))
        own = [document.trend.slug, *(reference.slug for reference in document.formerly)]
        here = elsewhere.filter(slug__in=own)
        for mention in (
            Mention.objects.filter(Exists(elsewhere), ~Exists(here), key__in=given)
            .select_related("expert")
            .order_by("pk")
        ):
            if (mention.expert.slug, mention.words_digest) not in known:
                given[mention.key].mistake(
                    _("“%(key)s” is the key of another quotation, of “%(expert)s”")
                    % {"key": mention.key, "expert": mention.expert.slug}
                )

    def _check_described(self, identity: tuple[str, ...], told: list[Any], node: Node) -> None:
        # Hashes keep the memory of a large run small.
        key, value = hash(identity), hash(str(told))
        before, file, line = self._described.setdefault(key, (value, node.file, node.line))
        if before != value:
            node.mistake(
                _("%(place)s describes this differently; the two must match")
                % {"place": line_of(file, line)}
            )

    # Writing

    def _announce(self, document: TrendDocument) -> None:
        """Tell the write that the saved trend of a document is going to change, if it is there."""
        if self._write:
            slugs = [document.trend.slug, *(reference.slug for reference in document.formerly)]
            self._write.announce(Trend.objects.filter(slug__in=slugs))

    def _announce_vocabulary(self, entries: list[VocabularyEntry]) -> None:
        """Tell the write that the saved rows of a vocabulary may change."""
        if not self._write:
            return
        rows: list[models.Model] = []
        for entry in entries:
            known = self._known(type(entry.row))
            slugs = [entry.row.slug, *(former.slug for former in entry.formerly)]
            rows += [known[slug] for slug in slugs if slug in known]
        self._write.announce(rows)

    def _record(self, row: models.Model, *, is_new: bool) -> None:
        if self._write and self._restoration:
            self._write.record(self._restoration.action, row)
        elif self._write:
            self._write.record(Action.ADDED if is_new else Action.CHANGED, row)

    def _notice_look_alikes(self, entry: VocabularyEntry) -> None:
        """Say where a new or changed row has the label of another: probably the same thing."""
        row = entry.row
        field = "name" if isinstance(row, Expert) else "label"
        labels = self._labels.setdefault(type(row), {})
        if not labels:  # built once, when all files before this one are written
            for slug, other in self._known(type(row)).items():
                for label in plain_labels(other, field).items():
                    labels.setdefault(label, slug)
        for label in plain_labels(row, field).items():
            other_slug = labels.setdefault(label, row.slug)
            if other_slug != row.slug:
                self.notices.append(
                    _(
                        "%(place)s: “%(slug)s” is probably the same as “%(other)s”: "
                        "both are “%(label)s”"
                    )
                    % {
                        "place": line_of(entry.node.file, entry.node.line),
                        "slug": row.slug,
                        "other": other_slug,
                        "label": getattr(row, label[0]),
                    }
                )
                return

    def _write_vocabulary(self, file: str, entries: list[VocabularyEntry]) -> None:
        self._announce_vocabulary(entries)
        new: set[models.Model] = set()
        for entry in entries:
            row, former = entry.row, [reference.slug for reference in entry.formerly]
            known = self._known(type(row))
            for slug in former:
                if slug in known:
                    known[row.slug] = known.pop(slug)
                    self._check_not_referenced(type(row), slug)
            if row.slug in known:
                if update(known[row.slug], row, own_columns(type(row), without=["name"])):
                    self._record(known[row.slug], is_new=False)
                    self._notice_look_alikes(entry)
            else:
                taken_from = present_slug(type(row)._default_manager.all(), row.slug)
                row.save()
                new.add(row)
                self._record(row, is_new=True)
                known[row.slug] = row
                self.notices += taken_slug(file, row, taken_from)
                self._notice_look_alikes(entry)
        for model in (Tag, Audience, Expert):
            of_model = [entry for entry in entries if type(entry.row) is model]
            saved = [self._known(model)[entry.row.slug] for entry in of_model]
            prefetch_related_objects(saved, "former_slugs")
            self.rows[model].update(row.pk for row in saved)
            for row, entry in zip(saved, of_model, strict=True):
                former = [reference.slug for reference in entry.formerly]
                added, gone = keep_only(row, former)
                if (added or gone) and row not in new:
                    self._record(row, is_new=False)
                self.notices += slugs_let_go(file, row, gone)

    def _know(self, entries: list[VocabularyEntry]) -> None:
        """Take the rows of a vocabulary as known, without writing them."""
        for entry in entries:
            known = self._known(type(entry.row))
            for reference in entry.formerly:
                if known.pop(reference.slug, None):
                    self._check_not_referenced(type(entry.row), reference.slug)
            known[entry.row.slug] = entry.row

    def _check_not_referenced(self, model: type[SluggedRow], slug: str) -> None:
        """Report a file of the run that refers to a renamed row by its former slug."""
        if place := self._referenced.get((model, slug)):
            file, line, path = place
            self.mistakes.append(Mistake(file, line, path, self._unknown(model, slug, "", ())))

    def _link_trends(self) -> None:
        """Write the links between trends, once all trends are saved."""
        pks = dict(Trend.objects.values_list("slug", "pk"))
        # A trend with mistakes in its own file counts as known.
        known = {*pks, *(slug for model, slug in self._named if model is Trend)}
        known.difference_update(slug for model, slug in self._formerly if model is Trend)
        for links in self._links:
            for slug, path, line in [*links.related, *links.successors]:
                if slug not in known:
                    message = self._unknown(
                        Trend, slug, _("there is no trend “%(slug)s”"), sorted(known)
                    )
                    self.mistakes.append(Mistake(links.file, line, path, message))
        self._check_circles()
        for field, name in ((Trend.related, "related"), (Trend.successors, "successors")):
            before = _linked(field.through)
            for links in self._links:
                wanted = {pks[slug] for slug, *_place in getattr(links, name) if slug in pks}
                if links.pk and wanted != before[links.pk]:
                    _link(field.through, links.pk, before[links.pk], wanted)
                    before[links.pk] = wanted
                    if not links.is_new:  # else the links are part of its first version
                        Trend.objects.filter(pk=links.pk).update(
                            updated_at=timezone.now(), version=F("version") + 1
                        )
                        self._record(Trend.objects.get(pk=links.pk), is_new=False)

    def _check_circles(self) -> None:
        """Report successors that lead back to their trend, through files or saved rows."""
        slugs = dict(Trend.everything.values_list("pk", "slug"))
        following: dict[str, Collection[str]] = {
            slugs[pk]: {slugs[other] for other in others}
            for pk, others in _linked(Trend.successors.through).items()
        }
        for links in self._links:
            following[links.slug] = {slug for slug, *_place in links.successors}
        for links in self._links:
            for slug, path, line in links.successors:
                # The reader of the file reports a trend that succeeds itself.
                if slug != links.slug and leads_to(slug, links.slug, following):
                    message = _("“%(slug)s” is itself replaced by this trend") % {"slug": slug}
                    self.mistakes.append(Mistake(links.file, line, path, message))


@dataclass(frozen=True)
class _Links:
    """The trends to which a file links, as (slug, path, line). `pk` is None if it was not saved."""

    pk: int | None
    is_new: bool
    slug: str
    file: str
    related: list[tuple[str, str, int]]
    successors: list[tuple[str, str, int]]


def _places(references: Iterable[SlugReference]) -> list[tuple[str, str, int]]:
    return [(item.slug, item.node.path, item.node.line) for item in references]


def _linked(through: type[models.Model]) -> dict[int, set[int]]:
    """Return the primary keys of the trends to which each trend links. One query."""
    linked = defaultdict(set)
    for trend_pk, other_pk in through._default_manager.values_list("from_trend_id", "to_trend_id"):
        linked[trend_pk].add(other_pk)
    return linked


def _link(through: type[models.Model], trend_pk: int, before: set[int], wanted: set[int]) -> None:
    through._default_manager.filter(from_trend=trend_pk).exclude(to_trend__in=wanted).delete()
    through._default_manager.bulk_create(
        through(from_trend_id=trend_pk, to_trend_id=pk) for pk in sorted(wanted - before)
    )


def _is_vocabulary(node: Node) -> bool:
    """Return whether a document holds tags, audiences or experts, and no trend."""
    keys = node.key_names()
    only_of_trends = set(TREND.keys) - set(VOCABULARY_KEYS)
    return bool(keys & set(VOCABULARY_KEYS)) and not keys & only_of_trends
