"""The levels and states of trends and forecasts. It imports no module of the project."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """How widespread a trend is."""

    EMERGING = "emerging", pgettext_lazy("status", "emerging")
    GROWING = "growing", pgettext_lazy("status", "growing")
    ESTABLISHED = "established", pgettext_lazy("status", "established")
    DECLINING = "declining", pgettext_lazy("status", "declining")


class Confidence(models.TextChoices):
    """How sure the editors are of a trend as it is stated, not how much it matters."""

    LOW = "low", pgettext_lazy("confidence", "low")
    MEDIUM = "medium", pgettext_lazy("confidence", "medium")
    HIGH = "high", pgettext_lazy("confidence", "high")


class EntryKind(models.TextChoices):
    """The kind of a timeline entry: it happened, it is scheduled, or somebody forecasts it."""

    EVENT = "event", pgettext_lazy("timeline", "event")
    SCHEDULED = "scheduled", pgettext_lazy("timeline", "scheduled")
    FORECAST = "forecast", pgettext_lazy("timeline", "forecast")


class Outcome(models.TextChoices):
    """The outcome of a forecast or of a scheduled date."""

    PENDING = "pending", pgettext_lazy("outcome", "pending")
    CONFIRMED = "confirmed", pgettext_lazy("outcome", "confirmed")
    MISSED = "missed", pgettext_lazy("outcome", "missed")
    VOID = "void", pgettext_lazy("outcome", "void")
    DISPUTED = "disputed", pgettext_lazy("outcome", "disputed")
    IN_FORCE = "in-force", pgettext_lazy("outcome", "in force")
    POSTPONED = "postponed", pgettext_lazy("outcome", "postponed")
    DROPPED = "dropped", pgettext_lazy("outcome", "dropped")


OUTCOMES = {
    EntryKind.EVENT: [],
    EntryKind.SCHEDULED: [
        Outcome.PENDING,
        Outcome.IN_FORCE,
        Outcome.POSTPONED,
        Outcome.DROPPED,
    ],
    EntryKind.FORECAST: [
        Outcome.PENDING,
        Outcome.CONFIRMED,
        Outcome.MISSED,
        Outcome.VOID,
        Outcome.DISPUTED,
    ],
}
"""The outcomes that an entry of each kind can have."""

NEEDS_NOTE = [Outcome.VOID, Outcome.DISPUTED]
"""The outcomes for which a note with the reason is required."""


class Claimant(models.TextChoices):
    """Who made a forecast; empty if it is unknown."""

    EXPERT = "expert", pgettext_lazy("forecast by", "expert")
    SOURCE = "source", pgettext_lazy("forecast by", "source")
    EDITORS = "editors", pgettext_lazy("forecast by", "editors")


class ForecastState(models.TextChoices):
    """The state of a forecast as readers see it: its outcome, or that it is overdue."""

    DUE = "due", pgettext_lazy("forecast", "overdue")
    PENDING = Outcome.PENDING.value, pgettext_lazy("forecast", "open")
    CONFIRMED = Outcome.CONFIRMED.value, Outcome.CONFIRMED.label
    MISSED = Outcome.MISSED.value, Outcome.MISSED.label
    DISPUTED = Outcome.DISPUTED.value, Outcome.DISPUTED.label
    VOID = Outcome.VOID.value, Outcome.VOID.label


class ScheduledState(models.TextChoices):
    """The state of a scheduled date as readers see it: its outcome, or that it is overdue."""

    DUE = "due", pgettext_lazy("scheduled", "to be checked")
    PENDING = Outcome.PENDING.value, pgettext_lazy("scheduled", "to come")
    IN_FORCE = Outcome.IN_FORCE.value, Outcome.IN_FORCE.label
    POSTPONED = Outcome.POSTPONED.value, Outcome.POSTPONED.label
    DROPPED = Outcome.DROPPED.value, Outcome.DROPPED.label
