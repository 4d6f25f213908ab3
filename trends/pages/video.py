"""The page of a video."""

from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from quotes.models import Video
from trends.formats.structured_data import video_data
from trends.models import Trend
from trends.pages._page import (
    MENTIONS_A_PAGE,
    TRENDS_A_PAGE,
    list_page,
    page_path,
    page_view,
    render_page,
)
from trends.queries.lazy_lists import rows_of
from trends.queries.mentions import MOST_MENTIONS, latest_quotations, mentions_for_readers
from trends.queries.related import related_videos
from trendsite.shared import days
from trendsite.shared.head import Head
from trendsite.shared.translated import active_language


@page_view
def video_page(request: HttpRequest, platform: str, video_id: str) -> HttpResponse:
    """Show a video with its mentions on published trends, in the order of their time in it."""
    video = get_object_or_404(Video, platform=platform, video_id=video_id)
    today = days.today()
    latest = latest_quotations(video, today)
    said = rows_of(mentions_for_readers(today), latest.pks)
    mentions = list_page(request, said, MENTIONS_A_PAGE)
    quoting = rows_of(Trend.objects.published(today), latest.trends)
    trends = list_page(request, quoting, TRENDS_A_PAGE, "trends")
    head = Head(
        title=_("Video: %(video)s") % {"video": video},
        description=_("Quotations from “%(video)s”, with the time of each.") % {"video": video},
        path=page_path(request, page=mentions, trends=trends),
        picture=urljoin(settings.SITE_URL, video.picture.fallback) if video.picture else "",
        structured_data=video_data(video, mentions, trends, active_language()),
    )
    data = {
        "video": video,
        "mentions": mentions,
        "trends": trends,
        "most_mentions": None if latest.are_all else MOST_MENTIONS,
        "related_videos": related_videos(video, today),
    }
    return render_page(request, "pages/video.html", head, data)
