from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin_apps
from django.core.signals import request_started
from django.db.backends.signals import connection_created

from trendsite import connections
from trendsite.logs import report_errors, watch_queries


class ProjectConfig(AppConfig):
    """The project itself, for its commands and signals. It has no models."""

    name = "trendsite"
    label = "project"  # `trendsite` is the label of trendsite.shared, which has tables

    def ready(self) -> None:
        connection_created.connect(connections.remember_file)
        request_started.connect(connections.close_if_replaced)
        if milliseconds := settings.SLOW_QUERY_MILLISECONDS:
            connection_created.connect(
                lambda connection, **kwargs: watch_queries(connection, milliseconds), weak=False
            )
        if settings.SENTRY_DSN:
            report_errors(settings.SENTRY_DSN)


class EditorsSiteConfig(admin_apps.AdminConfig):
    """Django's admin, with `trendsite.admin_site.EditorsSite` as `admin.site`."""

    default = False  # ProjectConfig is the default of this package
    default_site = "trendsite.admin_site.EditorsSite"
