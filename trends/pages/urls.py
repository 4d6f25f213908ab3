"""The URL patterns of readers' pages, below the language prefix."""

from django.urls import path

from trends.pages.a_z import a_z_page
from trends.pages.audience import audience_page
from trends.pages.changes import changes_page
from trends.pages.directory import directory_page
from trends.pages.expert import expert_page
from trends.pages.forecasts import forecasts_page
from trends.pages.index import index_page
from trends.pages.search import search_page
from trends.pages.source import source_page
from trends.pages.tag import tag_page
from trends.pages.trend import trend_page
from trends.pages.video import video_page
from trends.queries.vocabularies import AUDIENCES, EXPERTS, TAGS

urlpatterns = [
    path("", index_page, name="index"),
    path("trends/<slug:slug>/", trend_page, name="trend"),
    path("tags/", directory_page, {"directory": TAGS}, name="tags"),
    path("audiences/", directory_page, {"directory": AUDIENCES}, name="audiences"),
    path("experts/", directory_page, {"directory": EXPERTS}, name="experts"),
    path("tags/<slug:slug>/", tag_page, name="tag"),
    path("audiences/<slug:slug>/", audience_page, name="audience"),
    path("experts/<slug:slug>/", expert_page, name="expert"),
    path("sources/<slug:key>/", source_page, name="source"),
    path("videos/<slug:platform>/<path:video_id>/", video_page, name="video"),
    path("a-z/", a_z_page, name="a-z"),
    path("forecasts/", forecasts_page, name="forecasts"),
    path("changes/", changes_page, name="changes"),
    path("search/", search_page, name="search"),
]
