"""Versions of trends, which are texts of exports.

A version is restored by the loader, but with the permanent keys of all its rows, so that rows that
have changed since are found.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from quotes.models import Mention, Source, Video
from trends.fixture_format.emitter import emit, read_emitted, with_entries
from trends.fixture_format.exporter import export_each, links_of
from trends.fixture_format.file_contents import Restoration
from trends.fixture_format.loader import FixtureFile, Run
from trends.fixture_format.references import settle_references
from trends.fixture_format.row_formats import TREND
from trends.fixture_format.row_revisions import lost_image
from trends.fixture_format.trend_layout import TREND_LAYOUT
from trends.models import Trend
from trends.queries.citations import trends_citing
from trendsite.shared.former_slugs import free_names, replace_former
from trendsite.shared.permanent_keys import key_of_texts, key_of_words, numbered
from trendsite.shared.revisions.kinds import Document, RevisedKind, VersionText, names_of
from trendsite.shared.revisions.layout import Item
from trendsite.shared.revisions.models import Revision
from trendsite.shared.translated import languages
from trendsite.shared.translations.kept_states import KEPT, restore_states, states_to_keep
from trendsite.shared.writes import Action, Provenance, writing


class TrendKind(RevisedKind):
    """The versions of trends, with everything that is in a trend's file."""

    model = Trend
    layout = TREND_LAYOUT

    def texts(self, pks: Collection[int]) -> dict[int, VersionText]:
        """Return the exports of trends. Queries as `export_trends()`, and one more."""
        trends = list(export_each(Trend.everything.filter(pk__in=pks).order_by("pk")))
        states = states_to_keep(
            (exported.trend.pk, _named_rows(exported.trend)) for exported in trends
        )
        return {
            exported.trend.pk: VersionText(
                exported.yaml,
                names_of(exported.trend),
                {"images": exported.thumbnails, KEPT: states[exported.trend.pk]},
                exported.trend,
            )
            for exported in trends
        }

    def read(self, text: str) -> Document:
        """Parse a text to a document with all rows' keys, and with lists of points and sources."""
        document = read_emitted(text)
        _give_keys(document.get("drivers", []), _key_of("heading"))
        _give_keys(document.get("timeline", []), _key_of("text"))
        _give_keys(
            document.get("mentions", []),
            lambda row: key_of_words(row["expert"], row["original"]),
        )
        points = [
            {"audience": group["audience"], **point}
            for group in document.get("implications", [])
            for point in group["points"]
        ]
        _give_keys(points, _key_of("lead"))
        if points:
            document["implications"] = points
        if sources := document.get("sources"):
            document["sources"] = [{"key": key, **source} for key, source in sources.items()]
        return document

    def restore(
        self,
        pk: int,
        document: Document,
        extra: Mapping[str, Any],
        provenance: Provenance,
        action: Action = Action.RESTORED,
    ) -> list[str]:
        document = deepcopy(document)
        with writing(provenance) as write:
            present = Trend._base_manager.select_for_update(no_key=True).filter(pk=pk).first()
            former = self._settle_addresses(pk, document, present)
            notices = settle_references(document, write)
            images = _take_images(document, extra.get("images", {}))
            restoration = Restoration(pk, images, action)
            _load(Run(write, restoration), document)
            trend = Trend.objects.get(pk=pk)
            replace_former(trend, former)
            restore_states(_named_rows(trend), extra)
        return [*notices, *map(lost_image, restoration.lost_images)]

    def _settle_addresses(self, pk: int, document: Document, present: Trend | None) -> list[str]:
        """Replace the slug in the document by the present one, for the loader; return former slugs.

        Former slugs that belong to other trends now are left out. Raises ValidationError if the
        slug of the version does.
        """
        if other := Trend.objects.exclude(pk=pk).filter(slug=document["trend"]).first():
            raise ValidationError(
                _("Its address “%(slug)s” belongs to another trend now: “%(trend)s”.")
                % {"slug": document["trend"], "trend": other}
            )
        former = free_names(Trend, pk, document.get("formerly", []))
        document["formerly"] = list(former)
        if present and present.slug not in [document["trend"], *former]:
            document["formerly"].append(present.slug)
        return former

    def completed(self, document: Document, version: Document) -> Document:
        """Return the document with the sources of the version that it lacks."""
        sources = document.get("sources", [])
        keys = {source["key"] for source in sources}
        more = [source for source in version.get("sources", []) if source["key"] not in keys]
        return {**document, "sources": [*sources, *more]} if more else document

    def changed_beside(self, present: Document, wanted: Document) -> set[type[models.Model]]:
        """Return which of mentions, videos and sources would change. Links to them do not count."""
        changed: set[type[models.Model]] = set()
        for before, after in _pairs(present, wanted, "sources"):
            if before != after:
                changed.add(Source)
        for before, after in _pairs(present, wanted, "mentions"):
            if before.get("video") != after.get("video"):
                changed.add(Video)
            if {**before, "voice": "", "video": ""} != {**after, "voice": "", "video": ""}:
                changed.add(Mention)
        return changed

    def holding(self, rows: Iterable[models.Model]) -> set[int]:
        """Return the trends that show a mention, a video or a source."""
        rows = list(rows)
        found = Q()
        if mentions := [row.pk for row in rows if isinstance(row, Mention)]:
            found |= Q(mentions__in=mentions)
        if videos := [row.pk for row in rows if isinstance(row, Video)]:
            found |= Q(mentions__video__in=videos)
        for row in rows:
            if isinstance(row, Source):
                found |= Q(pk__in=trends_citing(row))
        if not found:
            return set()
        return set(Trend.everything.filter(found).order_by().values_list("pk", flat=True))


def note_links(versions: Iterable[Revision]) -> None:
    """Give versions of trends the links that these have now, as a part of the write that made them.

    Two queries, and one for each version. What else was written since does not become part of it.
    """
    of_trends = {version.object_id: version for version in versions}
    for pk, links in links_of(of_trends).items():
        version = of_trends[pk]
        version.text = with_entries(version.text, links, TREND.keys)
        version.save(update_fields=["content", "digest"])


def _named_rows(trend: Trend) -> dict[str, models.Model]:
    """Return the rows of a trend that have translated texts, named by part and key."""
    keyed: dict[str, Iterable[Any]] = {
        "driver": trend.drivers.all(),
        "implication": trend.implications.all(),
        "timeline": trend.timeline.all(),
        "mention": (link.mention for link in trend.trend_mentions.all()),
    }
    return {
        "": trend,
        **{f"{part}/{row.key}": row for part, rows in keyed.items() for row in rows},
        **{f"assessment/{row.date}": row for row in trend.assessments.all()},
        **{f"falsifier/{place}": row for place, row in enumerate(trend.falsifiers.all())},
    }


def _pairs(present: Document, wanted: Document, part: str) -> Iterator[tuple[Item, Item]]:
    """Yield pairs of present and wanted rows of a part with the same key."""
    rows = {row["key"]: row for row in present.get(part, [])}
    for row in wanted.get(part, []):
        yield rows.get(row["key"], {}), row


def _key_of(name: str) -> Callable[[Item], str]:
    return lambda row: key_of_texts(row[name].get(code) for code in languages())


def _give_keys(rows: Sequence[Item], derived: Callable[[Item], str]) -> None:
    """Set the permanent keys of rows, as the loader does."""
    keys = numbered([row.get("key", "") for row in rows], [derived(row) for row in rows])
    for row, key in zip(rows, keys, strict=True):
        row["key"] = key


def _take_images(document: Document, stored: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Remove the names of images from a document; return those in the storage by video."""
    images = {}
    for mention in document.get("mentions", []):
        if video := mention.get("video"):
            name = stored.get(video.pop("thumbnail", ""), "")
            images[video["platform"], video["id"]] = name
    return images


def _load(run: Run, document: Document) -> None:
    """Load a document. Raises ValidationError with the mistakes that the loader finds."""
    run.load(emit(_as_file(document)).encode(), FixtureFile("-"))
    try:
        run.finish()
    except CommandError as error:
        mistakes = sorted(set(run.mistakes))
        raise ValidationError(
            [f"{mistake.path}: {mistake.message}" for mistake in mistakes]
        ) from error


def _as_file(document: Document) -> Document:
    """Convert a document of `TrendKind.read()` back to the structure of a file."""
    file = {key: document[key] for key in TREND.keys if document.get(key)}
    groups: dict[str, list[Item]] = {}
    for point in document.get("implications", []):
        values = {name: value for name, value in point.items() if name != "audience"}
        groups.setdefault(point["audience"], []).append(values)
    if groups:
        file["implications"] = [{"audience": slug, "points": groups[slug]} for slug in groups]
    if sources := document.get("sources"):
        file["sources"] = {
            source["key"]: {name: value for name, value in source.items() if name != "key"}
            for source in sources
        }
    return file
