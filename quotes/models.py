"""Models of evidence: sources, experts, videos, and mentions, which are experts' words."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy
from taggit.managers import TaggableManager
from taggit.models import ItemBase

# Django finds models in this module alone.
from quotes.links.models import CheckedLink as CheckedLink
from quotes.moments import format_moment
from quotes.pictures import Picture, ThumbnailField, stored_picture
from quotes.platforms import VIDEO_ID_LENGTH, Platform, is_video_id, video_address
from quotes.portraits import Portrait, portrait_of
from trendsite.shared.constraints import DatabaseCheck
from trendsite.shared.former_slugs import RenamableModel
from trendsite.shared.language_codes import check_language_code
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDateField
from trendsite.shared.paths import path_to
from trendsite.shared.permanent_keys import (
    KeyedModel,
    KeyedQuerySet,
    digest,
    key_constraint,
    key_of_words,
)
from trendsite.shared.slugs import AddressSlugField, free_slug
from trendsite.shared.text.normal_form import comparable_text
from trendsite.shared.text_models import TextModel
from trendsite.shared.translated import (
    TranslatedModel,
    TranslatedText,
    column,
    languages,
    text_constraints,
    translated,
)
from trendsite.shared.versions import VersionedModel
from trendsite.shared.web_addresses import (
    ArchivedPage,
    ComparedAddressField,
    WebAddressField,
    archived_page,
)

# The key made for a source has at most so many characters, and so many words of its title.
_LENGTH_OF_KEY = 60
_TITLE_WORDS_OF_KEY = 4


class Source(VersionedModel, RenamableModel, TranslatedModel):
    """A document that drivers, timeline entries and assessments cite; one row for each page."""

    key = AddressSlugField(
        _("key"), help_text=_("A short name used in data files, such as gartner-2025-iaas.")
    )
    url = WebAddressField(_("address"), unique=True)
    compared_url = ComparedAddressField(_("compared address"))
    title = models.CharField(_("title"), max_length=300, blank=True)
    description = models.CharField(
        _("description"),
        max_length=200,
        null=True,
        blank=True,
        help_text=_(
            "What it is, where its own title does not say: “summary of the episode”. Shown in "
            "brackets after the title, or in its place."
        ),
    )
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    origin = models.CharField(
        _("origin"),
        max_length=200,
        blank=True,
        help_text=_("Whose work it reprints or reports, if that is not the publisher’s own."),
    )
    date = PartialDateField(_("date"), null=True, blank=True)
    language = models.CharField(
        _("language"),
        max_length=35,
        blank=True,
        validators=[check_language_code],
        help_text=_("Code of the language in which it is written, such as en or ja."),
    )

    address_field = "key"

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["key"]
        # Not unique: databases from before it was compared may have two rows of one page.
        indexes = [
            models.Index(fields=["compared_url"], name="quotes_source_page"),
            # For the languages to filter by in the admin, and its lists of one language.
            models.Index(fields=["language", "key"], name="quotes_source_language"),
        ]
        constraints = [*text_constraints(texts=["description"])]

    def __str__(self) -> str:
        return self.title or self.bracketed.text or self.url

    @property
    def bracketed(self) -> TranslatedText:
        """The description in brackets, in the reader's language; may be empty."""
        text = translated(self, "description")
        if not text.text:
            return text
        words = pgettext("description of a source", "[%(text)s]") % {"text": text.text}
        return replace(text, text=words)

    @property
    def credit(self) -> str:
        """Who made the work, and who published it: “Gartner, via CRN India”."""
        if self.origin and self.publisher:
            return pgettext("credit of a source", "%(origin)s, via %(publisher)s") % {
                "origin": self.origin,
                "publisher": self.publisher,
            }
        return self.origin or self.publisher

    def get_absolute_url(self) -> str:
        return path_to("source", self.key)

    def clean(self) -> None:
        super().clean()
        self.key = self.key or self.free_key()

    def free_key(self) -> str:
        """Return a key that no other source has: `example-press-2025-title-of-report`. One query.

        Leaves out characters that ASCII cannot write. Where that leaves nothing of the publisher,
        uses the host.
        """
        parts = [
            slugify(self.publisher) or slugify(self.host.replace(".", "-")),
            str(self.date.first_day.year) if self.date else "",
            "-".join(slugify(self.title).split("-")[:_TITLE_WORDS_OF_KEY]),
        ]
        words = "-".join(part for part in parts if part)[:_LENGTH_OF_KEY].strip("-")
        wanted = slugify(words.replace("_", "-")) or "source"
        others = Source.objects.exclude(pk=self.pk).filter(key__startswith=wanted)
        return free_slug(wanted, set(others.values_list("key", flat=True)))

    @property
    def host(self) -> str:
        """The host of the address; for a copy in the Internet Archive, the host of the original."""
        address = self.archived.address if self.archived else self.url
        return (urlsplit(address).hostname or "").removeprefix("www.")

    @property
    def archived(self) -> ArchivedPage | None:
        """The page that the address is a copy of, if the address is in the Internet Archive."""
        return archived_page(self.url)


class Expert(VersionedModel, RenamableModel, TranslatedModel):
    """A person whose words are evidence."""

    slug = AddressSlugField(_("slug"))
    name = models.CharField(_("name"), max_length=100, null=True, blank=True)
    role = models.CharField(_("role"), max_length=200, null=True, blank=True)
    affiliation = models.CharField(_("affiliation"), max_length=200, null=True, blank=True)
    url = WebAddressField(_("link"), blank=True)

    required_texts = ("name",)
    proper_names = ("name", "affiliation")

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        ordering = ["slug"]
        constraints = text_constraints(texts=["name", "role", "affiliation"], required=["name"])

    def __str__(self) -> str:
        return str(translated(self, "name"))

    def get_absolute_url(self) -> str:
        return path_to("expert", self.slug)

    @property
    def portrait(self) -> Portrait:
        """The portrait to draw where a mention has no picture."""
        name = translated(self, "name")
        return portrait_of(self.slug, name.text, name.language if name.is_fallback else "")


class Video(VersionedModel, TextModel):
    """A recording on a video platform, with its thumbnail."""

    platform = models.CharField(_("platform"), max_length=20, choices=Platform)
    video_id = models.CharField(
        _("video id"),
        max_length=VIDEO_ID_LENGTH,
        help_text=_("The part of its URL that identifies it, such as dQw4w9WgXcQ."),
    )
    title = models.CharField(_("title"), max_length=300, blank=True)
    channel = models.CharField(_("channel"), max_length=200, blank=True)
    date = PartialDateField(_("date"), null=True, blank=True)
    thumbnail = ThumbnailField(
        _("thumbnail"),
        blank=True,
        help_text=_(
            "JPEG, PNG, WebP or AVIF of at most 10 MB; it is cropped to 16:9. "
            "Without one, a picture with the speaker’s name is drawn."
        ),
    )
    thumbnail_width = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ["platform", "video_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "video_id"],
                name="quotes_video_once",
                violation_error_message=_("This video has already been added."),
            ),
            DatabaseCheck(condition=Q(platform__in=Platform.values), name="quotes_video_platform"),
            DatabaseCheck(
                condition=Q(thumbnail="", thumbnail_width=0)
                | (~Q(thumbnail="") & Q(thumbnail_width__gt=0)),
                name="quotes_video_thumbnail_width",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.get_platform_display()} {self.video_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save in a transaction, at whose end the files of the thumbnail are written."""
        with transaction.atomic():
            super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return path_to("video", self.platform, self.video_id)

    def clean(self) -> None:
        super().clean()
        if self.platform in Platform.values and not is_video_id(self.platform, self.video_id):
            message = _("“%(id)s” is not the id of a video on %(platform)s.")
            if self.platform == Platform.PEERTUBE:
                message = _("“%(id)s” is no video on a host that the setting PEERTUBE_HOSTS names.")
            raise ValidationError(
                {
                    "video_id": ValidationError(
                        message,
                        code="invalid",
                        params={"id": self.video_id, "platform": self.get_platform_display()},
                    )
                }
            )

    def url_at(self, second: int | None = None) -> str:
        """Return the address on the platform, which starts at `second` where that is given."""
        return video_address(self.platform, self.video_id, second)

    @property
    def picture(self) -> Picture | None:
        """The files of the thumbnail; None where the video has none."""
        return stored_picture(str(self.thumbnail), self.thumbnail_width)


class Verification(models.TextChoices):
    """How far the words of a quotation are verified. Empty where nobody has said."""

    WORDING = "wording", pgettext_lazy("verification", "wording verified")
    GIST = "gist", pgettext_lazy("verification", "gist verified")
    PRESUMED = "presumed", pgettext_lazy("verification", "presumed")


def digest_of_words(words: str) -> str:
    """Return a digest that is equal for quotations that read the same."""
    return digest(comparable_text(words), 32)


class MentionQuerySet(KeyedQuerySet):
    """Mentions, with what their cards show."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.tidy_texts()
        return super().bulk_create(rows, *args, **kwargs)

    def for_cards(self) -> "MentionQuerySet":
        """Return the mentions with all that their cards show. Two queries."""
        return self.select_related("expert", "video", "source").prefetch_related(
            Prefetch("tagged", TaggedMention.objects.select_related("tag"))
        )


MentionManager = models.Manager.from_queryset(MentionQuerySet)


class Mention(VersionedModel, KeyedModel, TranslatedModel):
    """An expert's words, verbatim, with the video or source that holds them.

    `mentions_for_readers()` sets `shown_on`, the trends that show the mention.
    """

    shown_on: list[Any]  # Any: trends, whose models import this module

    expert = models.ForeignKey(
        Expert, models.PROTECT, related_name="mentions", verbose_name=_("expert")
    )
    original = models.TextField(
        _("original words"), help_text=_("Word for word, in the language in which it was said.")
    )
    # Equal for equal words. A digest, since PostgreSQL cannot index texts of any length.
    words_digest = models.CharField(max_length=32, editable=False)
    language = models.CharField(
        _("language of the original"), max_length=35, default="en", validators=[check_language_code]
    )
    verified = models.CharField(
        _("verified"),
        max_length=10,
        choices=Verification,
        blank=True,
        help_text=_(
            "The wording, from a recording or transcript; its gist, from a report; or presumed."
        ),
    )
    translation = models.TextField(_("translation"), null=True, blank=True)
    occasion = models.CharField(
        _("occasion"),
        max_length=300,
        null=True,
        blank=True,
        help_text=_("Where and when it was said, and who reported it."),
    )
    video = models.ForeignKey(
        Video,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mentions",
        verbose_name=_("video"),
    )
    start = models.PositiveIntegerField(
        _("start"),
        null=True,
        blank=True,
        help_text=_("Seconds from the start of the video, or 12:34."),
    )
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mentions",
        verbose_name=_("source"),
        help_text=_("Instead of a video, or in addition to one."),
    )
    tags = TaggableManager(through="quotes.TaggedMention", blank=True, verbose_name=_("tags"))  # type: ignore[no-untyped-call]

    original_texts = {"translation": "original"}
    anchor_kind = "quotation"
    link_label = _("Link to this quotation")

    objects: ClassVar["MentionManager[Mention]"] = MentionManager()

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["pk"]
        # For the languages to filter by in the admin.
        indexes = [models.Index(fields=["language"], name="quotes_mention_language")]
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "words_digest"],
                name="quotes_mention_once",
                violation_error_message=_("This quotation has already been added."),
            ),
            DatabaseCheck(
                condition=Q(start__isnull=True) | Q(video__isnull=False),
                name="quotes_mention_start_needs_video",
                violation_error_message=_("To set a start time, choose a video."),
            ),
            DatabaseCheck(condition=~Q(original=""), name="quotes_mention_has_original"),
            DatabaseCheck(
                condition=Q(verified__in=["", *Verification.values]), name="quotes_mention_verified"
            ),
            key_constraint(),
            *text_constraints(texts=["translation", "occasion"]),
        ]

    def __str__(self) -> str:
        return f"{self.expert}: {Truncator(self.original).chars(60)}"

    def clean(self) -> None:
        super().clean()
        errors = {}
        if self.start is not None and self.video is None:
            errors["start"] = _("To set a start time, choose a video.")
        if self.language in languages() and getattr(self, column("translation", self.language)):
            errors[column("translation", self.language)] = _(
                "The original is in this language; leave its translation empty."
            )
        if errors:
            raise ValidationError(errors)

    def validate_constraints(self, exclude: Iterable[str] | None = None) -> None:
        # Django leaves out constraints on fields that the form lacks, and no form has the digest.
        super().validate_constraints(set(exclude or ()) - {"words_digest"})

    def tidy_texts(self) -> None:
        super().tidy_texts()
        self.words_digest = digest_of_words(self.original)

    def derived_key(self) -> str:
        try:
            owner = self.expert.slug
        except Expert.DoesNotExist:  # further down in a fixture of Django's
            owner = "quotation"
        return key_of_words(owner, self.original)

    @property
    def tag_rows(self) -> list[Tag]:
        """The tags in the editor's order, from the prefetched rows. No query."""
        return [tagged.tag for tagged in self.tagged.all()]

    @property
    def link(self) -> str:
        """The address to check the words at: the video at its second, else the source."""
        if self.video:
            return self.video.url_at(self.start)
        return self.source.url if self.source else ""

    @property
    def picture(self) -> Picture | None:
        """The video's thumbnail; None where there is none, and the portrait is shown."""
        return self.video.picture if self.video else None

    @property
    def start_display(self) -> str:
        """The start as players show it, `12:34`; empty where there is none."""
        return "" if self.start is None else format_moment(self.start)


class TaggedMention(ItemBase):
    """A tag of a mention, with its place in the order that the editor chose."""

    content_object = models.ForeignKey(Mention, models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(
        Tag, models.PROTECT, related_name="tagged_mentions", verbose_name=_("tag")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    natural_key_fields = ["tag", "content_object"]

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["order", "pk"]
        indexes = [models.Index(fields=["tag", "content_object"], name="quotes_tag_on")]
        constraints = [
            models.UniqueConstraint(
                fields=["content_object", "tag"], name="quotes_taggedmention_once"
            )
        ]
