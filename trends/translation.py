from modeltranslation.translator import TranslationOptions, register

from trends.models import Assessment, Audience, Driver, Implication, TimelineEntry, Trend


@register(Trend)
class TrendTranslation(TranslationOptions):
    fields = ("title", "title_reading", "subtitle", "shift", "retired_note")


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
    fields = ("text", "note")


@register(Assessment)
class AssessmentTranslation(TranslationOptions):
    fields = ("rationale",)
