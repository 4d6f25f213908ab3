"""The page of a tag."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from trends.formats.structured_data import tag_data
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
from trends.queries.mentions import mentions_for_readers
from trends.queries.related import related_tags
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.head import Head
from trendsite.shared.models import Tag
from trendsite.shared.translated import active_language, translated, translations


@page_view
@redirects_former_slugs(lambda: Tag.objects.all())
def tag_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the published trends and mentions that have a tag, and the tags on the same trends."""
    tag = get_object_or_404(Tag, slug=slug)
    tagged = Trend.objects.published().filter(tagged__tag=tag).in_force_first().for_list()
    trends = list_page(request, tagged, TRENDS_A_PAGE)
    said = mentions_for_readers().filter(tagged__tag=tag)
    mentions = list_page(request, said, MENTIONS_A_PAGE, "mentions")
    label = translated(tag, "label").text
    head = Head(
        title=_("Tag: %(label)s") % {"label": label},
        description=_("Trends and quotations tagged “%(label)s”.") % {"label": label},
        path=page_path(request, page=trends, mentions=mentions),
        offered_languages=list(translations(tag, "label")),
        feed=feed_links("tag", tag.slug, label),
        structured_data=tag_data(tag, trends, mentions, active_language()),
    )
    data = {
        "tag": tag,
        "trends": trends,
        "mentions": mentions,
        "related_tags": related_tags(tag, timezone.localdate()),
    }
    return render_page(request, "pages/tag.html", head, data)
