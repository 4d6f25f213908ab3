"""The page of an audience: what trends mean for it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from trends.formats.structured_data import audience_data
from trends.levels import Status
from trends.models import Audience, Implication, Trend
from trends.pages._page import (
    TRENDS_A_PAGE,
    feed_links,
    list_page,
    page_path,
    page_view,
    render_page,
)
from trends.queries.kept_lists.kept_trends import LinkedOrder, trends_linked_to
from trends.queries.lazy_lists import LazyList
from trendsite.shared import days
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.head import Head
from trendsite.shared.translated import active_language, translated, translations

RETIRED = "retired"


@dataclass(frozen=True)
class StatusGroup:
    """The trends of one status, or the retired ones."""

    value: str
    label: str
    trends: list[Trend]

    @property
    def is_retired(self) -> bool:
        return self.value == RETIRED


def trends_for(audience: Audience, today: datetime.date) -> LazyList[Trend]:
    """Return the published trends with implications for an audience, prefetched as `points`.

    They are ordered by status, retired trends last, then by publication, the latest first.
    """
    points = Implication.objects.filter(audience=audience).order_by("order", "pk")
    with_points = Prefetch("implications", points, to_attr="points")

    def fetch(pks: list[int]) -> Iterable[Trend]:
        return Trend.objects.published(today).filter(pk__in=pks).prefetch_related(with_points)

    return trends_linked_to("audience", audience.pk, LinkedOrder.BY_STATUS, fetch)


def group_by_status(trends: Iterable[Trend], today: datetime.date) -> list[StatusGroup]:
    """Group trends in the order of `trends_for()` by status. Retired ones are a group as well."""

    def value(trend: Trend) -> str:
        return RETIRED if trend.is_retired(today) else trend.status

    return [
        StatusGroup(name, _("Retired") if name == RETIRED else str(Status(name).label), list(rows))
        for name, rows in groupby(trends, value)
    ]


def other_audiences(audience: Audience, today: datetime.date) -> QuerySet[Audience]:
    """Return the other audiences of published trends, in the editors' order."""
    implications = Implication.objects.filter(audience=OuterRef("pk"), trend__published__lte=today)
    return Audience.objects.exclude(pk=audience.pk).filter(Exists(implications))


@page_view
@redirects_former_slugs(lambda: Audience.objects.all())
def audience_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what all trends mean for an audience, by status; retired trends last."""
    audience = get_object_or_404(Audience, slug=slug)
    today = days.today()
    trends = list_page(request, trends_for(audience, today), TRENDS_A_PAGE)
    label = translated(audience, "label").text
    head = Head(
        title=_("What it means for %(label)s") % {"label": label},
        description=_("What each trend means for %(label)s.") % {"label": label},
        path=page_path(request, page=trends),
        offered_languages=list(translations(audience, "label")),
        feed=feed_links("audience", audience.slug, label),
        structured_data=audience_data(audience, trends, active_language()),
    )
    data = {
        "audience": audience,
        "others": list(other_audiences(audience, today)),
        "trends": trends,
        "groups": group_by_status(trends, today),
    }
    return render_page(request, "pages/audience.html", head, data)
