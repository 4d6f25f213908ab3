from typing import Any

from django.core.management.base import BaseCommand

from trends.formats.card_files import draw_cards
from trends.models import Trend


class Command(BaseCommand):
    help = (
        "Draw the card images of trends that have none yet: after an upgrade that draws them "
        "otherwise, or for a storage that lost them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        drawn = sum(draw_cards(trend) for trend in Trend.objects.iterator())
        if options["verbosity"]:
            self.stdout.write(f"Cards drawn: {drawn}")
