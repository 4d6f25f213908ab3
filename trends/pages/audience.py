"""What all trends mean for one audience."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Case, Exists, F, OuterRef, Prefetch, QuerySet, When
from django.utils.translation import gettext as _

from trends.models import Audience, Implication, Status, Trend

RETIRED = "retired"


@dataclass(frozen=True)
class Group:
    """The trends of one status, or those that are retired."""

    value: str
    label: str
    trends: list[Trend]

    @property
    def is_retired(self) -> bool:
        return self.value == RETIRED


def trends_for(audience: Audience, today: datetime.date) -> QuerySet:
    """The published trends that mean something for an audience, each with its `points` for it.

    In the order of their status, those that are retired last; within one the latest published
    first. Two queries.
    """
    points = Implication.objects.filter(audience=audience)
    return (
        Trend.objects.published(today)
        .filter(Exists(points.filter(trend=OuterRef("pk"))))
        .prefetch_related(
            Prefetch("implications", points.order_by("order", "pk"), to_attr="points")
        )
        .order_by(
            Case(
                When(retired__lte=today, then=len(Status)),
                *(When(status=status, then=place) for place, status in enumerate(Status.values)),
            ),
            F("published").desc(),
            "slug",
        )
    )


def groups_of(trends: Iterable[Trend], today: datetime.date) -> list[Group]:
    """The trends of `trends_for()`, or some of them, by status, those that are retired apart."""

    def value(trend: Trend) -> str:
        return RETIRED if trend.is_retired(today) else trend.status

    return [
        Group(name, _("Retired") if name == RETIRED else str(Status(name).label), list(rows))
        for name, rows in groupby(trends, value)
    ]


def other_audiences(audience: Audience, today: datetime.date) -> QuerySet:
    """The other audiences for which a published trend means something, in their order."""
    implications = Implication.objects.filter(
        audience=OuterRef("pk"), trend__in=Trend.objects.published(today)
    )
    return Audience.objects.exclude(pk=audience.pk).filter(Exists(implications))
