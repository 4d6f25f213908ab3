"""The page of an expert."""

from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language

from quotes.models import Expert
from trends.formats.structured_data import expert_data
from trends.models import mentions_for_readers
from trends.pages._page import (
    MENTIONS_A_PAGE,
    TRENDS_A_PAGE,
    list_page,
    page_path,
    page_view,
    render_page,
)
from trends.queries.related import (
    related_experts,
    trends_quoting,
)
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.translated import translations


@page_view
@redirects_former_slugs(lambda: Expert.objects.all())
def expert_page(request: HttpRequest, slug: str) -> HttpResponse:
    """An expert, with all that they said on published trends, the latest first."""
    found = get_object_or_404(Expert, slug=slug)
    today = timezone.localdate()
    mentions = list_page(request, mentions_for_readers().filter(expert=found), MENTIONS_A_PAGE)
    trends = list_page(request, trends_quoting(found, today), TRENDS_A_PAGE, "trends")
    others = related_experts(found, today)
    context = {
        "expert": found,
        "mentions": mentions,
        "trends": trends,
        "related_experts": others,
        "page_path": page_path(request, page=mentions, trends=trends),
        "offered_languages": list(translations(found, "name")),
        "structured_data": expert_data(found, mentions, get_language()),
        "portrait": urljoin(settings.SITE_URL, found.picture.fallback),
    }
    return render_page(request, "pages/expert.html", context)
