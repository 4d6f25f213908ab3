from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SharedConfig(AppConfig):
    name = "trendsite.shared"
    label = "trendsite"  # the prefix of its tables, content types and migrations
    verbose_name = _("Vocabulary")

    def ready(self) -> None:
        from trendsite.shared import checks  # noqa: F401  # registers itself
        from trendsite.shared.revisions import storing
        from trendsite.shared.text_limits import limit_texts
        from trendsite.shared.translations import tracking

        limit_texts()
        storing.connect()
        tracking.connect()
