"""The site's addresses. This module alone names both apps."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import path
from django.views.i18n import set_language

from trends.formats import sitemaps
from trends.formats import views as machines
from trends.formats.feed_views import feed_addresses
from trends.pages import views as trends
from trends.pages.search import search_page
from trends.queries.vocabularies import AUDIENCES, EXPERTS, TAGS
from trendsite import views

urlpatterns = [
    # Before the admin's own addresses: an editor's language is the one thing kept in a cookie
    # that is not their session.
    path("admin/language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("media/<path:name>", views.media, name="media"),
    path("healthz", views.health, name="health"),
    path("llms.txt", machines.llms, name="llms"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap-section"),
    path("api/trends.json", machines.trends_json, name="trends-json"),
    *i18n_patterns(
        *feed_addresses(),
        path("opensearch.xml", machines.opensearch, name="opensearch"),
        path("card.jpg", machines.card, name="site-card"),
        path("", trends.index, name="index"),
        path("trends/<slug:slug>/", trends.trend, name="trend"),
        path("trends/<slug:slug>.json", machines.trend_json, name="trend-json"),
        path("trends/<slug:slug>.md", machines.trend_markdown, name="trend-markdown"),
        path("tags/", trends.directory, {"directory": TAGS}, name="tags"),
        path("audiences/", trends.directory, {"directory": AUDIENCES}, name="audiences"),
        path("experts/", trends.directory, {"directory": EXPERTS}, name="experts"),
        path("tags/<slug:slug>/", trends.tag, name="tag"),
        path("audiences/<slug:slug>/", trends.audience, name="audience"),
        path("experts/<slug:slug>/", trends.expert, name="expert"),
        path("sources/<slug:key>/", trends.source, name="source"),
        path("videos/<slug:platform>/<slug:video_id>/", trends.video, name="video"),
        path("a-z/", trends.a_z, name="a-z"),
        path("forecasts/", trends.forecasts, name="forecasts"),
        path("changes/", trends.changes, name="changes"),
        path("search/", search_page, name="search"),
    ),
]

if settings.DEBUG:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()
