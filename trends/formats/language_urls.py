"""The URL patterns of formats that are below a language prefix."""

from django.urls import path

from trends.formats import bibliography, feeds, site, trend_json, trend_markdown

urlpatterns = [
    *feeds.addresses(),
    *bibliography.addresses(),
    path("opensearch.xml", site.opensearch, name="opensearch"),
    path("card.jpg", site.card, name="site-card"),
    path("trends/<slug:slug>.json", trend_json.trend_json, name="trend-json"),
    path("trends/<slug:slug>.md", trend_markdown.trend_markdown, name="trend-markdown"),
]
