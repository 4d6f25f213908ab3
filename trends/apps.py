from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class TrendsConfig(AppConfig):
    name = "trends"
    verbose_name = _("Trends and audiences")

    def ready(self) -> None:
        from quotes.links.link_queries import check_also
        from trends.editing import renamed_sources
        from trends.editing.publishing import roles
        from trends.fixture_format.row_revisions import row_kinds
        from trends.fixture_format.trend_revisions import TrendKind
        from trends.formats import card_files
        from trends.queries.kept_lists.renewal import renewing_lists
        from trends.queries.kept_lists.unlisting import install_triggers
        from trends.queries.links_in_texts import addresses_in_texts
        from trends.search import index, signals
        from trendsite.shared import text_parts
        from trendsite.shared.revisions import kinds
        from trendsite.shared.writes import surround_writes

        roles.connect(self)
        card_files.connect()
        signals.connect()
        renamed_sources.connect()
        kinds.register(TrendKind(), *row_kinds())
        check_also(addresses_in_texts)
        surround_writes(index.indexed_once)
        surround_writes(renewing_lists)
        post_migrate.connect(install_triggers, sender=self)
        pre_migrate.connect(text_parts.remove_triggers, sender=self)
        post_migrate.connect(text_parts.install_indexes, sender=self)
