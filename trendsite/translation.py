from modeltranslation.translator import TranslationOptions, register

from trendsite.models import Tag


@register(Tag)
class TagTranslation(TranslationOptions):
    fields = ("label",)
