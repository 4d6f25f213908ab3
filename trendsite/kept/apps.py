from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KeptConfig(AppConfig):
    name = "trendsite.kept"
    label = "kept"

    def ready(self) -> None:
        from trendsite.kept.triggers import install_triggers

        post_migrate.connect(install_triggers, sender=self)
