"""The mentions that readers see."""

import datetime

from django.db.models import (
    Exists,
    OuterRef,
    Prefetch,
)
from django.db.models.functions import Coalesce

from quotes.models import Mention, MentionQuerySet
from trends.models import Trend, TrendMention
from trendsite.shared import days


def mentions_for_readers(at: datetime.date | None = None) -> MentionQuerySet:
    """Return the mentions on published trends, the latest first. `at` defaults to today.

    The published trends that show a mention are prefetched as `shown_on`.
    """
    day = at or days.today()
    published = Trend.objects.published(day)
    on_these = TrendMention.objects.filter(mention=OuterRef("pk"), trend__published__lte=day)
    return (
        Mention.objects.filter(Exists(on_these))
        .for_cards()
        .prefetch_related(Prefetch("trends", published.order_by("slug"), to_attr="shown_on"))
        .order_by(Coalesce("video__date", "source__date").desc(nulls_last=True), "pk")
    )
