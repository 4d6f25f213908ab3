"""What all trends mean for one audience."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Case, Exists, F, OuterRef, Prefetch, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trends.formats.structured_data import audience_data
from trends.levels import Status
from trends.models import Audience, Implication, Trend
from trends.pages._page import TRENDS_A_PAGE, list_page, page_path, page_view, render_page
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.translated import translations

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


@page_view
@redirects_former_slugs(lambda: Audience.objects.all())
def audience_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What all trends mean for an audience, by how far each has come; last those retired."""
    found = get_object_or_404(Audience, slug=slug)
    today = timezone.localdate()
    page = list_page(request, trends_for(found, today), TRENDS_A_PAGE)
    others = other_audiences(found, today)
    context = {
        "audience": found,
        "others": others,
        "trends": page,
        "groups": groups_of(page, today),
        "page_path": page_path(request, page=page),
        "offered_languages": list(translations(found, "label")),
        "structured_data": audience_data(found, page, get_language()),
    }
    return render_page(request, "pages/audience.html", context)
