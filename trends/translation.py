from modeltranslation.translator import TranslationOptions, register

from trends.models import (
    Assessment,
    Audience,
    Driver,
    Falsifier,
    Implication,
    TimelineEntry,
    Trend,
)


@register(Trend)
class TrendTranslation(TranslationOptions):
    fields = (
        "title",
        "title_reading",
        "subtitle",
        "key_points",
        "confidence_of",
        "shift",
        "retired_note",
    )


@register(Driver)
class DriverTranslation(TranslationOptions):
    fields = ("heading", "body")


@register(Audience)
class AudienceTranslation(TranslationOptions):
    fields = ("label",)


@register(Implication)
class ImplicationTranslation(TranslationOptions):
    fields = ("lead", "text")


@register(TimelineEntry)
class TimelineEntryTranslation(TranslationOptions):
    fields = ("text", "short", "note", "criterion")


@register(Assessment)
class AssessmentTranslation(TranslationOptions):
    fields = ("reason", "rationale")


@register(Falsifier)
class FalsifierTranslation(TranslationOptions):
    fields = ("text",)
