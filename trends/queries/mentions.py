"""The mentions that readers see."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Exists,
    OuterRef,
    Prefetch,
    QuerySet,
)
from django.db.models.functions import Coalesce

from quotes.models import Expert, Mention, MentionQuerySet, Video
from trends.models import ListedMention, Trend, TrendMention
from trends.queries.compiled import CompiledRows, listed, parameter
from trends.queries.lazy_lists import LazyList, in_order
from trendsite.shared import days
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate

MOST_MENTIONS = 1000
"""The most mentions that the page of a tag, a person or a video lists: the latest."""


def mentions_for_readers(at: datetime.date | None = None) -> MentionQuerySet:
    """Return the mentions on published trends, the latest first. `at` defaults to today.

    The published trends that show a mention are prefetched as `shown_on`.
    """
    day = at or days.today()
    published = Trend.objects.published(day)
    return (
        Mention.objects.filter(_is_shown(day, "pk"))
        .for_cards()
        .prefetch_related(Prefetch("trends", published.order_by("slug"), to_attr="shown_on"))
        .order_by(Coalesce("video__date", "source__date").desc(nulls_last=True), "pk")
    )


def _is_shown(day: datetime.date, mention: str) -> Exists:
    """Return a condition for rows whose mention, by this lookup, is on a published trend."""
    links = TrendMention.objects.filter(mention=OuterRef(mention), trend__published__lte=day)
    return Exists(links.order_by())


class LatestMentions(LazyList[Mention]):
    """The latest mentions with a tag that readers see, `MOST_MENTIONS` at most, for a paginator.

    `are_all` says whether there are no more. One query, and three for a page.
    """

    def __init__(self, tag: Tag, today: datetime.date) -> None:
        found = _tagged.fetch(today, MOST_MENTIONS + 1, tag=tag.pk)
        self.are_all = len(found) <= MOST_MENTIONS
        pks = found[:MOST_MENTIONS]

        def read(first: int, last: int) -> list[Mention]:
            part = pks[first:last]
            return in_order(_mentions.fetch(today, found=part), part)

        super().__init__(len(pks), read)


@dataclass(frozen=True)
class LatestQuotations:
    """The quotations of a page that readers see, `MOST_MENTIONS` at most, and their trends.

    These are the keys of those that were added last, in the order of the page, and of the published
    trends with them, those in force first. `are_all` says whether there are no more.
    """

    pks: list[int]
    trends: list[int]
    are_all: bool


def latest_quotations(video: Video, today: datetime.date) -> LatestQuotations:
    """Return the keys of what the page of a video lists, by their time in it. Two queries."""
    found = _of_video.fetch(today, MOST_MENTIONS + 1, video=video.pk)
    in_time = sorted(found[:MOST_MENTIONS], key=lambda row: (row[1] is not None, row[1], row[0]))
    pks = [pk for pk, _start in in_time]
    return LatestQuotations(
        pks, _trends_with.fetch(today, found=pks), are_all=len(found) <= MOST_MENTIONS
    )


def latest_said(expert: Expert, today: datetime.date) -> LatestQuotations:
    """Return the keys of what the page of an expert lists, the latest said first. Two queries."""
    found = _of_expert.fetch(today, MOST_MENTIONS + 1, expert=expert.pk)
    shown = sorted(found[:MOST_MENTIONS], key=lambda row: row[0])
    shown.sort(key=lambda row: row[1].to_column() if row[1] else "", reverse=True)
    pks = [pk for pk, _dated in shown]
    return LatestQuotations(
        pks, _trends_with.fetch(today, found=pks), are_all=len(found) <= MOST_MENTIONS
    )


@CompiledRows
def _of_expert(today: datetime.date, most: int) -> QuerySet[Any, tuple[int, PartialDate | None]]:
    rows = Mention.objects.filter(_is_shown(today, "pk"), expert=parameter("expert"))
    dated = Coalesce("video__date", "source__date")
    found: QuerySet[Any, Any] = rows.order_by("-pk").annotate(dated=dated)
    return found.values_list("pk", "dated")[:most]


@CompiledRows
def _of_video(today: datetime.date, most: int) -> QuerySet[Any, tuple[int, int | None]]:
    rows = Mention.objects.filter(_is_shown(today, "pk"), video=parameter("video"))
    return rows.order_by("-pk").values_list("pk", "start")[:most]


@CompiledRows
def _trends_with(today: datetime.date) -> QuerySet[Trend, int]:
    links = TrendMention.objects.filter(mention__in=listed("found")).order_by()
    trends = Trend.objects.published(today).filter(pk__in=links.values("trend"))
    return trends.in_force_first(today).values_list("pk", flat=True)


@CompiledRows
def _tagged(today: datetime.date, most: int) -> QuerySet[Any, int]:
    rows = ListedMention.objects.filter(_is_shown(today, "mention_id"), tag=parameter("tag"))
    return rows.order_by("-dated", "mention_id").values_list("mention_id", flat=True)[:most]


@CompiledRows
def _mentions(today: datetime.date) -> MentionQuerySet:
    return mentions_for_readers(today).filter(pk__in=listed("found")).order_by()
