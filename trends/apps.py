from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrendsConfig(AppConfig):
    name = "trends"
    verbose_name = _("Trends")

    def ready(self) -> None:
        from trends.editing import renamed_sources
        from trends.formats import card_files
        from trends.search import index, signals
        from trendsite.shared.writes import surround_writes

        card_files.connect()
        signals.connect()
        renamed_sources.connect()
        surround_writes(index.indexed_once)
