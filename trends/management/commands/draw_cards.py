from typing import Any

from django.core.management.base import BaseCommand

from quotes.models import Video
from quotes.pictures import broken_master
from trends.formats.card_files import draw_cards
from trends.models import Trend


class Command(BaseCommand):
    help = (
        "Draw the card images of trends, and the smaller sizes of video thumbnails, that are "
        "missing or cut off: after an upgrade that draws them otherwise, or for a storage that "
        "lost them. Thumbnails that must be uploaded again are named."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        cards = sum(draw_cards(trend) for trend in Trend.objects.iterator())
        thumbnails = 0
        for video in Video.objects.exclude(thumbnail="").iterator():
            try:
                thumbnails += video.picture.mend() if video.picture else 0
            except (ValueError, FileNotFoundError):
                self.stderr.write(broken_master(video))
        if options["verbosity"]:
            self.stdout.write(f"Cards drawn: {cards}")
            self.stdout.write(f"Sizes of thumbnails drawn: {thumbnails}")
