from modeltranslation.translator import TranslationOptions, register

from quotes.models import Expert, Mention


@register(Expert)
class ExpertTranslation(TranslationOptions):
    fields = ("name", "role", "affiliation")


@register(Mention)
class MentionTranslation(TranslationOptions):
    fields = ("translation", "occasion")
