"""The addresses of the forms that there are in each language, below the language."""

from django.urls import path

from trends.formats import views
from trends.formats.feed_views import feed_addresses

urlpatterns = [
    *feed_addresses(),
    path("opensearch.xml", views.opensearch, name="opensearch"),
    path("card.jpg", views.card, name="site-card"),
    path("trends/<slug:slug>.json", views.trend_json, name="trend-json"),
    path("trends/<slug:slug>.md", views.trend_markdown, name="trend-markdown"),
]
