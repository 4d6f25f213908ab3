"""The page of a video."""

from urllib.parse import urljoin

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language

from quotes.models import Video
from trends.formats.structured_data import video_data
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
    related_videos,
    trends_quoting,
)


@page_view
def video_page(request: HttpRequest, platform: str, video_id: str) -> HttpResponse:
    """A video, with what is quoted of it on published trends, in the order of its seconds."""
    found = get_object_or_404(Video, platform=platform, video_id=video_id)
    today = timezone.localdate()
    said = mentions_for_readers().filter(video=found)
    page = list_page(
        request, said.order_by(F("start").asc(nulls_first=True), "pk"), MENTIONS_A_PAGE
    )
    trends = list_page(request, trends_quoting(found, today), TRENDS_A_PAGE, "trends")
    context = {
        "video": found,
        "mentions": page,
        "trends": trends,
        "related_videos": related_videos(found, today),
        "page_path": page_path(request, page=page, trends=trends),
        "structured_data": video_data(found, page, trends, get_language()),
        "picture": found.picture and urljoin(settings.SITE_URL, found.picture.fallback),
    }
    return render_page(request, "pages/video.html", context)
