"""Trends and their parts: drivers, implications, timeline, assessments, mentions, reading."""

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import (
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Length, Replace
from django.db.models.lookups import LessThan
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django_stubs_ext import StrOrPromise
from taggit.managers import TaggableManager
from taggit.models import ItemBase

from quotes.models import Expert, Mention, MentionQuerySet, Source, TaggedMention
from trends.levels import NEEDS_NOTE, OUTCOMES, Claimant, Confidence, EntryKind, Outcome, Status
from trends.movement import Judgement, Movement, recent_from
from trendsite.shared.constraints import DatabaseCheck
from trendsite.shared.former_slugs import RenamableModel
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate, PartialDateField, Precision
from trendsite.shared.permanent_keys import KeyedModel, key_constraint
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
    written,
    written_in,
)
from trendsite.shared.versions import VersionedModel

MAX_KEY_POINTS = 4
KEY_POINT_LENGTH = 200


def _choices_constraint(field: str, choices: type[models.TextChoices]) -> DatabaseCheck:
    return DatabaseCheck(
        condition=Q(**{f"{field}__in": choices.values}),
        name=f"%(app_label)s_%(class)s_{field}",
    )


def _at_most_four_lines(column: str) -> DatabaseCheck:
    text = Coalesce(F(column), Value(""))
    line_breaks = Length(text) - Length(Replace(text, Value("\n")))
    return DatabaseCheck(
        condition=LessThan(line_breaks, MAX_KEY_POINTS), name=f"%(app_label)s_%(class)s_{column}"
    )


# Any: years are numbers, all else is text.
def _has_one_of(name: str, values: Collection[Any]) -> Q | Exists:
    """Return the condition of one filter of `TrendQuerySet.filtered()`."""
    if name in VOCABULARIES:
        return VOCABULARIES[name].among(values)
    if name == "year":
        return _since_one_of(values)
    return Q(**{f"{name}__in": values})


def _since_one_of(years: Collection[int]) -> Q:
    """Return a condition on `since`, as spans of dates, which can use the column's index."""
    condition = Q(pk__in=[])
    for year in years:
        condition |= Q(since__during=PartialDate(datetime.date(year, 1, 1), Precision.YEAR))
    return condition


def _judgement(status: str, confidence: str) -> Judgement:
    return Judgement(Status(status), Confidence(confidence))


class TrendQuerySet(models.QuerySet["Trend"]):
    """Trends in the selections that pages show. A date `at` defaults to today."""

    def published(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Return the trends that readers see; those without a date are drafts."""
        return self.filter(published__lte=at or timezone.localdate())

    def in_force(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Return the published trends that are not retired."""
        at = at or timezone.localdate()
        return self.published(at).filter(Q(retired__isnull=True) | Q(retired__gt=at))

    def retired(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Return the published trends that are retired."""
        at = at or timezone.localdate()
        return self.published(at).filter(retired__lte=at)

    def with_successors(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Prefetch the `successors` that readers see, by slug."""
        return self.prefetch_related(
            Prefetch("successors", Trend.objects.published(at).order_by("slug"))
        )

    def filtered(self, values: Mapping[str, Collection[Any]]) -> "TrendQuerySet":
        """Trends that have one of the values of every filter; a filter without values is ignored.

        Filters are "status", "confidence", "year" and the keys of `VOCABULARIES`.
        """
        trends = self
        for name, chosen in values.items():
            if chosen:
                trends = trends.filter(_has_one_of(name, chosen))
        return trends

    def offered_in(self, language: str) -> "TrendQuerySet":
        """Return the trends offered in a language; see `Trend.languages`."""
        return self.filter(
            written_in("title", language) & (written_in("shift", language) | ~written("shift"))
        )

    def latest_first(self) -> "TrendQuerySet":
        """Order by date of publication, the latest first and drafts last."""
        return self.order_by(F("published").desc(nulls_last=True), "slug")

    def in_force_first(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Order the latest published first, retired trends last."""
        is_retired = Case(When(retired__lte=at or timezone.localdate(), then=1), default=0)
        return self.order_by(is_retired, F("published").desc(nulls_last=True), "slug")

    def with_movement(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Annotate what `Trend.movement` needs, and the date of the newest assessment.

        That is `reviewed`; `is_new` and `has_moved` are the rules of `trends.movement`, by which
        assessments that were reconstructed do not count.
        """
        today = at or timezone.localdate()
        recent = recent_from(today)
        assessments = (
            Assessment.objects.filter(trend=OuterRef("pk")).observed(today).order_by("-date")
        )
        stays = Q(judged_status=F("status_before"), judged_confidence=F("confidence_before"))
        return self.annotate(
            reviewed=Subquery(assessments.values("date")[:1]),
            judged_status=Subquery(assessments.values("status")[:1]),
            judged_confidence=Subquery(assessments.values("confidence")[:1]),
            status_before=Subquery(assessments.values("status")[1:2]),
            confidence_before=Subquery(assessments.values("confidence")[1:2]),
            is_new=Case(
                When(
                    Exists(assessments) & ~Exists(assessments.filter(date__lt=recent)),
                    then=Value(True),
                ),
                default=Value(False),
            ),
            has_moved=Case(
                When(
                    Q(reviewed__gte=recent, status_before__isnull=False) & ~stays,
                    then=Value(True),
                ),
                default=Value(False),
            ),
        )

    def for_list(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Fetch what a list shows of each trend: its tags, its last review, how it moved."""
        return self.with_movement(at).prefetch_related(
            Prefetch("tagged", TaggedTrend.objects.select_related("tag"))
        )

    def under_review(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Those in force with a falsifier whose date is past on a day, today unless told."""
        return self.filter(_is_under_review(at or timezone.localdate()))

    def with_review(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """Annotate `is_under_review`, the rule of `under_review()`."""
        condition = _is_under_review(at or timezone.localdate())
        return self.annotate(
            is_under_review=ExpressionWrapper(condition, output_field=models.BooleanField())
        )

    def for_page(self, at: datetime.date | None = None) -> "TrendQuerySet":
        """With what the trend page shows on a day but its citations and the linked trends.

        Those are asked for by `citations.cited_sources()` and `related.linked_trends()`. Nine
        queries, whatever a trend holds.
        """
        today = at or timezone.localdate()
        return self.prefetch_related(
            Prefetch("tagged", TaggedTrend.objects.select_related("tag")),
            "drivers",
            Prefetch(
                "trend_mentions",
                TrendMention.objects.select_related(
                    "mention__expert", "mention__video", "mention__source"
                ),
            ),
            Prefetch(
                "trend_mentions__mention__tagged", TaggedMention.objects.select_related("tag")
            ),
            Prefetch("implications", Implication.objects.select_related("audience")),
            Prefetch(
                "timeline",
                TimelineEntry.objects.select_related("source", "expert", "quotation"),
            ),
            Prefetch("assessments", Assessment.objects.known(today)),
            "falsifiers",
        )


def _is_under_review(today: datetime.date) -> Q:
    overdue = Falsifier.objects.filter(Q(date__ended_before=today), trend=OuterRef("pk"))
    return Q(Exists(overdue)) & (Q(retired__isnull=True) | Q(retired__gt=today))


# A name of its own for the type checker: at run time modeltranslation replaces the class.
TrendManager = models.Manager.from_queryset(TrendQuerySet)


class Trend(VersionedModel, RenamableModel, TranslatedModel):
    """Something that changes, with the editors' judgement of it."""

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
        help_text=_("As precise as known: 2024, 2024-Q3, 2024-08 or 2024-08-15."),
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

    objects: ClassVar["TrendManager[Trend]"] = TrendManager()

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
        indexes = [
            # What the index counts beside its filters, without a look at the texts.
            models.Index(
                fields=["published", "retired", "status", "confidence", "since"],
                name="trends_trend_counts",
            )
        ]
        constraints = [
            _choices_constraint("status", Status),
            _choices_constraint("confidence", Confidence),
            *(_at_most_four_lines(name) for name in columns("key_points")),
            DatabaseCheck(
                condition=Q(retired__isnull=True)
                | Q(published__isnull=False, retired__gte=F("published")),
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
        return reverse("trend", args=[self.slug])

    def in_brief(self, language: str | None = None) -> TranslatedText:
        """Return the first key point in a language, by default the active one, or the subtitle.

        A subtitle in that language goes before key points that fall back to another one.
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
                form: settings.SITE_URL + reverse(name, args=[self.slug])
                for form, name in names.items()
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
        """Tell whether readers see it, as `TrendQuerySet.published()` does."""
        return self.published is not None and self.published <= (at or timezone.localdate())

    def is_retired(self, at: datetime.date | None = None) -> bool:
        """Tell whether a published trend is retired, as `TrendQuerySet.retired()` does."""
        return self.retired is not None and self.retired <= (at or timezone.localdate())

    @property
    def tag_rows(self) -> list[Tag]:
        """Its tags in the editor's order, out of the prefetch."""
        return [tagged.tag for tagged in self.tagged.all()]

    @property
    def movement(self) -> Movement:
        """How it moved recently. Requires `TrendQuerySet.with_movement()`."""
        if not self.has_moved:
            return Movement(self.is_new)
        return Movement(
            self.is_new,
            before=_judgement(self.status_before, self.confidence_before),
            after=_judgement(self.judged_status, self.judged_confidence),
        )

    @property
    def languages(self) -> list[str]:
        """The languages in which it is offered: those of its title, and of its shift if any."""
        titles, shifts = translations(self, "title"), translations(self, "shift")
        return [code for code in languages() if code in titles and (code in shifts or not shifts)]


class TaggedTrend(ItemBase):
    """A tag of a trend, in the editor's order; the first is its leading tag."""

    content_object = models.ForeignKey(Trend, models.CASCADE, related_name="tagged")
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


class Driver(KeyedModel, TranslatedModel):
    """A reason why the shift happens."""

    trend = models.ForeignKey(Trend, models.CASCADE, related_name="drivers")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    heading = models.CharField(_("heading"), max_length=200, null=True, blank=True)
    body = models.TextField(_("body"), null=True, blank=True, help_text=_("Markdown."))
    sources = models.ManyToManyField(
        Source, blank=True, related_name="drivers", verbose_name=_("sources")
    )

    required_texts = ("heading",)
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


class Audience(VersionedModel, RenamableModel, TranslatedModel):
    """A group of people whom trends concern: a vocabulary shared by all trends."""

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
        return reverse("audience", args=[self.slug])


class Implication(KeyedModel, TranslatedModel):
    """One point of what a trend means for an audience."""

    trend = models.ForeignKey(Trend, models.CASCADE, related_name="implications")
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
    anchor_kind = "point"
    key_scope = "trend"
    key_text = "lead"
    link_label = _("Link to this point")

    class Meta:
        verbose_name = _("implication")
        verbose_name_plural = _("implications")
        ordering = ["audience__order", "audience__slug", "order", "pk"]
        indexes = [
            # For the filter by audience, which asks of each trend whether it has this one.
            models.Index(fields=["trend", "audience"], name="trends_implication_for"),
        ]
        constraints = [
            key_constraint("trend"),
            *text_constraints(texts=["lead", "text"], required=["lead"]),
        ]

    def __str__(self) -> str:
        return str(translated(self, "lead"))


class TimelineEntry(KeyedModel, TranslatedModel):
    """Something that happened, that is scheduled, or that somebody forecasts.

    A forecast is somebody's claim: `made_by` says whose, `made` when, `criterion` what settles
    it, `probability` how likely they thought it, in percent. What is unknown is empty.
    """

    trend = models.ForeignKey(Trend, models.CASCADE, related_name="timeline")
    date = PartialDateField(_("date"))
    text = models.TextField(_("text"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind, default=EntryKind.EVENT)
    outcome = models.CharField(
        _("outcome"),
        max_length=10,
        choices=Outcome,
        blank=True,
        help_text=_("What became of a forecast or of what was scheduled. Empty: pending."),
    )
    note = models.TextField(_("note"), null=True, blank=True, help_text=_("Why this outcome."))
    settled = PartialDateField(
        _("settled"),
        null=True,
        blank=True,
        help_text=_("When the outcome was known. Empty: on the date of the entry."),
    )
    made_by = models.CharField(
        _("made by"),
        max_length=10,
        choices=Claimant,
        blank=True,
        help_text=_("Who made the forecast. Empty: unknown."),
    )
    expert = models.ForeignKey(
        Expert,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="forecasts",
        verbose_name=_("expert"),
        help_text=_("The expert who made the forecast."),
    )
    quotation = models.ForeignKey(
        Mention,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="forecasts",
        verbose_name=_("quotation"),
        help_text=_("The words in which the expert made it."),
    )
    made = PartialDateField(
        _("made"), null=True, blank=True, help_text=_("When the forecast was made.")
    )
    criterion = models.TextField(
        _("criterion"), null=True, blank=True, help_text=_("What will settle the forecast.")
    )
    probability = models.PositiveSmallIntegerField(
        _("probability"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=_("In percent, as whoever made the forecast gave it."),
    )
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="timeline_entries",
        verbose_name=_("source"),
    )

    required_texts = ("text",)
    anchor_kind = "event"
    key_scope = "trend"
    key_text = "text"

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        ordering = ["date", "pk"]
        indexes = [
            # For the forecasts among all that happened: counted without a look at the texts.
            models.Index(
                fields=["kind", "outcome", "date", "settled", "trend"], name="trends_forecast"
            )
        ]
        constraints = [
            DatabaseCheck(
                condition=Q(kind=EntryKind.EVENT, outcome="")
                | Q(kind=EntryKind.SCHEDULED, outcome__in=OUTCOMES[EntryKind.SCHEDULED])
                | Q(kind=EntryKind.FORECAST, outcome__in=OUTCOMES[EntryKind.FORECAST]),
                name="trends_timelineentry_outcome_of_kind",
                violation_error_message=_("An entry of this kind cannot have this outcome."),
            ),
            DatabaseCheck(
                condition=Q(settled__isnull=True) | ~Q(outcome__in=["", Outcome.PENDING]),
                name="trends_timelineentry_settled_has_outcome",
                violation_error_message=_("Choose the outcome that was known on this date."),
            ),
            DatabaseCheck(
                condition=~Q(outcome__in=NEEDS_NOTE) | written("note"),
                name="trends_timelineentry_outcome_has_note",
                violation_error_message=_("Write why this is the outcome."),
            ),
            DatabaseCheck(
                condition=Q(kind=EntryKind.FORECAST)
                | Q(made_by="", made__isnull=True, probability__isnull=True)
                & ~written("criterion"),
                name="trends_timelineentry_claim_is_forecast",
                violation_error_message=_("Only a forecast has somebody who made it."),
            ),
            DatabaseCheck(
                condition=Q(made_by=Claimant.EXPERT, expert__isnull=False)
                | Q(made_by__in=["", Claimant.EDITORS], expert__isnull=True, quotation__isnull=True)
                | Q(
                    made_by=Claimant.SOURCE,
                    source__isnull=False,
                    expert__isnull=True,
                    quotation__isnull=True,
                ),
                name="trends_timelineentry_claimant",
                violation_error_message=_("Name the expert or the source that made the forecast."),
            ),
            DatabaseCheck(
                condition=Q(probability__isnull=True) | Q(probability__lte=100),
                name="trends_timelineentry_probability",
            ),
            key_constraint("trend"),
            *text_constraints(texts=["text", "note", "criterion"], required=["text"]),
        ]

    def __str__(self) -> str:
        return f"{self.date}: {translated(self, 'text')}"

    @property
    def claimant(self) -> str:
        """The name of whoever made the forecast; empty if unknown."""
        match self.made_by:
            case Claimant.EXPERT:
                return str(self.expert)
            case Claimant.SOURCE if self.source:
                source = self.source
                return source.origin or source.publisher or source.title or source.host
            case Claimant.EDITORS:
                return pgettext("of a forecast", "the editors of this site")
        return ""

    @property
    def link_label(self) -> StrOrPromise:
        if self.kind == EntryKind.FORECAST:
            return _("Link to this forecast")
        if self.kind == EntryKind.SCHEDULED:
            return _("Link to this scheduled date")
        return _("Link to this event")

    def clean_fields(self, exclude: Any = None) -> None:
        if self.kind in (EntryKind.FORECAST, EntryKind.SCHEDULED) and not self.outcome:
            self.outcome = Outcome.PENDING
        super().clean_fields(exclude)

    def clean(self) -> None:
        super().clean()
        if self.kind not in EntryKind.values:
            return  # what follows depends on it
        errors = {**self._errors_of_outcome(), **self._errors_of_claim()}
        if errors:
            raise ValidationError(errors)

    def _errors_of_outcome(self) -> dict[str, StrOrPromise]:
        if self.outcome and self.outcome not in OUTCOMES[EntryKind(self.kind)]:
            if self.kind == EntryKind.EVENT:
                return {
                    "outcome": _("An event has no outcome: leave it empty, or change the kind.")
                }
            return {
                "outcome": _("An entry of this kind is one of these: %(outcomes)s.")
                % {
                    "outcomes": ", ".join(
                        str(choice.label) for choice in OUTCOMES[EntryKind(self.kind)]
                    )
                }
            }
        is_open = self.outcome in ("", Outcome.PENDING)
        today = timezone.localdate()
        if self.settled and is_open:
            return {"settled": _("Choose the outcome that was known on this date.")}
        if isinstance(self.settled, PartialDate) and self.settled.first_day > today:
            return {"settled": _("This date is in the future: nothing is settled yet.")}
        if (
            not is_open
            and not self.settled
            and isinstance(self.date, PartialDate)
            and self.date.last_day > today
        ):
            return {"settled": _("Its date is not over: write when the outcome was known.")}
        if self.outcome in NEEDS_NOTE and not translations(self, "note"):
            return {"outcome": _("Write a note that says why this is the outcome.")}
        return {}

    def _errors_of_claim(self) -> dict[str, StrOrPromise]:
        criteria = translations(self, "criterion")
        claims = {
            "made_by": self.made_by,
            "made": self.made,
            "probability": self.probability is not None,
            "expert": self.expert_id,
            "quotation": self.quotation_id,
            **{column("criterion", code): text for code, text in criteria.items()},
        }
        if self.kind != EntryKind.FORECAST:
            message = _("Only a forecast has this: leave it empty, or change the kind.")
            return {name: message for name, value in claims.items() if value}
        if self.made_by == Claimant.EXPERT and not self.expert:
            return {"expert": _("Name the expert who made the forecast.")}
        if self.made_by != Claimant.EXPERT and (self.expert or self.quotation):
            return {"made_by": _("An expert is named here: choose “expert”.")}
        if self.quotation and self.expert and self.quotation.expert != self.expert:
            return {"quotation": _("This quotation is by somebody else.")}
        if self.made_by == Claimant.SOURCE and not self.source:
            return {"source": _("Name the source that made the forecast.")}
        if (
            isinstance(self.made, PartialDate)
            and isinstance(self.date, PartialDate)
            and self.made.first_day > self.date.last_day
        ):
            return {"made": _("This is after the date that the forecast is about.")}
        return {}


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Assessments, compared with the one before on the same trend."""

    def known(self, today: datetime.date) -> "AssessmentQuerySet":
        """Return those that readers see on a day: none dated later."""
        return self.filter(date__lte=PartialDate.from_date(today))

    def observed(self, today: datetime.date) -> "AssessmentQuerySet":
        """Return those made at their time, up to a day: none reconstructed or dated later."""
        return self.known(today).filter(reconstructed=False)

    def before(self, date: OuterRef) -> "AssessmentQuerySet":
        """Return those dated before another row's date, the newest first, for a subquery."""
        return self.filter(date__lt=date).order_by("-date")

    def with_judgement_before(self) -> "AssessmentQuerySet":
        """Annotate `status_before` and `confidence_before`, None for the first of a trend.

        The one before is the last that was not reconstructed.
        """
        before = Assessment.objects.filter(trend=OuterRef("trend"), reconstructed=False).before(
            OuterRef("date")
        )
        return self.annotate(
            status_before=Subquery(before.values("status")[:1]),
            confidence_before=Subquery(before.values("confidence")[:1]),
        )

    def with_change(self) -> "AssessmentQuerySet":
        """Annotate the judgement before and, as `what`, how this one changed it.

        "new" for the first assessment of a trend, "moved" for one that differs from the one
        before in status or confidence, else "reviewed". For assessments of `observed()`.
        """
        stays = Q(status=F("status_before"), confidence=F("confidence_before"))
        return self.with_judgement_before().annotate(
            what=Case(
                When(status_before__isnull=True, then=Value("new")),
                When(stays, then=Value("reviewed")),
                default=Value("moved"),
            )
        )


AssessmentManager = models.Manager.from_queryset(AssessmentQuerySet)


class Assessment(TranslatedModel):
    """What the editors judged on a day, and why."""

    trend = models.ForeignKey(Trend, models.CASCADE, related_name="assessments")
    date = PartialDateField(_("date"))
    status = models.CharField(_("status"), max_length=20, choices=Status)
    confidence = models.CharField(_("confidence"), max_length=20, choices=Confidence)
    rationale = models.TextField(_("rationale"), null=True, blank=True)
    reconstructed = models.BooleanField(
        _("reconstructed"),
        default=False,
        help_text=_("Made afterwards, from sources of the time. It counts as no change."),
    )
    sources = models.ManyToManyField(
        Source, blank=True, related_name="assessments", verbose_name=_("sources")
    )

    link_label = _("Link to this assessment")

    objects: ClassVar["AssessmentManager[Assessment]"] = AssessmentManager()

    # Annotated by `AssessmentQuerySet.with_change()`.
    status_before: str | None
    confidence_before: str | None
    what: str

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["-date", "-pk"]
        indexes = [
            # The judgement before another one, without a look at the rationale.
            models.Index(
                fields=["trend", "date", "reconstructed", "status", "confidence"],
                name="trends_assessment_before",
            ),
            models.Index(fields=["date", "id"], name="trends_assessment_latest"),
        ]
        constraints = [
            _choices_constraint("status", Status),
            _choices_constraint("confidence", Confidence),
            models.UniqueConstraint(
                fields=["trend", "date"],
                name="trends_assessment_one_a_date",
                violation_error_message=_("An assessment with this date already exists."),
            ),
            *text_constraints(texts=["rationale"]),
        ]

    def clean(self) -> None:
        super().clean()
        if isinstance(self.date, PartialDate) and self.date.first_day > timezone.localdate():
            raise ValidationError({"date": _("An assessment cannot be dated in the future.")})

    def __str__(self) -> str:
        return f"{self.date}: {self.get_status_display()}"

    @property
    def movement(self) -> Movement:
        """How it changed the judgement before. Requires `AssessmentQuerySet.with_change()`."""
        if self.status_before is None or self.confidence_before is None:
            return Movement(is_new=True)
        if self.what != "moved":
            return Movement()
        return Movement(
            before=_judgement(self.status_before, self.confidence_before),
            after=_judgement(self.status, self.confidence),
        )

    @property
    def anchor(self) -> str:
        """Its id on the trend's page. The date is unique there, and needs no key."""
        return f"assessment-{self.date}"


class Falsifier(TranslatedModel):
    """What would change the editors' minds about a trend, perhaps by a date."""

    trend = models.ForeignKey(Trend, models.CASCADE, related_name="falsifiers")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    text = models.CharField(_("text"), max_length=300, null=True, blank=True)
    date = PartialDateField(
        _("by"),
        null=True,
        blank=True,
        help_text=_("When this should have happened. Past it, the trend is under review."),
    )

    required_texts = ("text",)

    class Meta:
        verbose_name = _("what would change our mind")
        verbose_name_plural = _("what would change our mind")
        ordering = ["order", "pk"]
        indexes = [
            # For the trends under review: those with a date that is past.
            models.Index(fields=["trend", "date"], name="trends_falsifier_due")
        ]
        constraints = text_constraints(texts=["text"], required=["text"])

    def __str__(self) -> str:
        return str(translated(self, "text"))

    def is_overdue(self, today: datetime.date) -> bool:
        """Return whether its date is past on a day: the trend should have been reviewed."""
        return self.date is not None and self.date.last_day < today


class TrendMention(models.Model):
    """A mention on the page of a trend; as a voice it is also shown near the top."""

    trend = models.ForeignKey(Trend, models.CASCADE, related_name="trend_mentions")
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

    trend = models.ForeignKey(Trend, models.CASCADE, related_name="readings")
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


@dataclass(frozen=True)
class Vocabulary:
    """Rows by which trends are found: their model, and the table that links them to trends."""

    model: type[models.Model]
    text: str
    """The translated text by which readers know a row."""
    links: type[models.Model]
    trend: str
    """Lookup from a link to its trend."""
    row: str
    """Lookup from a link to the row."""
    trends: str
    """Lookup from a row to its trends."""
    links_are_few: bool = False
    """Whether a row has so few trends that a database had better begin with its links."""

    def links_to(self, trends: TrendQuerySet) -> models.QuerySet[models.Model]:
        """Return the links to some trends."""
        return self.links._default_manager.filter(**{f"{self.trend}__in": trends.values("pk")})

    def among(self, slugs: Collection[str]) -> Q | Exists:
        """Return a condition for trends that are linked to at least one of these rows."""
        links = self.links._default_manager.filter(**{f"{self.row}__slug__in": slugs}).order_by()
        if self.links_are_few:
            return Q(pk__in=links.values(self.trend))
        return Exists(links.filter(**{self.trend: OuterRef("pk")}))


VOCABULARIES = {
    "tag": Vocabulary(
        Tag, "label", TaggedTrend, "content_object", "tag", "tagged_trends__content_object"
    ),
    "audience": Vocabulary(
        Audience, "label", Implication, "trend", "audience", "implications__trend"
    ),
    "expert": Vocabulary(
        Expert,
        "name",
        TrendMention,
        "trend",
        "mention__expert",
        "mentions__trend_mentions__trend",
        links_are_few=True,
    ),
}
"""By the name that each has in query strings and addresses."""


def mentions_for_readers(at: datetime.date | None = None) -> MentionQuerySet:
    """Return the mentions on published trends, the latest first. `at` defaults to today.

    Each has the published trends that show it as `shown_on`.
    """
    day = at or timezone.localdate()
    published = Trend.objects.published(day)
    on_these = TrendMention.objects.filter(mention=OuterRef("pk"), trend__published__lte=day)
    return (
        Mention.objects.filter(Exists(on_these))
        .for_cards()
        .prefetch_related(Prefetch("trends", published.order_by("slug"), to_attr="shown_on"))
        .order_by(Coalesce("video__date", "source__date").desc(nulls_last=True), "pk")
    )
