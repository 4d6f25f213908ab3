"""The page of an expert."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from quotes.models import Expert
from trends.formats.structured_data import expert_data
from trends.models import Trend
from trends.pages._page import (
    MENTIONS_A_PAGE,
    TRENDS_A_PAGE,
    feed_links,
    list_page,
    page_path,
    page_view,
    render_page,
)
from trends.queries.forecasts import ForecastSelection, Record, by_state, hold_back
from trends.queries.lazy_lists import rows_of
from trends.queries.mentions import MOST_MENTIONS, latest_said, mentions_for_readers
from trends.queries.related import related_experts
from trendsite.shared import days
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.head import Head
from trendsite.shared.translated import active_language, translated, translations

FORECASTS_A_PAGE = 10


@page_view
@redirects_former_slugs(lambda: Expert.objects.all())
def expert_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an expert with their forecasts and mentions on published trends, the latest first.

    Of many mentions, those that were added last, and their trends.
    """
    expert = get_object_or_404(Expert, slug=slug)
    today = days.today()
    forecasts = ForecastSelection(today, expert)
    counts = forecasts.counts()
    claims = list_page(request, forecasts.listed(), FORECASTS_A_PAGE, "forecasts")
    hold_back(claims, today)
    latest = latest_said(expert, today)
    said = rows_of(mentions_for_readers(today), latest.pks)
    mentions = list_page(request, said, MENTIONS_A_PAGE)
    quoting = rows_of(Trend.objects.published(today), latest.trends)
    trends = list_page(request, quoting, TRENDS_A_PAGE, "trends")
    name = translated(expert, "name").text
    head = Head(
        title=name,
        description=_(
            "What %(name)s said, in the original and in translation, and on which trends."
        )
        % {"name": name},
        type="profile",
        path=page_path(request, page=mentions, trends=trends, forecasts=claims),
        offered_languages=list(translations(expert, "name")),
        feed=feed_links("expert", expert.slug, name),
        structured_data=expert_data(expert, mentions, active_language()),
    )
    data = {
        "expert": expert,
        "forecasts": claims,
        "groups": by_state(claims),
        "counts": counts,
        "record": Record(forecasts) if claims else None,
        "mentions": mentions,
        "trends": trends,
        "most_mentions": None if latest.are_all else MOST_MENTIONS,
        "related_experts": related_experts(expert, latest.trends),
    }
    return render_page(request, "pages/expert.html", head, data)
