from modeltranslation.translator import TranslationOptions, register

from trendsite.shared.models import Tag


@register(Tag)
class TagTranslation(TranslationOptions):
    fields = ("label",)
