"""Drivers: the reasons why a shift happens."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from quotes.models import Source
from trendsite.shared.permanent_keys import KeyedModel, key_constraint
from trendsite.shared.translated import TranslatedModel, text_constraints, translated


class Driver(KeyedModel, TranslatedModel):
    """A reason why the shift happens."""

    trend = models.ForeignKey("trends.Trend", models.CASCADE, related_name="drivers")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    heading = models.CharField(_("heading"), max_length=200, null=True, blank=True)
    body = models.TextField(_("body"), null=True, blank=True, help_text=_("Markdown."))
    sources = models.ManyToManyField(
        Source, blank=True, related_name="drivers", verbose_name=_("sources")
    )

    required_texts = ("heading",)
    marked_text = "body"
    anchor_kind = "driver"
    key_scope = "trend"
    key_text = "heading"
    link_label = _("Link to this driver")

    class Meta:
        verbose_name = _("key driver")
        verbose_name_plural = _("key drivers")
        ordering = ["order", "pk"]
        constraints = [
            key_constraint("trend"),
            *text_constraints(texts=["heading", "body"], required=["heading"]),
        ]

    def __str__(self) -> str:
        return str(translated(self, "heading"))
