"""What editors prepare: the state of a draft, or of the working version of a published trend.

Nobody but editors sees the rows of a trend that is not published, so these are its draft. A
published trend is changed in a second row of the table, its working version: `Trend.working_of`
points to the published one, and it is never published itself. `trends.editing.publishing` makes
it, and brings what it holds to the published row.
"""

import zlib

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from trendsite.shared.text_models import TextModel


class Preparation(TextModel):
    """Where a draft or a working version is on its way to readers."""

    trend = models.OneToOneField("trends.Trend", models.CASCADE, related_name="preparation")
    begun_at = models.DateTimeField(auto_now_add=True)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # The slug that the published trend gets from its working version, whose own is nobody's.
    slug = models.CharField(max_length=80, blank=True)
    # The text of the published trend from which the working version was begun, compressed.
    base = models.BinaryField(null=True)
    in_review = models.JSONField(_("languages in review"), default=list, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    # What is said to whoever reviews it, or to whoever gets it back.
    note = models.TextField(blank=True)
    publish_at = models.DateTimeField(_("publish at"), null=True, db_index=True)
    # The languages that are published then; empty: all.
    languages = models.JSONField(default=list, blank=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Why it could not be published at its time.
    problem = models.TextField(blank=True)
    # Warnings of the checklist that do not count, by their names: who waived each, when, and why.
    waivers = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("preparation")
        verbose_name_plural = _("preparations")
        default_permissions = ()  # whoever may change the trend may prepare it

    def __str__(self) -> str:
        return str(self.trend)

    @property
    def base_text(self) -> str:
        """The text of the published trend from which the working version was begun."""
        return zlib.decompress(self.base).decode() if self.base else ""

    @base_text.setter
    def base_text(self, text: str) -> None:
        self.base = zlib.compress(text.encode(), 9)
