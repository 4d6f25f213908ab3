"""Assessments: the editors' judgements of trends, with their dates."""

import datetime
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from quotes.models import Source
from trends.levels import Confidence, Status
from trends.movement import Judgement, Movement
from trendsite.shared import days
from trendsite.shared.constraints import choices_constraint
from trendsite.shared.partial_dates import PartialDate, PartialDateField
from trendsite.shared.translated import TranslatedModel, text_constraints


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Assessments, with comparisons to the previous one of the same trend."""

    def known(self, today: datetime.date | RawSQL) -> "AssessmentQuerySet":
        """Return the assessments that readers see on a day: those not dated later.

        `today` may be an SQL expression.
        """
        until = PartialDate.from_date(today) if isinstance(today, datetime.date) else today
        return self.filter(date__lte=until)

    def observed(self, today: datetime.date) -> "AssessmentQuerySet":
        """Return the assessments up to a day, without those that were reconstructed afterwards."""
        return self.known(today).filter(reconstructed=False)

    def before(self, date: OuterRef) -> "AssessmentQuerySet":
        """Return the assessments before the date of an outer query, the newest first."""
        return self.filter(date__lt=date).order_by("-date")

    def with_judgement_before(self) -> "AssessmentQuerySet":
        """Annotate `status_before` and `confidence_before`, None for the first of a trend.

        They are those of the last earlier assessment that was not reconstructed.
        """
        before = Assessment.objects.filter(trend=OuterRef("trend"), reconstructed=False).before(
            OuterRef("date")
        )
        return self.annotate(
            status_before=Subquery(before.values("status")[:1]),
            confidence_before=Subquery(before.values("confidence")[:1]),
        )

    def with_change(self) -> "AssessmentQuerySet":
        """Annotate `status_before`, `confidence_before` and `what`, the change from them.

        `what` is "new" for the first assessment of a trend, "moved" if status or confidence
        differ from those before, else "reviewed". For assessments of `observed()`.
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
    """A judgement of a trend on a day, with its rationale."""

    trend = models.ForeignKey("trends.Trend", models.CASCADE, related_name="assessments")
    date = PartialDateField(_("date"))
    status = models.CharField(_("status"), max_length=20, choices=Status)
    confidence = models.CharField(_("confidence"), max_length=20, choices=Confidence)
    reason = models.CharField(
        _("reason in short"),
        max_length=200,
        null=True,
        blank=True,
        help_text=_(
            "In a sentence: shown first, and wherever it is told what changed. "
            "The rationale follows behind it."
        ),
    )
    rationale = models.TextField(_("rationale"), null=True, blank=True)
    reconstructed = models.BooleanField(
        _("reconstructed"),
        default=False,
        help_text=_("Made afterwards, from sources of the time. It counts as no change."),
    )
    sources = models.ManyToManyField(
        Source, blank=True, related_name="assessments", verbose_name=_("sources")
    )

    marked_text = "rationale"
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
            # For the judgement before another one: it has all columns of that query.
            models.Index(
                fields=["trend", "date", "reconstructed", "status", "confidence"],
                name="trends_assessment_before",
            ),
            models.Index(fields=["date", "id"], name="trends_assessment_latest"),
        ]
        constraints = [
            choices_constraint("status", Status),
            choices_constraint("confidence", Confidence),
            models.UniqueConstraint(
                fields=["trend", "date"],
                name="trends_assessment_one_a_date",
                violation_error_message=_("An assessment with this date already exists."),
            ),
            *text_constraints(texts=["reason", "rationale"]),
        ]

    def clean(self) -> None:
        super().clean()
        if isinstance(self.date, PartialDate) and self.date.first_day > days.today():
            raise ValidationError({"date": _("An assessment cannot be dated in the future.")})

    def __str__(self) -> str:
        return f"{self.date}: {self.get_status_display()}"

    @property
    def movement(self) -> Movement:
        """Return the change from the previous assessment. Requires `with_change()`."""
        if self.status_before is None or self.confidence_before is None:
            return Movement(is_new=True)
        if self.what != "moved":
            return Movement()
        return Movement(
            before=Judgement.of(self.status_before, self.confidence_before),
            after=Judgement.of(self.status, self.confidence),
        )

    @property
    def anchor(self) -> str:
        """Return its id on the trend's page: its date, of which there is one for each trend."""
        return f"assessment-{self.date}"
