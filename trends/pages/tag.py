"""The page of a tag."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language

from trends.formats.structured_data import tag_data
from trends.models import Trend, mentions_for_readers
from trends.pages._page import (
    MENTIONS_A_PAGE,
    TRENDS_A_PAGE,
    list_page,
    page_path,
    page_view,
    render_page,
)
from trends.queries.related import related_tags
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.models import Tag
from trendsite.shared.translated import translations


@page_view
@redirects_former_slugs(lambda: Tag.objects.all())
def tag_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What hangs on a tag: the trends, and the mentions on published trends."""
    found = get_object_or_404(Tag, slug=slug)
    tagged = Trend.objects.published().filter(tagged__tag=found).in_force_first().for_list()
    trends = list_page(request, tagged, TRENDS_A_PAGE)
    said = mentions_for_readers().filter(tagged__tag=found)
    mentions = list_page(request, said, MENTIONS_A_PAGE, "mentions")
    others = related_tags(found, timezone.localdate())
    context = {
        "tag": found,
        "trends": trends,
        "mentions": mentions,
        "related_tags": others,
        "page_path": page_path(request, page=trends, mentions=mentions),
        "offered_languages": list(translations(found, "label")),
        "structured_data": tag_data(found, trends, mentions, get_language()),
    }
    return render_page(request, "pages/tag.html", context)
