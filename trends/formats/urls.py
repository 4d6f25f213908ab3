"""The addresses of the forms that are the same for every language."""

from django.urls import path

from trends.formats import sitemaps, views

urlpatterns = [
    path("llms.txt", views.llms, name="llms"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap-section"),
    path("api/trends.json", views.trends_json, name="trends-json"),
]
