from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrendsiteConfig(AppConfig):
    name = "trendsite"
    verbose_name = _("Vocabulary")
