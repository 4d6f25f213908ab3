from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class TrendsiteConfig(AppConfig):
    name = "trendsite"
    verbose_name = _("Vocabulary")


class EditorsSiteConfig(admin_apps.AdminConfig):
    """Django's admin, with `admin.site` the one of `trendsite.admin_site`."""

    default = False  # of this package's configurations
    default_site = "trendsite.admin_site.EditorsSite"
