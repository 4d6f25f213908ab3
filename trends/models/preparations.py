"""The editorial state of a draft, or of the working version of a published trend.

A draft is a trend without a date of publication. A published trend is changed in a second row of
the table, its working version: its `Trend.working_of` points to the published row, and it is never
published itself. `trends.editing.publishing` makes working versions and copies their content to the
published row.
"""

import zlib

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from trendsite.shared.text_models import TextModel


class Preparation(TextModel):
    """The review and the schedule of a draft or a working version."""

    trend = models.OneToOneField("trends.Trend", models.CASCADE, related_name="preparation")
    begun_at = models.DateTimeField(auto_now_add=True)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # The slug that the published trend will get. A working version has a random slug of its own.
    slug = models.CharField(max_length=80, blank=True)
    # The text of the published trend from which the working version was begun, compressed.
    base = models.BinaryField(null=True)
    in_review = models.JSONField(_("languages in review"), default=list, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    # A message to the reviewer, or to the writer who gets it back.
    note = models.TextField(blank=True)
    publish_at = models.DateTimeField(_("publish at"), null=True, db_index=True)
    # The languages to publish; empty for all.
    languages = models.JSONField(default=list, blank=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Why the scheduled publication failed.
    problem = models.TextField(blank=True)
    # Waived warnings of the checklist, by their names: who waived each, when, and why.
    waivers = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("preparation")
        verbose_name_plural = _("preparations")
        default_permissions = ()  # those of the trend apply

    def __str__(self) -> str:
        return str(self.trend)

    @property
    def base_text(self) -> str:
        """Return the text of the published trend when the working version was begun."""
        return zlib.decompress(self.base).decode() if self.base else ""

    @base_text.setter
    def base_text(self, text: str) -> None:
        self.base = zlib.compress(text.encode(), 9)
