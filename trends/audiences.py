"""What all trends mean for one audience."""

import datetime

from django.db.models import Case, Exists, F, OuterRef, Prefetch, QuerySet, When

from trends.models import Audience, Implication, Status, Trend


def trends_for(audience: Audience, today: datetime.date) -> QuerySet:
    """The published trends that mean something for an audience, each with its `points` for it.

    In the order of their status, within one the latest published first. Two queries.
    """
    points = Implication.objects.filter(audience=audience)
    return (
        Trend.objects.published(today)
        .filter(Exists(points.filter(trend=OuterRef("pk"))))
        .prefetch_related(
            Prefetch("implications", points.order_by("order", "pk"), to_attr="points")
        )
        .order_by(
            Case(*(When(status=status, then=place) for place, status in enumerate(Status.values))),
            F("published").desc(),
            "slug",
        )
    )


def other_audiences(audience: Audience, today: datetime.date) -> QuerySet:
    """The other audiences for which a published trend means something, in their order."""
    implications = Implication.objects.filter(
        audience=OuterRef("pk"), trend__in=Trend.objects.published(today)
    )
    return Audience.objects.exclude(pk=audience.pk).filter(Exists(implications))
