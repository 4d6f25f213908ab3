"""The addresses of feeds: of the site, of a tag, an audience, an expert."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trends.formats.feeds import FORMS, write_feed
from trends.formats.views import for_programs
from trends.models import VOCABULARIES, Trend, TrendQuerySet
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.snapshots import snapshot


@for_programs
@snapshot()
def feed(request: HttpRequest, form: str) -> HttpResponse:
    """All trends."""
    title = _("Trendsite: what is new and what moved")
    return _response(form, Trend.objects.published(), title, reverse("index"), request.path)


@for_programs
@snapshot()
@redirects_former_slugs(lambda form, kind: VOCABULARIES[kind].model._default_manager.all())
def feed_of(request: HttpRequest, form: str, kind: str, slug: str) -> HttpResponse:
    """The trends of one tag, audience or expert."""
    row = get_object_or_404(VOCABULARIES[kind].model, slug=slug)
    trends = Trend.objects.published().filtered({kind: [slug]})
    title = _("Trendsite: %(name)s") % {"name": row}
    return _response(form, trends, title, row.get_absolute_url(), request.path)


def _response(form: str, trends: TrendQuerySet, title: str, page: str, path: str) -> HttpResponse:
    content_type, text = write_feed(form, trends, get_language(), title=title, page=page, path=path)
    return HttpResponse(text, content_type=content_type)


def feed_addresses() -> list[URLPattern]:
    """An address of each feed in each form: `feed.atom`, `tags/<slug>/feed.json`."""
    return [
        pattern
        for form in FORMS
        for pattern in (
            path(f"feed.{form}", feed, {"form": form}, name=f"feed-{form}"),
            *(
                path(
                    f"{kind}s/<slug:slug>/feed.{form}",
                    feed_of,
                    {"form": form, "kind": kind},
                    name=f"{kind}-feed-{form}",
                )
                for kind in VOCABULARIES
            ),
        )
    ]
