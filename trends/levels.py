"""The vocabulary of states: how far, how sure, what came of a forecast. Imports nothing of ours."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """How far a trend has come."""

    EMERGING = "emerging", pgettext_lazy("status", "emerging")
    GROWING = "growing", pgettext_lazy("status", "growing")
    ESTABLISHED = "established", pgettext_lazy("status", "established")
    DECLINING = "declining", pgettext_lazy("status", "declining")


class Confidence(models.TextChoices):
    """How sure the editors are of a trend as stated, not how much it matters."""

    LOW = "low", pgettext_lazy("confidence", "low")
    MEDIUM = "medium", pgettext_lazy("confidence", "medium")
    HIGH = "high", pgettext_lazy("confidence", "high")


class EntryKind(models.TextChoices):
    """Did it happen, or did somebody say that it would?"""

    EVENT = "event", pgettext_lazy("timeline", "event")
    FORECAST = "forecast", pgettext_lazy("timeline", "forecast")


class Outcome(models.TextChoices):
    """What became of a forecast."""

    PENDING = "pending", pgettext_lazy("outcome", "pending")
    CONFIRMED = "confirmed", pgettext_lazy("outcome", "confirmed")
    MISSED = "missed", pgettext_lazy("outcome", "missed")


class ForecastState(models.TextChoices):
    """What a reader is told of a forecast: its outcome, or that one is overdue."""

    DUE = "due", pgettext_lazy("outcome", "due")
    PENDING = Outcome.PENDING.value, Outcome.PENDING.label
    CONFIRMED = Outcome.CONFIRMED.value, Outcome.CONFIRMED.label
    MISSED = Outcome.MISSED.value, Outcome.MISSED.label
