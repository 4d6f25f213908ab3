"""Timeline entries: events, scheduled dates and forecasts."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django_stubs_ext import StrOrPromise

from quotes.models import Expert, Mention, Source
from trends.levels import NEEDS_NOTE, OUTCOMES, Claimant, EntryKind, Outcome
from trends.models.earlier_outcomes import EarlierOutcome
from trendsite.shared import days
from trendsite.shared.constraints import DatabaseCheck
from trendsite.shared.partial_dates import PartialDate, PartialDateField
from trendsite.shared.permanent_keys import KeyedModel, key_constraint
from trendsite.shared.translated import (
    TranslatedModel,
    TranslatedText,
    column,
    text_constraints,
    translated,
    translations,
    written,
)


class TimelineEntry(KeyedModel, TranslatedModel):
    """An event, a scheduled date or a forecast.

    `made_by` says who made a forecast, `made` when, `criterion` what decides its outcome, and
    `probability` how likely its author thought it, in percent. Unknown values are empty.
    """

    trend = models.ForeignKey("trends.Trend", models.CASCADE, related_name="timeline")
    date = PartialDateField(_("date"))
    text = models.TextField(_("text"), null=True, blank=True)
    short = models.CharField(
        _("short label"),
        max_length=80,
        null=True,
        blank=True,
        help_text=_("What the picture says where the text is long: a clause of a few words."),
    )
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
    earlier_outcomes = models.JSONField(
        _("earlier outcomes"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("What the outcome was before, with the day on which it changed."),
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
    counted_names = (_("timeline entry"), _("timeline entries"))

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        ordering = ["date", "pk"]
        indexes = [
            # For counting forecasts without reading texts.
            models.Index(
                fields=["kind", "outcome", "date", "settled", "trend"], name="trends_forecast"
            ),
            # For the latest forecasts made, and the latest settled.
            models.Index("kind", "made", name="trends_forecast_made"),
            models.Index("kind", Coalesce("settled", "date"), name="trends_forecast_known"),
            # Without the many entries of nobody, for which SQLite prefers to read all trends.
            models.Index(
                fields=["expert"], condition=Q(expert__isnull=False), name="trends_entry_of_expert"
            ),
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
            *text_constraints(texts=["text", "short", "note", "criterion"], required=["text"]),
        ]

    def __str__(self) -> str:
        return f"{self.date}: {translated(self, 'text')}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the entry, and store its outcome as an earlier one if it changes. One more query."""
        if not self._state.adding and self.kind != EntryKind.EVENT:
            saved = TimelineEntry.objects.filter(pk=self.pk).first()
            if saved is not None:
                self.remember_outcomes_of(saved)
        super().save(*args, **kwargs)

    def remember_outcomes_of(self, saved: "TimelineEntry") -> None:
        """Add the saved row's earlier outcomes to those of this one, and its outcome if it changed.

        No earlier outcome is lost. If the outcome was already changed today, the second change is
        taken for a correction, and the outcome in between is not stored.
        """
        remembered = [*saved.earlier_outcomes]
        remembered += [row for row in self.earlier_outcomes if row not in remembered]
        today = PartialDate.from_date(days.today().date)
        changed_today = any(row["until"] == str(today) for row in remembered)
        if saved.outcome and self.outcome and saved.outcome != self.outcome and not changed_today:
            before = EarlierOutcome(
                saved.outcome, today, saved.settled, translations(saved, "note")
            )
            remembered.append(before.to_column())
        self.earlier_outcomes = sorted(
            remembered, key=lambda row: EarlierOutcome.from_column(row).until
        )

    @property
    def earlier(self) -> list[EarlierOutcome]:
        """Return its earlier outcomes, the earliest first."""
        return [EarlierOutcome.from_column(row) for row in self.earlier_outcomes]

    @property
    def label(self) -> TranslatedText:
        """Return the short label, or the text if there is no label in the language shown."""
        text = translated(self, "text")
        short = translations(self, "short").get(text.language)
        return replace(text, text=short) if short else text

    @property
    def claimant(self) -> str:
        """Return the name of who made the forecast, a person or an organisation; may be empty."""
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
            return  # the following checks need the kind
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
        today = days.today()
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
            return {"settled": _("Its date is not over: enter when the outcome was known.")}
        if self.outcome in NEEDS_NOTE and not translations(self, "note"):
            return {"outcome": _("Enter a note that says why this is the outcome.")}
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
        return self._errors_of_days()

    def _errors_of_days(self) -> dict[str, StrOrPromise]:
        """Return errors if the forecast is yet to be made, or was settled before it was made."""
        if not isinstance(self.made, PartialDate):
            return {}
        if self.made.first_day > days.today():
            return {"made": _("This date is in the future: the forecast has not been made yet.")}
        if isinstance(self.settled, PartialDate) and self.settled.last_day < self.made.first_day:
            return {"settled": _("This is before the day on which the forecast was made.")}
        return {}
