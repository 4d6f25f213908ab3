from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrendsConfig(AppConfig):
    name = "trends"
    verbose_name = _("Trends")

    def ready(self) -> None:
        from trends.formats import card_files
        from trends.search import signals

        card_files.connect()
        signals.connect()
