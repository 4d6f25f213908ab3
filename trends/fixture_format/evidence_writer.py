"""Writing the evidence of a file: sources, videos and mentions, which several trends may share."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import models

from quotes.models import Expert, Mention, Source, TaggedMention, Video
from trends.fixture_format.file_contents import EvidenceDocument
from trends.fixture_format.known_rows import KnownRows
from trends.fixture_format.notices import same_page
from trends.fixture_format.row_formats import name_of
from trends.fixture_format.row_writer import RowWriter, own_columns
from trends.queries.compiled import CompiledRows, listed
from trendsite.shared.models import Tag
from trendsite.shared.permanent_keys import numbered, taken_keys
from trendsite.shared.slugs import SLUG_LENGTH, free_slug

# What is saved already, asked for each file.
_sources = CompiledRows(
    lambda: Source.objects.filter(compared_url__in=listed("pages", "text")).order_by("-pk")
)
_keys_of_sources: CompiledRows[str] = CompiledRows(
    lambda: Source.objects.filter(key__in=listed("keys", "text")).values_list("key", flat=True)
)
_videos = CompiledRows(lambda: Video.objects.filter(video_id__in=listed("ids", "text")))
_mentions = CompiledRows(
    lambda: Mention.objects.filter(
        expert__in=listed("experts"), words_digest__in=listed("digests", "text")
    )
)
_keys_of_mentions: CompiledRows[str] = CompiledRows(
    lambda: (
        Mention.objects.filter(key__in=listed("keys", "text"))
        .exclude(pk__in=listed("matched"))
        .values_list("key", flat=True)
    )
)


class EvidenceWriter:
    """Writes the evidence of a document. Nothing is removed.

    Args:
        document: the parsed file of a trend, or of evidence alone.
        vocabulary: the saved tags, audiences and experts.
        rows: the writer of the document's other rows, if there are any.
        leave_out: saved rows that stay as they are, by model and name.

    `notices` are for the author of the file.
    """

    def __init__(
        self,
        document: EvidenceDocument,
        vocabulary: KnownRows,
        rows: RowWriter | None = None,
        leave_out: Collection[tuple[type[models.Model], str]] = (),
    ) -> None:
        self._document = document
        self._vocabulary = vocabulary
        self._rows = rows or RowWriter()
        self._leave_out = leave_out
        self.notices: list[str] = []
        self.sources: dict[str, Source] = {}
        """The saved sources by their keys in the file, once they are written."""

    def write(self) -> list[Source | Video | Mention]:
        """Write sources, videos and mentions, and return all that the file describes, saved."""
        self.write_sources()
        mentions = self.write_mentions()
        videos = [(video.platform, video.video_id) for video, _image in self._document.videos()]
        found = Video.objects.filter(video_id__in=[video_id for _platform, video_id in videos])
        return [
            *self.sources.values(),
            *(video for video in found if (video.platform, video.video_id) in videos),
            *mentions,
        ]

    def _stays(self, row: models.Model) -> bool:
        """Tell whether a saved row is not to be changed, though the file describes it."""
        return bool(row.pk) and (type(row), name_of(row)) in self._leave_out

    # Sources

    def write_sources(self) -> None:
        """Save the cited sources.

        A source is identified by its page, independent of its key and of the form of its address.
        """
        cited = self._document.cited_keys()
        wanted = {key: row for key, row in self._document.sources.items() if key in cited}
        saved = self._saved_sources(wanted.values())
        if self._document.restoration:
            self._identify_sources_by_key(wanted, saved)
        new = [row for row in wanted.values() if row.url not in saved]
        new_keys = {row.key for row in new}
        taken = set(_keys_of_sources.fetch(keys=new_keys)) if new_keys else set()
        for row in wanted.values():
            if row.url in saved:
                there = saved[row.url]
                if self._stays(there):
                    continue
                self._rows.update(there, row, own_columns(Source, "key", "url"))
                if there.url != row.url:
                    self.notices.append(same_page(self._document.node.file, row.url, there.url))
        keys = {row.key: row.url for row in wanted.values()}
        for row in new:
            if row.key in taken:
                row.key = _free_key(row.key, new_keys)
                new_keys.add(row.key)
        self._rows.create(Source, new)
        saved |= {row.url: row for row in new}
        self.sources = {key: saved[url] for key, url in keys.items()}

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
            self._rows.update(source, row, names)

    def _saved_sources(self, wanted: Iterable[Source]) -> dict[str, Source]:
        """Return the saved sources by their addresses in the file. One query."""
        pages = {row.url: row.compared_url for row in wanted}
        found = _sources.fetch(pages=pages.values()) if pages else []
        by_page = {source.compared_url: source for source in found}
        by_address = {source.url: source for source in found}
        return {
            url: by_address.get(url) or by_page[page]
            for url, page in pages.items()
            if page in by_page
        }

    # Videos

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
                self._rows.changed = True
            else:
                thumbnail.store(video)  # its files may be missing or damaged
        # The field stores the images of new rows, too, and there are no old ones to replace.
        self._rows.create(Video, new)
        return saved

    # Mentions

    def write_mentions(self) -> list[Mention]:
        """Save the mentions with their videos and tags, and return them in the order of the file.

        The sources must be written.
        """
        entries = self._document.mentions
        videos = self._write_videos()
        for entry in entries:
            row, video = entry.row, entry.video
            row.expert = self._vocabulary.known(Expert)[entry.expert.slug]
            row.video = videos[video.platform, video.video_id] if video else None
            row.source = self.sources[entry.source] if entry.source else None
        matches = self._match_mentions()
        self._settle_mention_keys(matches)
        mentions, new = [], []
        for entry, mention in zip(entries, matches, strict=True):
            if mention is None:
                new.append(mention := entry.row)
            elif not self._stays(mention):
                names = [*own_columns(Mention), "expert_id", "video_id", "source_id"]
                self._rows.update(mention, entry.row, names)
            mentions.append(mention)
        self._rows.create(Mention, new)
        tags = [
            [self._vocabulary.known(Tag)[reference.slug] for reference in entry.tags]
            for entry in entries
        ]
        tagged = [pair for pair in zip(mentions, tags, strict=True) if not self._stays(pair[0])]
        self._rows.sync_links(TaggedMention, "content_object", "tag", tagged)
        return mentions

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
        matched = [match.pk for match in matches if match]
        keys = [row.key for row in rows]
        if _keys_of_mentions.fetch(keys=keys, matched=matched):
            keys = self._keys_beside(Mention.objects.exclude(pk__in=matched))
        for row, key in zip(rows, keys, strict=True):
            row.key = key
        wanted = set(keys)
        for row, match in pairs:
            if match and match.key != row.key and match.key in wanted:
                # Random, and replaced by the row's new key directly afterwards.
                Mention.objects.filter(pk=match.pk).update(key=secrets.token_hex(20))

    # Any: the stubs do not know the queryset of a manager.
    def _keys_beside(self, others: models.QuerySet[Any]) -> list[str]:
        """Return the keys of the file's mentions, without those that other mentions keep.

        A key in the file may belong to a mention that is removed from this trend, which then gets
        another one. The loader has refused keys of other mentions. A derived key gets a number if
        it is taken.
        """
        given = self._document.given_keys[Mention]
        for mention in others.filter(key__in=given).select_related("expert"):
            derived = mention.derived_key()
            taken = {mention.key, *taken_keys(Mention.objects.all(), [derived, derived])}
            mention.key = numbered([""], [derived], taken)[0]
            mention.save()
        keys = [entry.row.key for entry in self._document.mentions]
        taken = taken_keys(others, [key for key in keys if key not in given])
        return numbered([key if key in given else "" for key in keys], keys, taken)


def _free_key(key: str, also_taken: Iterable[str]) -> str:
    """Return the first of key-2, key-3 … that no source has and that is not in `also_taken`."""
    stem = key[: SLUG_LENGTH - 6]
    taken = {
        *Source.objects.filter(key__startswith=f"{stem}-").values_list("key", flat=True),
        *also_taken,
    }
    return free_slug(stem, {stem, *taken})
