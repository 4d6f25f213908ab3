"""From a fixture's rows to the database: only what differs is written.

A `Run` is one call of loaddata. Files may come in any order, so a trend whose references are
not there yet waits for the end of the run; what is remembered of a file until then is its
name, not its content.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from django.core.management import CommandError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from quotes.models import Expert, Mention
from trends.fixture_format.nodes import Mistake, MistakesFound, Node, parse, suggestion
from trends.fixture_format.schema import (
    VOCABULARY_KEYS,
    Reference,
    TrendDocument,
    VocabularyDocument,
    read_trend,
    read_vocabulary,
)
from trends.fixture_format.writer import TrendWriter, own_columns, update
from trends.models import Audience, Trend
from trendsite.models import Tag


class Run:
    """One call of loaddata: what its files have in common."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self._waiting: list[tuple[Path | None, str, bytes]] = []
        self._related: list[tuple[int, str, list[tuple[str, str, int]]]] = []
        self._trend_files: dict[str, str] = {}
        self._described: dict[tuple, tuple[int, str, int]] = {}
        self._slugs: dict[type[models.Model], dict[str, models.Model]] = {}
        self._finished = False

    def load(self, content: bytes, file: str, folder: Path | None) -> None:
        """Load a file now, or at the end of the run where it must wait for another."""
        self._load(content, file, folder, may_wait=True)

    def finish(self) -> None:
        """Load what waited; raise CommandError with every mistake of every file, if any."""
        if self._finished:
            return
        self._finished = True
        waiting, self._waiting = self._waiting, []
        for folder, file, content in waiting:
            path = folder / Path(file).name if folder and not content else None
            self._load(path.read_bytes() if path else content, file, folder, may_wait=False)
        if not self.mistakes:
            self._write_related()
        if self.mistakes:
            lines = "\n".join(str(mistake) for mistake in sorted(set(self.mistakes)))
            raise CommandError(_("Nothing was loaded.") + "\n" + lines)

    def _load(self, content: bytes, file: str, folder: Path | None, *, may_wait: bool) -> None:
        mistakes: list[Mistake] = []
        try:
            raw = parse(content, file)
        except MistakesFound as error:
            self.mistakes += error.mistakes
            return
        if raw is None:
            self.mistakes.append(Mistake(file, 0, "", _("the file is empty")))
            return
        node = Node(raw, file, "", mistakes)
        keys = {key.text() for key, _value in node.pairs()}
        if "trend" not in keys and keys & set(VOCABULARY_KEYS) and keys <= {*VOCABULARY_KEYS}:
            vocabulary = read_vocabulary(node)
            if not mistakes:
                self._write_vocabulary(vocabulary)
        else:
            mistakes.clear()  # the keys are read again
            document = read_trend(node, folder)
            missing = self._missing_references(document)
            if missing and may_wait:
                # A stream cannot be read twice; a file can, and need not be kept.
                self._waiting.append((folder, file, b"" if folder else content))
                return
            for reference, known in missing:
                reference.node.mistake(
                    _("“%(slug)s” is unknown") % {"slug": reference.slug}
                    + suggestion(reference.slug, known)
                )
            self._check_once(document)
            self._check_shared(document)
            if not mistakes:
                self._write_trend(document)
        self.mistakes += mistakes

    # References: tags, audiences and experts, by slug

    def _known(self, model: type[models.Model]) -> dict[str, models.Model]:
        if model not in self._slugs:
            self._slugs[model] = {row.slug: row for row in model._default_manager.all()}
        return self._slugs[model]

    def _missing_references(self, document: TrendDocument) -> list[tuple[Reference, Iterable[str]]]:
        wanted: list[tuple[Reference, type[models.Model]]] = [
            *((reference, Tag) for reference in document.tags),
            *((entry.expert, Expert) for entry in document.mentions),
            *((tag, Tag) for entry in document.mentions for tag in entry.tags),
            *((reference, Audience) for reference, _cited in document.implications),
        ]
        return [
            (reference, self._known(model).keys())
            for reference, model in wanted
            if reference.slug and reference.slug not in self._known(model)
        ]

    # What several files of a run say of one thing

    def _check_once(self, document: TrendDocument) -> None:
        slug, file = document.trend.slug, document.node.file
        if slug and self._trend_files.setdefault(slug, file) != file:
            document.node.fields(["trend"])["trend"].mistake(
                _("%(file)s holds this trend already") % {"file": self._trend_files[slug]}
            )

    def _check_shared(self, document: TrendDocument) -> None:
        """Sources, videos and mentions belong to no file alone: files must agree on them."""
        described = [
            (("source", source.url), source, ["title", "publisher", "date", "language"], node)
            for source, node in (
                (source, document.source_nodes[key]) for key, source in document.sources.items()
            )
        ]
        for entry in document.mentions:
            described.append(
                (
                    ("mention", entry.expert.slug, entry.row.original),
                    entry.row,
                    own_columns(Mention, without=["original"]),
                    entry.node,
                )
            )
            if entry.video:
                identity = ("video", entry.video.platform, entry.video.video_id)
                described.append((identity, entry.video, ["title", "channel", "date"], entry.node))
        for identity, row, names, node in described:
            told = hash(tuple(str(getattr(row, name)) for name in names))
            before = self._described.setdefault(identity, (told, node.file, node.line))
            if before[0] != told:
                node.mistake(
                    _("%(file)s, line %(line)d, describes this otherwise; make them agree")
                    % {"file": before[1], "line": before[2]}
                )

    # Writing

    def _write_vocabulary(self, document: VocabularyDocument) -> None:
        for row in [*document.tags, *document.audiences, *document.experts]:
            known = self._known(type(row))
            if row.slug in known:
                update(known[row.slug], row, own_columns(type(row), without=["slug", "name"]))
            else:
                row.save()
                known[row.slug] = row

    def _write_trend(self, document: TrendDocument) -> None:
        trend = TrendWriter(document, self._known).write()
        related = [(item.slug, item.node.path, item.node.line) for item in document.related]
        self._related.append((trend.pk, document.node.file, related))

    def _write_related(self) -> None:
        """Links between trends come last, when all the trends are there."""
        pks = dict(Trend.objects.values_list("slug", "pk"))
        through = Trend.related.through
        before = defaultdict(set)
        for trend_pk, related_pk in through.objects.values_list("from_trend_id", "to_trend_id"):
            before[trend_pk].add(related_pk)
        changed = []
        for trend_pk, file, related in self._related:
            for slug, path, line in related:
                if slug not in pks:
                    message = _("there is no trend “%(slug)s”") % {"slug": slug}
                    self.mistakes.append(Mistake(file, line, path, message + suggestion(slug, pks)))
            wanted = {pks[slug] for slug, _path, _line in related if slug in pks}
            if wanted != before[trend_pk]:
                through.objects.filter(from_trend=trend_pk).exclude(to_trend__in=wanted).delete()
                through.objects.bulk_create(
                    through(from_trend_id=trend_pk, to_trend_id=pk)
                    for pk in sorted(wanted - before[trend_pk])
                )
                changed.append(trend_pk)
        Trend.objects.filter(pk__in=changed).update(updated_at=timezone.now())
