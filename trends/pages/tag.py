"""The page of a tag."""

import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
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
from trends.queries.compiled import CompiledRows, listed
from trends.queries.kept_lists.kept_trends import LinkedOrder, trends_linked_to
from trends.queries.mentions import MOST_MENTIONS, LatestMentions
from trends.queries.related import related_tags
from trendsite.shared import days
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.head import Head
from trendsite.shared.models import Tag
from trendsite.shared.translated import active_language, translated, translations


@CompiledRows
def _listed(today: datetime.date) -> QuerySet[Trend]:
    return Trend.objects.published(today).filter(pk__in=listed("found")).order_by().for_list(today)


@page_view
@redirects_former_slugs(lambda: Tag.objects.all())
def tag_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the published trends and mentions that have a tag, and the tags on the same trends."""
    tag = get_object_or_404(Tag, slug=slug)
    today = days.today()
    tagged = trends_linked_to(
        "tag", tag.pk, LinkedOrder.IN_FORCE_FIRST, lambda pks: _listed.fetch(today, found=pks)
    )
    trends = list_page(request, tagged, TRENDS_A_PAGE)
    latest = LatestMentions(tag, today)
    mentions = list_page(request, latest, MENTIONS_A_PAGE, "mentions")
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
        "most_mentions": None if latest.are_all else MOST_MENTIONS,
        "related_tags": related_tags(tag),
    }
    return render_page(request, "pages/tag.html", head, data)
