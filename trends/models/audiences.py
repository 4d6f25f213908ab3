"""Audiences, and the implications of a trend for an audience."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from quotes.models import Source
from trendsite.shared.former_slugs import RenamableModel
from trendsite.shared.paths import path_to
from trendsite.shared.permanent_keys import KeyedModel, key_constraint
from trendsite.shared.slugs import AddressSlugField
from trendsite.shared.translated import TranslatedModel, text_constraints, translated
from trendsite.shared.versions import VersionedModel


class Audience(VersionedModel, RenamableModel, TranslatedModel):
    """A group of people whom trends concern. All trends share the audiences."""

    slug = AddressSlugField(_("slug"))
    label = models.CharField(_("label"), max_length=100, null=True, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    required_texts = ("label",)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        ordering = ["order", "slug"]
        constraints = text_constraints(texts=["label"], required=["label"])

    def __str__(self) -> str:
        return str(translated(self, "label")) or self.slug

    def get_absolute_url(self) -> str:
        return path_to("audience", self.slug)


class Implication(KeyedModel, TranslatedModel):
    """One implication of a trend for an audience."""

    trend = models.ForeignKey("trends.Trend", models.CASCADE, related_name="implications")
    audience = models.ForeignKey(
        Audience, models.PROTECT, related_name="implications", verbose_name=_("audience")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    lead = models.CharField(
        _("lead"), max_length=200, null=True, blank=True, help_text=_("The point in a few words.")
    )
    text = models.TextField(_("explanation"), null=True, blank=True)
    sources = models.ManyToManyField(
        Source, blank=True, related_name="implications", verbose_name=_("sources")
    )

    required_texts = ("lead",)
    marked_text = "text"
    anchor_kind = "point"
    key_scope = "trend"
    key_text = "lead"
    link_label = _("Link to this point")

    class Meta:
        verbose_name = _("implication")
        verbose_name_plural = _("implications")
        ordering = ["audience__order", "audience__slug", "order", "pk"]
        indexes = [
            # For the filter by audience, which looks up each trend.
            models.Index(fields=["trend", "audience"], name="trends_implication_for"),
        ]
        constraints = [
            key_constraint("trend"),
            *text_constraints(texts=["lead", "text"], required=["lead"]),
        ]

    def __str__(self) -> str:
        return str(translated(self, "lead"))
