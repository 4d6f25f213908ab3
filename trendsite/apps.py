from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ProjectConfig(AppConfig):
    """The project itself: its commands. It has no models."""

    name = "trendsite"
    label = "project"  # `trendsite` is the label of trendsite.shared, which has tables


class EditorsSiteConfig(admin_apps.AdminConfig):
    """Django's admin, with `admin.site` the one of `trendsite.admin_site`."""

    default = False  # of this package's configurations
    default_site = "trendsite.admin_site.EditorsSite"
