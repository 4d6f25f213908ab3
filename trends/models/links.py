"""What a trend links to in the editor's order: tags, mentions, and related reading."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase

from quotes.models import Mention, Source
from trendsite.shared.models import Tag


class TaggedTrend(ItemBase):
    """A tag of a trend, in the editor's order; the first is its leading tag."""

    content_object = models.ForeignKey("trends.Trend", models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(
        Tag, models.PROTECT, related_name="tagged_trends", verbose_name=_("tag")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    natural_key_fields = ["tag", "content_object"]

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["order", "pk"]
        indexes = [models.Index(fields=["tag", "content_object"], name="trends_tag_on")]
        constraints = [
            models.UniqueConstraint(fields=["content_object", "tag"], name="trends_tag_once")
        ]


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
