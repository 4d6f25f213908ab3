"""The URL patterns of formats with all languages in one file."""

from django.urls import path

from trends.formats import collection, llms_txt, sitemaps

urlpatterns = [
    path("llms.txt", llms_txt.llms, name="llms"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap-section"),
    path("api/trends.json", collection.trends_json, name="trends-json"),
]
