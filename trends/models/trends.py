"""The model of trends."""

import datetime
import re
from dataclasses import replace
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Length, Replace
from django.db.models.lookups import LessThan
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from taggit.managers import TaggableManager

from quotes.models import Mention, Source
from trends.levels import Confidence, Status
from trends.models.trend_queryset import TrendManager, TrendsManager
from trends.movement import Judgement, Movement
from trendsite.shared import days
from trendsite.shared.constraints import DatabaseCheck, choices_constraint
from trendsite.shared.former_slugs import RenamableModel
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate, PartialDateField
from trendsite.shared.paths import path_to
from trendsite.shared.slugs import AddressSlugField
from trendsite.shared.text.japanese import KANJI
from trendsite.shared.translated import (
    TranslatedModel,
    TranslatedText,
    column,
    columns,
    languages,
    text_constraints,
    translated,
    translations,
)
from trendsite.shared.versions import VersionedModel

MAX_KEY_POINTS = 4
KEY_POINT_LENGTH = 200


def _at_most_four_lines(column: str) -> DatabaseCheck:
    text = Coalesce(F(column), Value(""))
    line_breaks = Length(text) - Length(Replace(text, Value("\n")))
    return DatabaseCheck(
        condition=LessThan(line_breaks, MAX_KEY_POINTS), name=f"%(app_label)s_%(class)s_{column}"
    )


class Trend(VersionedModel, RenamableModel, TranslatedModel):
    """A trend, with the editors' present judgement of it."""

    slug = AddressSlugField(
        _("slug"),
        max_length=80,
        help_text=_("Its URL in every language. If you change it, the old URL redirects here."),
    )
    status = models.CharField(_("status"), max_length=20, choices=Status, db_index=True)
    confidence = models.CharField(_("confidence"), max_length=20, choices=Confidence, db_index=True)
    since = PartialDateField(
        _("since"),
        db_index=True,
        help_text=_(
            "As precise as known: 2024, 2024-Q3, 2024-08 or 2024-08-15; 2024-03/2024-06 for a "
            "range, 2024~ for about 2024."
        ),
    )
    title = models.CharField(_("title"), max_length=200, null=True, blank=True)
    title_reading = models.CharField(
        _("how the title is read"),
        max_length=200,
        null=True,
        blank=True,
        help_text=_(
            "In kana, if the title begins with kanji. It decides the place in the A–Z "
            "list. Readers do not see it."
        ),
    )
    subtitle = models.CharField(_("subtitle"), max_length=300, null=True, blank=True)
    key_points = models.TextField(
        _("key points"),
        null=True,
        blank=True,
        help_text=_(
            "One point per line, at most four: what is shifting, why we think so, how sure "
            "we are and of what, what to do."
        ),
    )
    confidence_of = models.CharField(
        _("what the confidence is of"),
        max_length=200,
        null=True,
        blank=True,
        help_text=_("The claim to which the confidence applies, as a clause beside the badge."),
    )
    shift = models.TextField(
        _("the shift"),
        null=True,
        blank=True,
        help_text=_("What is changing, and which earlier view no longer holds. Markdown."),
    )
    shift_sources = models.ManyToManyField(
        Source, blank=True, related_name="shifts", verbose_name=_("sources of the shift")
    )
    related = models.ManyToManyField(
        "self", blank=True, symmetrical=False, related_name="+", verbose_name=_("related trends")
    )
    published = models.DateField(
        _("published"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_("The day from which readers see it. Empty: a draft. In the future: scheduled."),
    )
    retired = models.DateField(
        _("retired"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_(
            "From this day we no longer follow it. Its page stays, with a banner, but it "
            "leaves the overview. In the future: scheduled."
        ),
    )
    successors = models.ManyToManyField(
        "self",
        blank=True,
        symmetrical=False,
        related_name="predecessors",
        verbose_name=_("successors"),
        help_text=_("Trends that replace this one."),
    )
    retired_note = models.TextField(
        _("why it is retired"), null=True, blank=True, help_text=_("A sentence or two.")
    )
    updated_at = models.DateTimeField(_("last updated"), default=timezone.now, editable=False)
    # The published trend of a working version: see `trends.models.preparations`.
    working_of = models.OneToOneField(
        "self", models.CASCADE, null=True, editable=False, related_name="working_version"
    )
    tags = TaggableManager(  # type: ignore[no-untyped-call]
        through="trends.TaggedTrend", blank=True, verbose_name=_("tags")
    )
    mentions = models.ManyToManyField(
        Mention, through="TrendMention", related_name="trends", verbose_name=_("mentions")
    )
    reading = models.ManyToManyField(
        Source, through="Reading", related_name="read_on", verbose_name=_("related reading")
    )

    required_texts = ("title",)
    marked_text = "shift"
    own_texts = ("title_reading",)

    objects: ClassVar["TrendManager[Trend]"] = TrendsManager()
    everything: ClassVar["TrendManager[Trend]"] = TrendManager()

    # Annotated by `TrendQuerySet.with_movement()`.
    reviewed: PartialDate | None
    judged_status: str
    judged_confidence: str
    status_before: str
    confidence_before: str
    is_new: bool
    has_moved: bool
    # Annotated by `TrendQuerySet.with_review()`.
    is_under_review: bool

    class Meta:
        verbose_name = _("trend")
        verbose_name_plural = _("trends")
        ordering = ["slug"]
        permissions = [
            ("publish_trend", "Can publish and retire trends"),
            *((f"translate_{code}", f"Can translate into {code}") for code in languages()),
        ]
        indexes = [
            # For the counts of filters on the index page, without reading texts.
            models.Index(
                fields=["published", "retired", "status", "confidence", "since", "working_of"],
                name="trends_trend_count",
            ),
            # For SQLite, which takes an index with so many empty values for useless.
            models.Index(
                fields=["working_of"],
                condition=Q(working_of__isnull=False),
                name="trends_trend_working",
            ),
            models.Index(fields=["updated_at", "published"], name="trends_trend_updated"),
            # The latest of a feed, where many are of one day, too.
            models.Index(F("published").desc(), "slug", name="trends_trend_latest"),
            models.Index(F("retired").desc(), "slug", name="trends_trend_latest_retired"),
        ]
        constraints = [
            choices_constraint("status", Status),
            choices_constraint("confidence", Confidence),
            *(_at_most_four_lines(name) for name in columns("key_points")),
            DatabaseCheck(
                condition=Q(working_of__isnull=True) | Q(published__isnull=True),
                name="trends_trend_working_version_is_unpublished",
            ),
            DatabaseCheck(
                condition=Q(retired__isnull=True)
                | Q(published__isnull=False, retired__gte=F("published"))
                | Q(published__isnull=True, working_of__isnull=False),
                name="trends_trend_retired_after_published",
                violation_error_message=_("A trend cannot be retired before it is published."),
            ),
            *text_constraints(
                texts=[
                    "title",
                    "title_reading",
                    "subtitle",
                    "key_points",
                    "confidence_of",
                    "shift",
                    "retired_note",
                ],
                required=["title"],
            ),
        ]

    def __str__(self) -> str:
        return str(translated(self, "title")) or self.slug

    def get_absolute_url(self) -> str:
        return path_to("trend", self.slug)

    def in_brief(self, language: str | None = None) -> TranslatedText:
        """Return the first key point in a language, by default the active one, or the subtitle.

        A subtitle in that language is preferred to a key point in a fallback language.
        """
        points, subtitle = (translated(self, name, language) for name in ("key_points", "subtitle"))
        if not points.text or (points.is_fallback and subtitle.text and not subtitle.is_fallback):
            return subtitle
        return replace(points, text=points.text.partition("\n")[0])

    def absolute_urls(self, language: str) -> dict[str, str]:
        """Return the addresses of its page in a language, as "html", "json" and "markdown"."""
        names = {"html": "trend", "json": "trend-json", "markdown": "trend-markdown"}
        with translation.override(language):
            return {
                form: settings.SITE_URL + path_to(name, self.slug) for form, name in names.items()
            }

    def tidy_texts(self) -> None:
        super().tidy_texts()
        for name, points in translations(self, "key_points").items():
            lines = (line.strip() for line in points.split("\n"))
            setattr(self, column("key_points", name), "\n".join(filter(None, lines)))

    def clean(self) -> None:
        super().clean()
        errors: dict[str, StrOrPromise] = {}
        days = (self.published, self.retired)
        if self.retired is None:
            if translations(self, "retired_note"):
                errors["retired"] = _("There is a note on why it is retired: enter the day, too.")
        elif self.published is None:
            if self.working_of_id is None:
                errors["retired"] = _("Only a published trend can be retired.")
        elif all(isinstance(day, datetime.date) for day in days) and self.retired < self.published:
            errors["retired"] = _("This is before its publication date.")
        for language, reading in translations(self, "title_reading").items():
            if re.search(f"[{KANJI}]", reading):
                name = column("title_reading", language)
                errors[name] = _("Enter how the title is read, without kanji.")
        for language, points in translations(self, "key_points").items():
            lines = points.split("\n")
            if len(lines) > MAX_KEY_POINTS:
                errors[column("key_points", language)] = _(
                    "Enter at most %(most)d key points, one per line."
                ) % {"most": MAX_KEY_POINTS}
            elif any(len(line) > KEY_POINT_LENGTH for line in lines):
                errors[column("key_points", language)] = _(
                    "Enter at most %(most)d characters in each key point."
                ) % {"most": KEY_POINT_LENGTH}
        if errors:
            raise ValidationError(errors)

    def count_change(self) -> None:
        super().count_change()
        self.updated_at = timezone.now()

    def is_published(self, at: datetime.date | None = None) -> bool:
        """Return whether readers see the trend, as `TrendQuerySet.published()` does."""
        return self.published is not None and self.published <= (at or days.today())

    def is_retired(self, at: datetime.date | None = None) -> bool:
        """Return whether a published trend is retired, as `TrendQuerySet.retired()` does."""
        return self.retired is not None and self.retired <= (at or days.today())

    @property
    def tag_rows(self) -> list[Tag]:
        """Return the tags in the editors' order, from prefetched rows."""
        return [tagged.tag for tagged in self.tagged.all()]

    @property
    def movement(self) -> Movement:
        """Return the recent movement. Requires `TrendQuerySet.with_movement()`."""
        if not self.has_moved:
            return Movement(self.is_new)
        return Movement(
            self.is_new,
            before=Judgement.of(self.status_before, self.confidence_before),
            after=Judgement.of(self.judged_status, self.judged_confidence),
        )

    @property
    def languages(self) -> list[str]:
        """Return the languages in which the title and, if there is one, the shift are written.

        The trend is offered in these.
        """
        titles, shifts = translations(self, "title"), translations(self, "shift")
        return [code for code in languages() if code in titles and (code in shifts or not shifts)]
