"""Loading files: reading them, checking them against each other, writing what differs.

A `Run` is one call of loaddata. All files are read and checked before the first row is written, so
that their order does not matter.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.db import DataError, IntegrityError, models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quotes.models import Mention, Source, Video
from trends.editing.rules import lock_successors
from trends.fixture_format.agreement import Agreement
from trends.fixture_format.evidence_writer import EvidenceWriter
from trends.fixture_format.file_contents import (
    EvidenceDocument,
    Restoration,
    SluggedRow,
    SlugReference,
    TrendDocument,
    VocabularyEntry,
)
from trends.fixture_format.known_rows import VOCABULARY, KnownRows, unknown_slug
from trends.fixture_format.nodes import (
    MOST_EXPLAINED,
    BrokenFileError,
    Mistake,
    Node,
    documents,
)
from trends.fixture_format.notices import line_of, notices_of_evidence, notices_of_trend
from trends.fixture_format.row_formats import TREND
from trends.fixture_format.schema import (
    EVIDENCE_KEYS,
    VOCABULARY_KEYS,
    read_evidence,
    read_trend,
    read_vocabulary,
)
from trends.fixture_format.spill import Spill
from trends.fixture_format.trend_writer import TrendWriter
from trends.models import Trend, TrendMention
from trends.queries.inserting import create
from trends.search.index import index_trends
from trendsite.shared.web_addresses import comparable
from trendsite.shared.writes import Action, Write

_TRENDS_AT_ONCE = 10

MOST_MISTAKES = 50
"""The most mistakes to report. Further ones of a file that is wrong throughout add nothing."""


@dataclass(frozen=True)
class FixtureFile:
    """A file of a run, or a stream.

    `shown` is its name in messages, `folder` the folder of its images. `path` is None if the
    content cannot be read again.
    """

    shown: str
    folder: Path | None = None
    path: Path | None = None


@dataclass(frozen=True)
class WrittenTrend:
    """A written trend of a run, with the slugs of the trends to which its file links."""

    pk: int
    is_new: bool
    is_changed: bool
    related: list[str]
    successors: list[str]


class Run:
    """One call of loaddata.

    Args:
        write: the write on which `finish()` records what is done to trends, tags, audiences and
            experts, and to evidence that belongs to no trend.
        restoration: makes the only document of the run a version of a trend.
        check_only: nothing is written.
        leave_out: rows that are not changed, by model and name, although the files describe them.

    `mistakes` has those of all files. `notices` are shown if the run succeeds, `warnings` in any
    case. `rows` are the rows that the files describe.
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
        self._cut: list[Mistake] = []
        self.agreement = Agreement()
        self.vocabulary = KnownRows()
        self.entries: list[list[VocabularyEntry]] = []
        self.spill: Spill[TrendDocument] = Spill()
        self.evidence: Spill[EvidenceDocument] = Spill()
        self._renamed: list[tuple[str, list[SlugReference]]] = []
        self.holds_rows = False
        """Whether a file holds rows in Django's own format, which are not of this run."""
        self._finished = False

    def load(self, content: bytes, file: FixtureFile) -> None:
        """Read the documents of a file."""
        is_empty = True
        try:
            for raw in documents(content, file.shown, self._cut):
                node = Node(raw, file.shown, "", [])
                if not node.is_empty:
                    is_empty = False
                    self._read(node, file.folder)
        except BrokenFileError as error:
            self.mistakes += error.mistakes
        else:
            if is_empty:
                self.mistakes.append(Mistake(file.shown, 0, "", _("the file is empty")))

    def finish(self) -> None:
        """Check what was read and, without `check_only`, write it.

        Raises CommandError with the mistakes of all files.
        """
        if self._finished:
            return
        self._finished = True
        self._check()
        if self.mistakes:
            raise CommandError("\n".join(_lines(self.mistakes)))
        if not self.check_only:
            self.write_vocabulary(self._write)
            documents = (
                document
                for document in self.documents()
                if (Trend, document.trend.slug) not in self._leave_out
            )
            written = []
            while batch := list(islice(documents, _TRENDS_AT_ONCE)):
                written += self.write_trends(batch, self._write)
            self.link(written, self._write)
            self.write_evidence(self._write)

    @property
    def warnings(self) -> list[str]:
        """Return messages on what is valid but probably unintended."""
        warnings = sorted(set(self._cut) - set(self.mistakes))
        return [str(warning) for warning in warnings[:MOST_MISTAKES]]

    # Reading

    def _read(self, node: Node, folder: Path | None) -> None:
        if _is_vocabulary(node):
            entries = read_vocabulary(node)
            for entry in entries:
                self.agreement.check_once(type(entry.row), entry.row.slug, entry.node)
            self.entries.append(entries)
        elif node.key_names() and node.key_names() <= set(EVIDENCE_KEYS):
            evidence = read_evidence(node, folder)
            self.agreement.check_shared(evidence)
            self.notices += notices_of_evidence(evidence)
            self.evidence.append(evidence)
        else:
            document = read_trend(node, folder)
            document.restoration = self._restoration
            self.agreement.check_once(Trend, document.trend.slug, document.node)
            self.agreement.check_shared(document)
            self.notices += notices_of_trend(document)
            document.restoration = None  # not pickled: `opened()` sets it again
            self.spill.append(document)
            if document.formerly:
                self._renamed.append((document.trend.slug, document.formerly))
        self.mistakes += node.mistakes

    # Checking what needs all files

    def _check(self) -> None:
        for entries in self.entries:
            for model in VOCABULARY:
                former = {e.row.slug: e.formerly for e in entries if type(e.row) is model}
                self.agreement.check_formerly(model, former)
            mistakes = [mistake for entry in entries for mistake in entry.node.mistakes]
            self.mistakes += mistakes
            if not mistakes:
                self.vocabulary.know(entries)
        for slug, formerly in self._renamed:
            self.agreement.check_formerly(Trend, {slug: formerly})
            self.mistakes += formerly[0].node.mistakes
        if not (len(self.spill) or len(self.evidence)):
            return
        slugs = self._slugs_of_trends()
        for document in self.documents():
            self._check_links(document, slugs)
            self._check_document(document)
        for evidence in self.evidence.documents():
            self._check_document(evidence)
        self.mistakes += self.agreement.circles()

    def _slugs_of_trends(self) -> set[str]:
        """Return the slugs that trends have after the run. One query."""
        slugs = set(Trend.objects.values_list("slug", flat=True))
        # A trend whose file has mistakes counts as known.
        slugs.update(slug for model, slug in self.agreement.named if model is Trend)
        slugs.difference_update(slug for model, slug in self.agreement.formerly if model is Trend)
        return slugs

    def _check_document(self, document: EvidenceDocument) -> None:
        """Check a document against saved rows."""
        for reference, model in self.vocabulary.missing(document):
            message, known = _("“%(slug)s” is unknown"), self.vocabulary.known(model)
            self._report_unknown(reference, model, message, known)
        self.agreement.check_mention_keys(document)
        self.mistakes += document.node.mistakes

    def _check_links(self, document: TrendDocument, slugs: set[str]) -> None:
        """Check the links of a trend to others against the slugs of all trends."""
        for reference in [*document.related, *document.successors]:
            if reference.slug not in slugs:
                message = _("there is no trend “%(slug)s”")
                self._report_unknown(reference, Trend, message, slugs)
        self.agreement.note_successors(document)

    def _report_unknown(
        self,
        reference: SlugReference,
        model: type[SluggedRow],
        message: str,
        known: Iterable[str],
    ) -> None:
        """Add the mistake that a reference leads nowhere.

        What was meant takes a query and long comparisons, so it is said of the first ones only.
        """
        node, slug = reference.node, reference.slug
        if len(self.mistakes) + len(node.mistakes) < MOST_EXPLAINED:
            now = self.agreement.formerly.get((model, slug))
            node.mistake(unknown_slug(model, slug, now, message, sorted(known)))
        else:
            node.mistake(message % {"slug": slug})

    # Writing

    def documents(self) -> Iterator[TrendDocument]:
        """Yield new copies of the documents of the run."""
        return map(self.opened, self.spill.pickled())

    def opened(self, pickled: bytes) -> TrendDocument:
        """Return a pickled document of the spill."""
        document = self.spill.opened(pickled)
        document.restoration = self._restoration
        return document

    def write_vocabulary(self, write: Write | None) -> None:
        """Write the tags, audiences and experts of all files."""
        self.vocabulary.forget()
        for entries in self.entries:
            wanted = [e for e in entries if (type(e.row), e.row.slug) not in self._leave_out]
            if wanted:
                file = wanted[0].node.file
                with self._refusals_at(file):
                    pks, notices = self.vocabulary.write(file, wanted, write)
                for model in pks:
                    self.rows[model] |= pks[model]
                self.notices += notices

    def write_trends(
        self, documents: Sequence[TrendDocument], write: Write | None
    ) -> list[WrittenTrend]:
        """Write trends, without their links to others.

        Raises CommandError if a tag, an audience or an expert was renamed or deleted since the run
        was checked.
        """
        if write:
            slugs = {slug for document in documents for slug in document.slugs()}
            write.announce(Trend.objects.filter(slug__in=slugs))
        written = [self._write_trend(document, write) for document in documents]
        # Rows written in bulk send no signal, and mentions may be on other trends as well.
        changed = {trend.pk for trend in written if trend.is_changed}
        sharing = TrendMention.objects.filter(mention__trend_mentions__trend__in=changed)
        index_trends({*changed, *sharing.order_by().values_list("trend", flat=True).distinct()})
        return written

    def write_evidence(self, write: Write | None) -> None:
        """Write the evidence that belongs to no trend, after all trends. Raises CommandError."""
        for document in self.evidence.documents():
            self._check_vocabulary(document)
            writer = EvidenceWriter(document, self.vocabulary, leave_out=self._leave_out)
            there = _saved_evidence(document)
            if write:
                write.announce(there)
            known = {(type(row), row.pk) for row in there}
            for row in writer.write():
                self.rows[type(row)].add(row.pk)
                self._record(write, row, is_new=(type(row), row.pk) not in known)
            self.notices += writer.notices

    def _check_vocabulary(self, document: EvidenceDocument) -> None:
        for reference, _model in self.vocabulary.missing(document):
            place = line_of(reference.node.file, reference.node.line)
            raise CommandError(
                _("%(place)s: “%(slug)s” was renamed or deleted meanwhile; load again")
                % {"place": place, "slug": reference.slug}
            )

    def _write_trend(self, document: TrendDocument, write: Write | None) -> WrittenTrend:
        self._check_vocabulary(document)
        writer = TrendWriter(document, self.vocabulary)
        with self._refusals_at(document.node.file, document.node.line):
            trend = writer.write()
        self.rows[Trend].add(trend.pk)
        if writer.is_changed:
            self._record(write, trend, is_new=writer.is_new)
        self.notices += writer.notices
        return WrittenTrend(
            trend.pk,
            writer.is_new,
            writer.is_changed,
            [reference.slug for reference in document.related],
            [reference.slug for reference in document.successors],
        )

    def link(self, trends: Collection[WrittenTrend], write: Write | None) -> list[WrittenTrend]:
        """Set the links of trends to others as in their files.

        Returns the trends with links to trends that do not exist yet. Up to seven queries, and four
        for each saved trend whose links change.
        """
        slugs = {slug for trend in trends for slug in [*trend.related, *trend.successors]}
        pks = dict(Trend.objects.filter(slug__in=slugs).values_list("slug", "pk"))
        if any(trend.successors for trend in trends):
            lock_successors()
            if circles := list(self.agreement.circles()):
                raise CommandError("\n".join(_lines(circles)))
        # Any: Django makes the models of the links.
        models_of_links: tuple[tuple[Any, str], ...] = (
            (Trend.related.through, "related"),
            (Trend.successors.through, "successors"),
        )
        for through, name in models_of_links:
            before = _linked(through, [trend.pk for trend in trends])
            new = []
            for trend in trends:
                wanted = {pks[slug] for slug in getattr(trend, name) if slug in pks}
                if wanted == before[trend.pk]:
                    continue
                if leaving := before[trend.pk] - wanted:
                    links = through.objects.filter(from_trend=trend.pk)
                    links.filter(to_trend__in=leaving).delete()
                new += [
                    through(from_trend_id=trend.pk, to_trend_id=pk)
                    for pk in sorted(wanted - before[trend.pk])
                ]
                if not trend.is_new:  # the links of a new trend are part of its first version
                    Trend.objects.filter(pk=trend.pk).update(
                        updated_at=timezone.now(), version=F("version") + 1
                    )
                    self._record(write, Trend.objects.get(pk=trend.pk), is_new=False)
            create(through, new)
        return [trend for trend in trends if not pks.keys() >= {*trend.related, *trend.successors}]

    @contextmanager
    def _refusals_at(self, file: str, line: int = 0) -> Iterator[None]:
        """Raise CommandError with the place if the database refuses a row of the block.

        What files say was checked: the row collides with one that was saved since.
        """
        try:
            yield
        except (DataError, IntegrityError) as error:
            message = _("the database refuses a row of it: %(error)s") % {
                "error": " ".join(str(error).split())
            }
            self.mistakes.append(Mistake(file, line, "", message))
            raise CommandError("\n".join(_lines(self.mistakes))) from error

    def _record(self, write: Write | None, row: models.Model, *, is_new: bool) -> None:
        if write and self._restoration:
            write.record(self._restoration.action, row)
        elif write:
            write.record(Action.ADDED if is_new else Action.CHANGED, row)


def _lines(mistakes: Iterable[Mistake]) -> Iterator[str]:
    """Yield the lines of mistakes, at most `MOST_MISTAKES`."""
    ordered = sorted(set(mistakes))
    yield _("Nothing was loaded.")
    yield from map(str, ordered[:MOST_MISTAKES])
    if (more := len(ordered) - MOST_MISTAKES) > 0:
        text = ngettext("… and %(count)d mistake more", "… and %(count)d mistakes more", more)
        yield text % {"count": more}


def _linked(through: type[models.Model], pks: Iterable[int]) -> dict[int, set[int]]:
    """Return the primary keys of the trends to which some trends link. One query."""
    links = through._default_manager.filter(from_trend__in=list(pks))
    linked = defaultdict(set)
    for trend_pk, other_pk in links.values_list("from_trend_id", "to_trend_id"):
        linked[trend_pk].add(other_pk)
    return linked


def _saved_evidence(document: EvidenceDocument) -> list[models.Model]:
    """Return the saved rows that a file of evidence describes, and some of like names."""
    videos = [video.video_id for video, _image in document.videos()]
    words = [entry.row.words_digest for entry in document.mentions]
    keys = [entry.row.key for entry in document.mentions]
    pages = [comparable(source.url) for source in document.sources.values()]
    return [
        *Source.objects.filter(compared_url__in=pages),
        *Video.objects.filter(video_id__in=videos),
        *Mention.objects.filter(Q(words_digest__in=words) | Q(key__in=keys)),
    ]


def _is_vocabulary(node: Node) -> bool:
    """Return whether a document has tags, audiences or experts, and no trend."""
    keys = node.key_names()
    only_of_trends = set(TREND.keys) - set(VOCABULARY_KEYS)
    return bool(keys & set(VOCABULARY_KEYS)) and not keys & only_of_trends
