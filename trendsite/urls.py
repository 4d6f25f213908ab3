"""The URL patterns of the site. Those of `trends` are included by name."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from trendsite import health, views

urlpatterns = [
    # Before the admin's own patterns, which would match it. The language of an editor is kept in a
    # cookie.
    path(f"{settings.ADMIN_PATH}/language/", set_language, name="set_language"),
    path(f"{settings.ADMIN_PATH}/passkeys/", include("trendsite.accounts.passkeys")),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("media/<path:name>", views.media, name="media"),
    path("healthz", health.health, name="health"),
    path("readyz", health.readiness, name="readiness"),
    path("metrics", health.metrics, name="metrics"),
    path("robots.txt", views.robots, name="robots"),
    path("speculation-rules.json", views.speculation_rules, name="speculation-rules"),
    path("", include("trends.formats.urls")),
    *i18n_patterns(
        path("", include("trends.formats.language_urls")),
        path("", include("trends.pages.urls")),
    ),
]

handler500 = "trendsite.views.server_error"

if settings.DEBUG:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()
