"""The admin of evidence: sources, experts, videos and mentions."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from quotes.forms import KEPT, MentionForm, SourceForm, VideoForm
from quotes.links.link_lists import LinkedAdmin, LinkFilter
from quotes.models import Expert, Mention, Source, TaggedMention, Video, digest_of_words
from quotes.pictures import Picture
from quotes.video_admin import VideoFillingAdmin, VideoLookupAdmin
from trendsite.shared.admin.inlines import TableInline
from trendsite.shared.admin.list_filters import LinkedRowsFilter
from trendsite.shared.admin.merging_pages import MergingAdmin
from trendsite.shared.admin.parts_search import NamedBy, PartsSearchAdmin
from trendsite.shared.admin.renamable import Renamable
from trendsite.shared.admin.shown_on import MOST_ROWS
from trendsite.shared.images.uploads import CleanImage
from trendsite.shared.models import Tag
from trendsite.shared.templatetags.texts import in_language
from trendsite.shared.text_parts import PartsIndex
from trendsite.shared.translated import columns, translated
from trendsite.shared.translations.lists import MissingFilter, StaleFilter, TranslatedList
from trendsite.shared.web_addresses import comparable, looks_like_an_address


def _image(picture: Picture | None) -> SafeString | str:
    if picture is None:
        return ""
    return format_html(
        '<img class="thumbnail" src="{}" width="96" height="54" alt="" loading="lazy">',
        picture.fallback,
    )


def _portrait(expert: Expert) -> SafeString:
    return render_to_string("components/portrait.html", {"portrait": expert.portrait})


@admin.register(Source)
class SourceAdmin(PartsSearchAdmin, LinkedAdmin, MergingAdmin, Renamable, TranslationAdmin[Source]):
    form = SourceForm
    list_display = ["title_or_address", "publisher", "date", "language", "key", "link_state"]
    list_filter = ["language", LinkFilter]
    parts = PartsIndex(
        Source, ["title", *columns("description"), "publisher", "origin", "key", "url"]
    )
    search_fields = parts.columns
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Source], search_term: str
    ) -> tuple[QuerySet[Source], bool]:
        """Return the sources that match. A term that is an address matches sources of its page."""
        if looks_like_an_address(search_term.strip()):
            return queryset.filter(compared_url=comparable(search_term)), False
        return super().get_search_results(request, queryset, search_term)

    def existing_row(self, form: ModelForm[Any]) -> Model | None:
        """Return the saved source of the same page, or with the same key. At most two queries."""
        url = form["url"].value() if "url" in form.errors else ""
        page = comparable(url) if url else ""
        found = Source.objects.filter(compared_url=page).first() if page else None
        return found or super().existing_row(form)

    def shown_with(self, obj: Model) -> list[Any]:
        return [obj]

    def rewritten_by_merge(self, kept: Source, gone: Source) -> str:
        text = gettext("Marks in texts are rewritten: %(gone)s becomes %(kept)s.")
        return text % {"gone": f"[^{gone.key}]", "kept": f"[^{kept.key}]"}

    @admin.display(description=_("source"), ordering="title")
    def title_or_address(self, source: Source) -> str:
        return str(source)


@admin.register(Expert)
class ExpertAdmin(LinkedAdmin, TranslatedList, MergingAdmin, Renamable, TranslationAdmin[Expert]):
    label_field = "name"
    list_display = [
        "thumbnail",
        "the_name",
        "the_role",
        "the_affiliation",
        "mention_count",
        "the_languages",
        "link_state",
    ]
    list_filter = [MissingFilter, StaleFilter, LinkFilter]
    list_display_links = ["the_name"]
    search_fields = ["slug", *columns("name", "role", "affiliation")]
    fields = ["name", "slug", "role", "affiliation", "url"]
    prepopulated_fields = {"slug": ["name"]}

    def shown_with(self, obj: Model) -> list[Any]:
        said = Mention.objects.filter(expert=obj.pk).order_by("-pk")
        return list(said[: MOST_ROWS + 1]) or [obj]

    def for_list(self, rows: QuerySet[Expert]) -> QuerySet[Any]:
        mentions = Mention.objects.filter(expert=OuterRef("pk")).order_by().values("expert")
        # Not by a join, with which all that a line shows would be computed for each mention.
        number = Subquery(mentions.annotate(number=Count("pk")).values("number"))
        experts: QuerySet[Any] = super().for_list(rows).annotate(mention_count=Coalesce(number, 0))
        return experts

    @admin.display(description=_("picture"))
    def thumbnail(self, expert: Expert) -> SafeString:
        return _portrait(expert)

    @admin.display(description=_("name"), ordering="slug")
    def the_name(self, expert: Expert) -> str:
        return str(expert)

    @admin.display(description=_("role"))
    def the_role(self, expert: Expert) -> str:
        return str(translated(expert, "role"))

    @admin.display(description=_("affiliation"))
    def the_affiliation(self, expert: Expert) -> str:
        return str(translated(expert, "affiliation"))

    @admin.display(description=_("mentions"), ordering="mention_count")
    def mention_count(self, expert: Expert) -> int:
        count: int = expert.mention_count  # type: ignore[attr-defined]  # of `for_list()`
        return count


@admin.register(Video)
class VideoAdmin(PartsSearchAdmin, LinkedAdmin, VideoLookupAdmin):
    form = VideoForm
    list_display = ["thumbnail_image", "the_title", "platform", "channel", "date", "link_state"]
    list_display_links = ["the_title"]
    list_filter = ["platform", ("thumbnail", admin.EmptyFieldListFilter), LinkFilter]
    fields = ["video_id", "platform", "title", "channel", "date", "thumbnail", "crop", KEPT]
    parts = PartsIndex(Video, ["title", "channel", "video_id"])
    search_fields = parts.columns
    show_full_result_count = False

    def save_related(
        self, request: HttpRequest, form: ModelForm[Any], formsets: list[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        image = form.cleaned_data.get("thumbnail")
        if isinstance(image, CleanImage) and image.of_animation:
            self.message_user(
                request, _("Of the animation, the first frame was kept."), messages.WARNING
            )

    def existing_row(self, form: ModelForm[Any]) -> Model | None:
        values = form.cleaned_data
        return Video.objects.filter(
            platform=values.get("platform", ""), video_id=values.get("video_id", "")
        ).first()

    def shown_with(self, obj: Model) -> list[Any]:
        return [obj]

    def link_of(self, row: Video) -> str:
        return row.url_at()

    @admin.display(description=_("thumbnail"))
    def thumbnail_image(self, video: Video) -> SafeString | str:
        return _image(video.picture)

    @admin.display(description=_("video"), ordering="title")
    def the_title(self, video: Video) -> str:
        return str(video)


class TaggedMentionInline(TableInline):
    model = TaggedMention
    fields = ["tag", "order"]
    autocomplete_fields = ["tag"]
    list_select_related = ["tag", "content_object"]


@admin.register(Mention)
class MentionAdmin(PartsSearchAdmin, TranslatedList, VideoFillingAdmin, TranslationAdmin[Mention]):
    form = MentionForm
    list_display = ["thumbnail", "words", "expert", "language", "video", "the_languages"]
    list_display_links = ["words"]
    list_filter = [
        "language",
        MissingFilter,
        StaleFilter,
        ("tagged__tag", LinkedRowsFilter),
    ]
    parts = PartsIndex(Mention, ["original", *columns("translation", "occasion")])
    search_fields = parts.columns
    named_by = [
        NamedBy(Expert, ["slug", *columns("name")], Mention, "expert"),
        NamedBy(Video, ["title"], Mention, "video", parts=VideoAdmin.parts),
        NamedBy(Tag, ["slug"], TaggedMention, "tag", "content_object_id"),
    ]
    show_full_result_count = False
    autocomplete_fields = ["expert", "video", "source"]
    fields = [
        "expert",
        "original",
        ("language", "verified"),
        "translation",
        "occasion",
        ("video", "start"),
        "video_address",
        "source",
    ]
    inlines = [TaggedMentionInline]

    def get_fields(self, request: HttpRequest, obj: Mention | None = None) -> Any:
        """Return the fields. An address adds a video, so only users who may add videos get it."""
        fields = super().get_fields(request, obj)
        if request.user.has_perm("quotes.add_video"):
            return fields
        return [field for field in fields if field != "video_address"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("expert", "video")

    def shown_with(self, obj: Model) -> list[Any]:
        return [obj]

    def existing_row(self, form: ModelForm[Any]) -> Model | None:
        values = form.cleaned_data
        digest = digest_of_words(values.get("original") or "")
        return Mention.objects.filter(expert=values.get("expert"), words_digest=digest).first()

    @admin.display(description=_("picture"))
    def thumbnail(self, mention: Mention) -> SafeString | str:
        return _image(mention.picture) or _portrait(mention.expert)

    @admin.display(description=_("original words"), ordering="original")
    def words(self, mention: Mention) -> SafeString:
        return format_html("<span{}>{}</span>", in_language(mention.language), mention.original)
