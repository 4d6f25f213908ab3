from modeltranslation.translator import TranslationOptions, register

from quotes.models import Expert, Mention, Source


@register(Expert)
class ExpertTranslation(TranslationOptions):
    fields = ("name", "role", "affiliation")


@register(Source)
class SourceTranslation(TranslationOptions):
    fields = ("description",)


@register(Mention)
class MentionTranslation(TranslationOptions):
    fields = ("translation", "occasion")
