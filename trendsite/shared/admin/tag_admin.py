"""The admin of tags."""

from django.contrib import admin
from modeltranslation.admin import TranslationAdmin

from trendsite.shared.admin.merging_pages import MergingAdmin
from trendsite.shared.admin.renamable import Renamable
from trendsite.shared.models import Tag
from trendsite.shared.translated import columns
from trendsite.shared.translations.lists import MissingFilter, StaleFilter, TranslatedList


@admin.register(Tag)
class TagAdmin(TranslatedList, MergingAdmin, Renamable, TranslationAdmin[Tag]):
    label_field = "label"
    list_display = ["slug", *columns("label"), "the_languages"]
    list_filter = [MissingFilter, StaleFilter]
    search_fields = ["slug", *columns("label")]
    fields = ["label", "slug"]
    prepopulated_fields = {"slug": ["label"]}
