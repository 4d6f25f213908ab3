"""Updating the kept rows of the mentions that were written, or whose date was."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from quotes.models import Mention, Source, TaggedMention, Video
from trends.models import ListedMention, UnlistedChange
from trends.queries.inserting import insert

_DATES = {"video": Video, "source": Source}
"""The models whose rows date mentions, by the name of the lookup, the one that counts first."""


def noted_mentions(notes: Iterable[UnlistedChange]) -> set[int]:
    """Return the primary keys of the mentions of notes. A query for each kind of date noted."""
    noted = defaultdict(set)
    for note in notes:
        noted[note.kind].add(note.row_id)
    found = noted["mention"]
    for name in _DATES.keys() & noted.keys():
        dated = Mention.objects.filter(**{f"{name}__in": noted[name]}).order_by()
        found.update(dated.values_list("pk", flat=True))
    return found


def lock_mentions(pks: Collection[int], *, wait: bool) -> bool:
    """Lock mentions and what dates them; return whether no other transaction has locked any.

    So the second of two transactions reads what the first one wrote. Without `wait`, what another
    one has locked is left out. At most six queries.
    """
    rows = Mention.objects.filter(pk__in=pks).order_by("pk")
    mentions = _locked(rows, wait).values_list("pk", *_DATES)
    all_locked = wait or len(mentions) == len(pks) or len(mentions) == rows.count()
    for place, model in enumerate(_DATES.values(), start=1):
        dates = {row[place] for row in mentions} - {None}
        if dates:
            locked = _locked(model._default_manager.filter(pk__in=dates).order_by("pk"), wait)
            all_locked = len(locked.values_list("pk")) == len(dates) and all_locked
    return all_locked


def _locked(rows: QuerySet[Any], wait: bool) -> QuerySet[Any]:
    return rows.select_for_update(no_key=True, skip_locked=not wait)


def renew_mentions(pks: Collection[int]) -> None:
    """Update the rows of some mentions. Two queries, and two more if any row differs."""
    before = _by_mention(
        ListedMention.objects.filter(mention__in=pks).values_list("mention", "tag", "dated")
    )
    tagged = TaggedMention.objects.filter(content_object__in=pks).order_by()
    dated = Coalesce(*(f"content_object__{name}__date" for name in _DATES))
    after = _by_mention(
        (mention, tag, date.to_column() if date else "")
        for mention, tag, date in tagged.values_list("content_object", "tag", dated)
    )
    differ = [pk for pk in pks if before[pk] != after[pk]]
    if differ:
        ListedMention.objects.filter(mention__in=differ).delete()
        rows = [(pk, tag, date) for pk in differ for tag, date in sorted(after[pk])]
        insert("trends_listedmention (mention_id, tag_id, dated)", rows)


def _by_mention(rows: Iterable[tuple[int, int, str]]) -> Mapping[int, set[tuple[int, str]]]:
    found: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for mention, tag, date in rows:
        found[mention].add((tag, date))
    return found


def list_all_mentions() -> None:
    """Add the rows of all mentions to the empty table. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trends_listedmention (mention_id, tag_id, dated) "
            "SELECT tagged.content_object_id, tagged.tag_id, COALESCE(video.date, source.date, '') "
            "FROM quotes_taggedmention AS tagged "
            "JOIN quotes_mention AS mention ON mention.id = tagged.content_object_id "
            "LEFT JOIN quotes_video AS video ON video.id = mention.video_id "
            "LEFT JOIN quotes_source AS source ON source.id = mention.source_id "
            "ORDER BY tagged.id"
        )
