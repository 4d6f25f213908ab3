"""The page of a tag."""

import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from quotes.models import Mention
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
from trends.queries.compiled import CompiledList, parameter
from trends.queries.mentions import mentions_for_readers
from trends.queries.related import related_tags
from trendsite.shared import days
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.head import Head
from trendsite.shared.models import Tag
from trendsite.shared.translated import active_language, translated, translations


@CompiledList
def _trends(today: datetime.date) -> QuerySet[Trend]:
    tagged = Trend.objects.published(today).filter(tagged__tag=parameter("tag"))
    return tagged.in_force_first(today).for_list(today)


@CompiledList
def _mentions(today: datetime.date) -> QuerySet[Mention]:
    return mentions_for_readers(today).filter(tagged__tag=parameter("tag"))


@page_view
@redirects_former_slugs(lambda: Tag.objects.all())
def tag_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the published trends and mentions that have a tag, and the tags on the same trends."""
    tag = get_object_or_404(Tag, slug=slug)
    today = days.today()
    trends = list_page(request, _trends.of(today, tag=tag.pk), TRENDS_A_PAGE)
    mentions = list_page(request, _mentions.of(today, tag=tag.pk), MENTIONS_A_PAGE, "mentions")
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
        "related_tags": related_tags(tag, today),
    }
    return render_page(request, "pages/tag.html", head, data)
