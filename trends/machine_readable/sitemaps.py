"""The site's map for search engines: each page in each language in which it is offered."""

import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, Model, Q, QuerySet
from django.urls import reverse

from quotes.models import Expert
from trends.models import Audience, Trend
from trendsite.models import Tag
from trendsite.translated import translations


class _InLanguages(Sitemap):
    """Pages that stand for each other in several languages, the first one also for all others.

    Addresses begin with SITE_URL, whatever host was asked, as in the pages themselves.
    """

    i18n = True
    alternates = True

    @property
    def protocol(self) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_urls(self, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        urls = super().get_urls(*args, **kwargs)
        for url in urls:
            # Django's own x-default is an address without a language, which here is no page.
            first = url["alternates"][0]
            url["alternates"].append({**first, "lang_code": "x-default"})
        return urls


class CollectionsSitemap(_InLanguages):
    """The pages that gather trends, as new as the newest of these."""

    def items(self) -> list[str]:
        return ["index", "forecasts", "changes"]

    def location(self, item: str) -> str:
        return reverse(item)

    def lastmod(self, item: str) -> datetime.datetime | None:
        return self._latest

    def get_urls(self, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        self._latest = Trend.objects.published().aggregate(Max("updated_at"))["updated_at__max"]
        return super().get_urls(*args, **kwargs)


class TrendsSitemap(_InLanguages):
    """Trends in the languages that have their title and shift."""

    def items(self) -> QuerySet:
        return Trend.objects.published().order_by("slug")

    def get_languages_for_item(self, item: Trend) -> list[str]:
        return item.languages

    def lastmod(self, item: Trend) -> datetime.datetime:
        return item.updated_at


class TagsSitemap(_InLanguages):
    """Tags that a published trend carries."""

    def items(self) -> QuerySet:
        return _used(Tag, "tagged_trends__content_object")

    def get_languages_for_item(self, item: Tag) -> list[str]:
        return list(translations(item, "label"))

    def lastmod(self, item: Tag) -> datetime.datetime:
        return item.latest


class AudiencesSitemap(_InLanguages):
    """Audiences for which a published trend means something."""

    def items(self) -> QuerySet:
        return _used(Audience, "implications__trend")

    def get_languages_for_item(self, item: Audience) -> list[str]:
        return list(translations(item, "label"))

    def lastmod(self, item: Audience) -> datetime.datetime:
        return item.latest


class ExpertsSitemap(_InLanguages):
    """Experts who are quoted on a published trend."""

    def items(self) -> QuerySet:
        return _used(Expert, "mentions__trends")

    def get_languages_for_item(self, item: Expert) -> list[str]:
        return list(translations(item, "name"))

    def lastmod(self, item: Expert) -> datetime.datetime:
        return item.latest


def _used(model: type[Model], trends: str) -> QuerySet:
    """The rows on which published trends hang, with the latest change of these as `latest`."""
    shown = Q(**{f"{trends}__in": Trend.objects.published()})
    return (
        model.objects.annotate(latest=Max(f"{trends}__updated_at", filter=shown))
        .filter(latest__isnull=False)
        .order_by("slug")
    )


SITEMAPS = {
    "collections": CollectionsSitemap,
    "trends": TrendsSitemap,
    "tags": TagsSitemap,
    "audiences": AudiencesSitemap,
    "experts": ExpertsSitemap,
}
