"""The tags of a trend."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase

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
