"""The translated rows that a trend's page shows, and since when its translation is outdated."""

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

"""For each model, the query for the rows that a trend's page shows, given a reference to it."""


def _outer(trend: OuterRef) -> OuterRef:
    """Return an OuterRef for a subquery that is nested one level deeper."""
    return OuterRef(trend)


def _of_trend(model: type[models.Model], trend: OuterRef) -> QuerySet[Any]:
    return model._default_manager.filter(trend=_outer(trend)).order_by()


def shown_rows(model: type[models.Model], trend: OuterRef) -> QuerySet[Any]:
    """Return the rows of a model whose translations the page of a trend shows."""
    return model._base_manager.filter(SHOWN[model](trend))


def with_outdated(trends: QuerySet[Trend]) -> QuerySet[Trend]:
    """Annotate trends with the time since when their page is outdated in the active language.

    It is the time of the first change of meaning that a translation lacks. Translations of
    quotations do not count, since the page shows the original as well.
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
    """Return the published trend with a slug, with the annotation of `with_outdated()`.

    One query. Raises Http404 if there is none.
    """
    found = _published.fetch(days.today(), slug=slug)
    if not found:
        raise Http404
    return found[0]


@CompiledRows
def _published(today: datetime.date) -> QuerySet[Trend]:
    return with_outdated(Trend.objects.published(today)).filter(slug=parameter("slug")).order_by()


def outdated_since(trend: Trend) -> datetime.datetime | None:
    """Return since when a trend of `with_outdated()` is outdated, None if it is up to date."""
    since: datetime.datetime | None = vars(trend).get("outdated_since")
    return None if since is None or since.year == _NEVER.year else since
