"""Falsifiers: what would change the editors' minds about a trend."""

import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from trendsite.shared.partial_dates import PartialDateField
from trendsite.shared.translated import TranslatedModel, text_constraints, translated


class Falsifier(TranslatedModel):
    """An observation that would change the editors' minds about a trend, perhaps by a date."""

    trend = models.ForeignKey("trends.Trend", models.CASCADE, related_name="falsifiers")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    text = models.CharField(_("text"), max_length=300, null=True, blank=True)
    date = PartialDateField(
        _("by"),
        null=True,
        blank=True,
        help_text=_("When this should have happened. Past it, the trend is under review."),
    )

    required_texts = ("text",)
    counted_names = (_("sign that would change our mind"), _("signs that would change our mind"))

    class Meta:
        verbose_name = _("what would change our mind")
        verbose_name_plural = _("what would change our mind")
        ordering = ["order", "pk"]
        indexes = [
            # For trends under review: those that have a falsifier with a past date.
            models.Index(fields=["trend", "date"], name="trends_falsifier_due")
        ]
        constraints = text_constraints(texts=["text"], required=["text"])

    def __str__(self) -> str:
        return str(translated(self, "text"))

    def is_overdue(self, today: datetime.date) -> bool:
        """Return whether its date is past on a day, so that the trend needs a review."""
        return self.date is not None and self.date.last_day < today
