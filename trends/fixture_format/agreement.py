"""Checking whether the documents of a run agree with each other and with saved rows."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from quotes.models import Mention
from trends.editing.rules import leads_to
from trends.fixture_format.file_contents import (
    EvidenceDocument,
    SluggedRow,
    SlugReference,
    TrendDocument,
)
from trends.fixture_format.nodes import Mistake, Node
from trends.fixture_format.notices import line_of
from trends.fixture_format.row_writer import own_columns
from trends.models import Trend
from trendsite.shared.former_slugs import former_rows
from trendsite.shared.permanent_keys import key_of_words
from trendsite.shared.web_addresses import comparable


class Agreement:
    """Collects what documents of a run say, and adds a mistake for each contradiction.

    `formerly` maps former slugs to present ones, `named` slugs to the place that defines them.
    """

    def __init__(self) -> None:
        self.named: dict[tuple[type[models.Model], str], str] = {}
        self.formerly: dict[tuple[type[SluggedRow], str], str] = {}
        self._described: dict[int, tuple[int, str, int]] = {}
        self._successors: dict[str, list[tuple[str, str, int, str]]] = {}

    def check_once(self, model: type[models.Model], slug: str, node: Node) -> bool:
        """Report a slug that two documents define. Naming one file twice is allowed."""
        here = line_of(node.file, node.line)
        if not slug or self.named.setdefault((model, slug), here) == here:
            return True
        node.mistake(
            _("“%(slug)s” is already in %(place)s")
            % {"slug": slug, "place": self.named[model, slug]}
        )
        return False

    def check_formerly(
        self, model: type[SluggedRow], formerly: dict[str, list[SlugReference]]
    ) -> None:
        """Report former slugs that belong to another row, now or formerly."""
        references = [
            (slug, former)
            for slug in formerly
            for former in formerly[slug]
            if former.slug != slug and self.check_once(model, former.slug, former.node)
        ]
        if not references:
            return
        for slug, former in references:
            self.formerly.setdefault((model, former.slug), slug)
        slugs = [*formerly, *(former.slug for _slug, former in references)]
        pks = dict(model._default_manager.filter(slug__in=slugs).values_list("slug", "pk"))
        found = former_rows(model, [former.slug for _slug, former in references])
        for slug, former in references:
            pk = pks.get(slug)
            if former.slug in pks and pk is not None:
                former.node.mistake(_("“%(slug)s” is in use by another") % {"slug": former.slug})
            elif former.slug in pks:
                # This row is renamed, which a second row with a former slug would prevent.
                pks[slug] = pk = pks[former.slug]
            if found.get(former.slug, pk) != pk:
                former.node.mistake(
                    _("“%(slug)s” is a former slug of another") % {"slug": former.slug}
                )

    def check_shared(self, document: EvidenceDocument) -> None:
        """Report sources, videos and mentions that two files of the run describe differently."""
        for key, source in document.sources.items():
            values = [getattr(source, name) for name in own_columns(type(source), "key", "url")]
            page = comparable(source.url)
            self._check_described(("source", page), values, document.source_nodes[key])
        for entry in document.mentions:
            video = None
            if entry.video and entry.video_node:
                video = ("video", entry.video.platform, entry.video.video_id)
                values = [
                    *(getattr(entry.video, name) for name in ("title", "channel", "date")),
                    entry.thumbnail and entry.thumbnail.digest,
                ]
                self._check_described(video, values, entry.video_node)
            cited = document.sources.get(entry.source)
            identity = ("mention", entry.expert.slug, entry.row.words_digest)
            key = entry.row.key
            values = [
                *(getattr(entry.row, name) for name in own_columns(Mention, "key")),
                key
                if key in document.given_keys[Mention]
                else key_of_words(entry.expert.slug, entry.row.original),
                video,
                cited and comparable(cited.url),
                [tag.slug for tag in entry.tags],
            ]
            self._check_described(identity, values, entry.node)
        if not document.restoration:
            entries = {entry.row.key: entry for entry in document.mentions}
            for key, node in document.given_keys[Mention].items():
                entry = entries[key]
                self._check_described(("key", key), [entry.expert.slug, entry.row.original], node)

    def check_mention_keys(self, document: EvidenceDocument) -> None:
        """Report permanent keys that belong to a quotation on other trends only.

        A file may give the key of a quotation on its own trend, which changes the words of that.
        """
        given = document.given_keys[Mention]
        if not given or document.restoration:
            return
        known = {(entry.expert.slug, entry.row.words_digest) for entry in document.mentions}
        elsewhere = Trend.objects.filter(mentions=OuterRef("pk"))
        here = elsewhere.filter(slug__in=document.slugs())
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

    def note_successors(self, document: TrendDocument) -> None:
        """Note which trends replace a trend, for `circles()`."""
        self._successors[document.trend.slug] = [
            (item.slug, item.node.file, item.node.line, item.node.path)
            for item in document.successors
        ]

    def circles(self) -> Iterable[Mistake]:
        """Yield a mistake for each successor that leads back to its trend, in files or rows."""
        if not any(self._successors.values()):
            return
        through: Any = Trend.successors.through
        links = through.objects.values_list("from_trend__slug", "to_trend__slug")
        following: dict[str, Collection[str]] = {}
        for slug, other in links:
            following[slug] = {*following.get(slug, ()), other}
        following |= {
            slug: {other for other, *_place in others} for slug, others in self._successors.items()
        }
        for slug, others in self._successors.items():
            for other, file, line, path in others:
                # The reader of the file reports a trend that is its own successor.
                if other != slug and leads_to(other, slug, following):
                    message = _("“%(slug)s” is itself replaced by this trend") % {"slug": other}
                    yield Mistake(file, line, path, message)

    # Any: the values of columns of any kind.
    def _check_described(self, identity: tuple[str, ...], values: list[Any], node: Node) -> None:
        # Hashes keep the memory of a large run small.
        key, value = hash(identity), hash(str(values))
        before, file, line = self._described.setdefault(key, (value, node.file, node.line))
        if before != value:
            node.mistake(
                _("%(place)s describes this differently; the two must match")
                % {"place": line_of(file, line)}
            )
