"""The page of one trend, and its preview for editors."""

from django.http import HttpRequest, HttpResponse

from trends.content import gather_trend
from trends.formats.bibliography import CitedTrend
from trends.formats.card_files import card_address
from trends.formats.structured_data import trend_data
from trends.models import Trend
from trends.pages._page import feed_links, page_view, render_page
from trends.pictures.timeline import build_timeline_picture
from trends.queries.shown_rows import published_trend
from trendsite.shared import days
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.head import Head
from trendsite.shared.translated import active_language, translated

FOLDED_PARTS = {"reading", "sources"}
"""The parts of which a page shows the heading alone until a reader opens them."""


@page_view
@redirects_former_slugs(lambda: Trend.objects.published())
def trend_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a published trend."""
    found = published_trend(slug)
    return render_trend(request, found)


def render_trend(
    request: HttpRequest,
    trend: Trend,
    *,
    preview: bool = False,
    working: Trend | None = None,
    is_typed: bool = False,
) -> HttpResponse:
    """Render the page of a trend, or a preview of it for editors.

    A preview has a banner, and no citation, feed or structured data. `working` is the
    published trend's working version if that is previewed. `is_typed` means that the preview shows
    a form that is not saved.
    """
    today = days.today()
    language = active_language()
    page = gather_trend(trend, today)
    head = Head(
        title=translated(trend, "title").text,
        description=trend.in_brief().text,
        type="article",
        path=trend.get_absolute_url(),
        offered_languages=trend.languages,
        card=card_address(trend, language),
        feed=None if preview else feed_links("trend", trend.slug, str(trend)),
        structured_data="" if preview else trend_data(page, language),
    )
    data = {
        "page": page,
        "folded": FOLDED_PARTS,
        "preview": preview,
        "working": working,
        "is_typed": is_typed,
        "picture": build_timeline_picture([item.row for item in page.timeline], today),
        "citations": None if preview else CitedTrend.of(trend, language),
    }
    return render_page(request, "pages/trend.html", head, data)
