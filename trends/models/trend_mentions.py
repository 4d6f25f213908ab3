"""The mentions on the page of a trend."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from quotes.models import Mention


class TrendMention(models.Model):
    """A mention on the page of a trend; as a voice it is also shown near the top."""

    trend = models.ForeignKey("trends.Trend", models.CASCADE, related_name="trend_mentions")
    mention = models.ForeignKey(
        Mention, models.PROTECT, related_name="trend_mentions", verbose_name=_("mention")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    voice = models.BooleanField(
        _("voice"), default=False, help_text=_("Also shown under “Who is saying this”.")
    )

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["trend", "mention"],
                name="trends_mention_once",
                violation_error_message=_("This quotation is already on the trend."),
            )
        ]

    def __str__(self) -> str:
        return str(self.mention)
