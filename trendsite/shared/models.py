"""The vocabulary that trends and mentions share."""

from typing import Any

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from taggit.models import TagBase

from trendsite.shared.constraints import DatabaseCheck
from trendsite.shared.former_slugs import FormerSlug, RenamableModel  # noqa: F401  models of this app
from trendsite.shared.paths import path_to
from trendsite.shared.presence import Presence  # noqa: F401
from trendsite.shared.revisions.models import Revision  # noqa: F401
from trendsite.shared.slugs import AddressSlugField
from trendsite.shared.translated import TranslatedModel, text_constraints, translated
from trendsite.shared.translations.models import TranslationState  # noqa: F401
from trendsite.shared.versions import VersionedModel


class Tag(VersionedModel, RenamableModel, TranslatedModel, TagBase):
    """A tag, with one ASCII key for all languages and a label in each.

    The key is `name`, by which django-taggit finds tags. If `name` were translated, a tag that is
    added in another language would be a second tag.
    """

    slug = AddressSlugField(
        _("key"), help_text=_("Used in URLs and data files, the same in every language.")
    )
    label = models.CharField(_("label"), max_length=100, null=True, blank=True)

    required_texts = ("label",)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["slug"]
        constraints = [
            DatabaseCheck(condition=models.Q(name=F("slug")), name="trendsite_tag_name_is_slug"),
            *text_constraints(texts=["label"], required=["label"]),
        ]

    def __str__(self) -> str:
        return str(translated(self, "label")) or self.slug

    def get_absolute_url(self) -> str:
        return path_to("tag", self.slug)

    def clean_fields(self, exclude: Any = None) -> None:
        self.name = self.slug
        super().clean_fields(exclude)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or self.name
        self.name = self.slug
        super().save(*args, **kwargs)
