"""The translated rows that the page of a trend shows, and since when it is out of date."""

import datetime
from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Least
from django.http import Http404

from quotes.models import Expert, Mention, TaggedMention
from trends.models import (
    Assessment,
    Audience,
    Driver,
    Falsifier,
    Implication,
    TaggedTrend,
    TimelineEntry,
    Trend,
)
from trends.queries.compiled import CompiledRows, parameter
from trendsite.shared import days
from trendsite.shared.models import Tag
from trendsite.shared.translated import active_language
from trendsite.shared.translations.models import TranslationState

_NEVER = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)

SHOWN: dict[type[models.Model], Callable[[OuterRef], Q]] = {
    Trend: lambda trend: Q(pk=trend),
    **{
        model: lambda trend: Q(trend=trend)
        for model in (Driver, Implication, TimelineEntry, Assessment, Falsifier)
    },
    Mention: lambda trend: Q(trends=trend),
    Expert: lambda trend: (
        Q(pk__in=Mention.objects.filter(trends=_outer(trend)).order_by().values("expert"))
        | Q(pk__in=_of_trend(TimelineEntry, trend).values("expert"))
    ),
    Audience: lambda trend: Q(pk__in=_of_trend(Implication, trend).values("audience")),
    Tag: lambda trend: (
        Q(pk__in=TaggedTrend.objects.filter(content_object=_outer(trend)).order_by().values("tag"))
        | Q(
            pk__in=TaggedMention.objects.filter(content_object__trends=_outer(trend))
            .order_by()
            .values("tag")
        )
    ),
}

"""What selects the rows of each model that the page of a trend shows, by a reference to it."""


def _outer(trend: OuterRef) -> OuterRef:
    """Return a reference as a query one level further in makes it."""
    return OuterRef(trend)


def _of_trend(model: type[models.Model], trend: OuterRef) -> QuerySet[Any]:
    return model._default_manager.filter(trend=_outer(trend)).order_by()


def shown_rows(model: type[models.Model], trend: OuterRef) -> QuerySet[Any]:
    """Return the rows of a model that the page of a trend shows in translation."""
    return model._base_manager.filter(SHOWN[model](trend))


def with_outdated(trends: QuerySet[Trend]) -> QuerySet[Trend]:
    """Annotate trends with the moment since when their page is out of date in the active language.

    It is that of the first change of meaning which a translation lacks. The original of a
    quotation stands beside its translation, and does not count.
    """
    moments: list[Any] = []
    for model in SHOWN:
        states = TranslationState.objects.stale(active_language()).filter(
            content_type=ContentType.objects.get_for_model(model),
            object_id__in=shown_rows(model, OuterRef(OuterRef("pk"))).order_by().values("pk"),
        )
        first = states.exclude(source_language="").order_by().values("content_type")
        earliest = first.annotate(first=Min("stale_since")).values("first")
        moments.append(Coalesce(Subquery(earliest), Value(_NEVER)))
    return trends.annotate(outdated_since=Least(*moments))


def published_trend(slug: str) -> Trend:
    """Return the published trend with a slug, as `with_outdated()` does, or raise Http404."""
    found = _published.fetch(days.today(), slug=slug)
    if not found:
        raise Http404
    return found[0]


@CompiledRows
def _published(today: datetime.date) -> QuerySet[Trend]:
    return with_outdated(Trend.objects.published(today)).filter(slug=parameter("slug")).order_by()


def outdated_since(trend: Trend) -> datetime.datetime | None:
    """Return since when a trend of `with_outdated()` is out of date; None if it is not."""
    since: datetime.datetime | None = vars(trend).get("outdated_since")
    return None if since is None or since.year == _NEVER.year else since
