"""The related reading of a trend."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from quotes.models import Source


class Reading(models.Model):
    """A source listed as related reading."""

    trend = models.ForeignKey("trends.Trend", models.CASCADE, related_name="readings")
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="readings", verbose_name=_("source")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("related reading")
        verbose_name_plural = _("related reading")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["trend", "source"],
                name="trends_reading_once",
                violation_error_message=_("This source is already listed."),
            )
        ]

    def __str__(self) -> str:
        return str(self.source)
