"""The admin of trends, with one form for a trend and all its parts, and that of audiences."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, Model, Q, QuerySet
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from modeltranslation.admin import TranslationAdmin

from quotes.links.link_queries import PARAMETER, dead_in_texts
from quotes.links.models import LinkState
from quotes.models import Expert, Mention
from trends.editing.bulk_admin import BulkAdmin
from trends.editing.completeness import lacking_in, stale_in, with_missing
from trends.editing.desk import is_scheduled, is_submitted, review_is_due
from trends.editing.forms import (
    MarkingRowForm,
    OrderedMarkingRowForm,
    TimelineFormSet,
    TrendForm,
)
from trends.editing.publishing.publishing_page import waiting_of
from trends.editing.settling import SettlingAdmin
from trends.editing.translating.exchange.files_admin import TranslationFilesAdmin
from trends.models import (
    Assessment,
    Audience,
    Driver,
    Falsifier,
    Implication,
    Reading,
    TaggedTrend,
    TimelineEntry,
    Trend,
    TrendMention,
    typed_marks,
    typed_pictures,
)
from trends.queries.citable import citable_sources
from trends.queries.citations import cited_source_ids
from trends.queries.links_in_texts import has_links_to
from trendsite.shared.admin.inlines import FoldedInline, OrderedInline, TableInline
from trendsite.shared.admin.list_filters import LinkedRowsFilter
from trendsite.shared.admin.merging_pages import MergingAdmin
from trendsite.shared.admin.parts_search import NamedBy, PartsSearchAdmin
from trendsite.shared.admin.renamable import Renamable
from trendsite.shared.form_parts import AFTER_ROWS
from trendsite.shared.forms import RowForm, is_key
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.paths import form_path
from trendsite.shared.revisions.version_pages import AdminPage
from trendsite.shared.text_parts import PartsIndex
from trendsite.shared.translated import column, columns, languages, translations
from trendsite.shared.translations.lists import MissingFilter, StaleFilter, TranslatedList

CITE_URL = "admin:trends_trend_sources"


class TaggedTrendInline(TableInline):
    model = TaggedTrend
    fields = ["tag", "order"]
    autocomplete_fields = ["tag"]
    list_select_related = ["tag", "content_object"]


class CitingInline(FoldedInline):
    """Base of inlines whose rows cite sources, which are prefetched for all rows."""

    form: type[RowForm] = MarkingRowForm
    autocomplete_fields = ["sources"]
    cite_url = CITE_URL

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("sources")


class DriverInline(OrderedInline, CitingInline):
    model = Driver
    form = OrderedMarkingRowForm
    fields = ["heading", "body", "sources", "order"]
    markdown_fields = ["body"]


class ImplicationInline(OrderedInline, CitingInline):
    model = Implication
    form = OrderedMarkingRowForm
    fields = ["audience", "lead", "text", "sources", "order"]
    autocomplete_fields = ["audience", "sources"]
    list_select_related = ["audience"]

    def row_label(self, row: Model) -> str:
        assert isinstance(row, Implication)
        return gettext("%(audience)s: %(point)s") % {"audience": row.audience, "point": row}


class TimelineInline(FoldedInline):
    model = TimelineEntry
    formset = TimelineFormSet
    fields = [
        ("date", "kind", "outcome", "settled"),
        "text",
        "short",
        "note",
        "source",
        ("made_by", "made", "probability"),
        ("expert", "quotation"),
        "criterion",
        "earlier",
    ]
    readonly_fields = ["earlier"]
    autocomplete_fields = ["source", "expert", "quotation"]
    list_select_related = ["source", "expert", "quotation__expert"]

    @admin.display(description=_("earlier outcomes"))
    def earlier(self, entry: TimelineEntry) -> str:
        return "; ".join(
            gettext("until %(date)s: %(outcome)s")
            % {"date": earlier.until.display(), "outcome": earlier.label(entry.kind)}
            for earlier in entry.earlier
        )


class AssessmentInline(CitingInline):
    model = Assessment
    fields = [("date", "status", "confidence", "reconstructed"), "reason", "rationale", "sources"]


class FalsifierInline(OrderedInline, FoldedInline):
    model = Falsifier
    fields = ["date", "text", "order"]


class TrendMentionInline(TableInline):
    model = TrendMention
    fields = ["mention", "voice", "order"]
    autocomplete_fields = ["mention"]
    list_select_related = ["mention__expert"]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        if db_field.name == "mention":  # its label has the name of the speaker
            kwargs["queryset"] = Mention.objects.select_related("expert")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ReadingInline(TableInline):
    model = Reading
    fields = ["source", "order"]
    autocomplete_fields = ["source"]
    list_select_related = ["source"]


@admin.register(Audience)
class AudienceAdmin(TranslatedList, MergingAdmin, Renamable, TranslationAdmin[Audience]):
    label_field = "label"
    list_display = ["slug", *columns("label"), "order", "the_languages"]
    list_filter = [MissingFilter, StaleFilter]
    search_fields = ["slug", *columns("label")]
    fields = ["label", "slug", "order"]
    prepopulated_fields = {"slug": ["label"]}


class StateFilter(admin.SimpleListFilter):
    """Filters by whether readers see a trend today: draft, scheduled, published, retired."""

    title = _("state")
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        return [
            ("draft", pgettext_lazy("state", "draft")),
            ("submitted", pgettext_lazy("state", "in review")),
            ("working", pgettext_lazy("state", "with a working version")),
            ("scheduled", pgettext_lazy("state", "scheduled")),
            ("published", pgettext_lazy("state", "published")),
            ("review", pgettext_lazy("state", "under review")),
            ("unreviewed", pgettext_lazy("state", "not assessed for long")),
            ("retired", pgettext_lazy("state", "retired")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "draft":
                return queryset.filter(published__isnull=True)
            case "submitted":
                return queryset.filter(is_submitted())
            case "working":
                return queryset.filter(working_version__isnull=False)
            case "scheduled":
                return queryset.filter(is_scheduled(timezone.localdate()))
            case "published":
                return queryset.in_force()
            case "review":
                return queryset.under_review()
            case "unreviewed":
                return queryset.in_force().filter(review_is_due(timezone.localdate()))
            case "retired":
                return queryset.retired()
        return queryset


class LinksInTextsFilter(admin.SimpleListFilter):
    """Filters by whether a text has a link that was gone at the last check, and no source has."""

    title = _("links in texts")
    parameter_name = PARAMETER

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        return [(LinkState.GONE.value, LinkState.GONE.label)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != LinkState.GONE:
            return queryset
        return queryset.filter(has_links_to(dead_in_texts()))


class TrendAdmin(
    PartsSearchAdmin,
    TranslatedList,
    BulkAdmin,
    SettlingAdmin,
    TranslationFilesAdmin,
    TranslationAdmin[Trend],
):
    form = TrendForm
    list_display = [
        "the_title",
        "the_status",
        "the_confidence",
        "state",
        "the_languages",
        "updated_on",
    ]
    list_filter = [
        StateFilter,
        "status",
        "confidence",
        MissingFilter,
        StaleFilter,
        LinksInTextsFilter,
        ("tagged__tag", LinkedRowsFilter),
    ]
    date_hierarchy = "published"
    ordering = ["-updated_at", "-pk"]
    parts = PartsIndex(Trend, ["slug", *columns("title", "subtitle", "shift")])
    search_fields = parts.columns
    named_by = [
        NamedBy(Tag, ["slug", *columns("label")], TaggedTrend, "tag", "content_object_id"),
        NamedBy(Expert, columns("name"), TrendMention, "mention__expert", "trend_id"),
    ]
    fieldsets = [
        (
            _("Title and key points"),
            {"fields": ["title", "title_reading", "subtitle", "slug", "key_points"]},
        ),
        (
            _("Current assessment"),
            {
                "fields": [("status", "confidence"), "confidence_of", ("since", "published")],
                "description": _(
                    "Shown at the top of the page. It must match the latest assessment below."
                ),
            },
        ),
        (_("The shift"), {"fields": ["shift", "shift_sources"]}),
        (_("Other trends"), {"fields": ["related"], "classes": [AFTER_ROWS]}),
        (
            _("Retirement"),
            {
                "fields": ["retired", "successors", "retired_note"],
                "description": _(
                    "For a trend that we no longer follow, or that other trends have replaced."
                ),
                "classes": [AFTER_ROWS],
            },
        ),
    ]
    prepopulated_fields = {"slug": ["title"]}
    markdown_fields = ["shift"]
    cite_url = CITE_URL
    autocomplete_fields = ["shift_sources", "related", "successors"]
    inlines = [
        TaggedTrendInline,
        DriverInline,
        TrendMentionInline,
        ImplicationInline,
        TimelineInline,
        AssessmentInline,
        FalsifierInline,
        ReadingInline,
    ]

    actions = [*BulkAdmin.actions, "files_for_translators"]

    def save_related(
        self, request: HttpRequest, form: ModelForm[Any], formsets: list[Any], change: bool
    ) -> None:
        """Save the trend, and warn of what readers will not see as it was meant."""
        from trendsite.shared.images.lettering import undrawable  # here, since Pillow takes 6 MB

        super().save_related(request, form, formsets, change)
        rows = [form.instance, *(row.instance for formset in formsets for row in formset.forms)]
        for picture in dict.fromkeys(picture for row in rows for picture in typed_pictures(row)):
            note = _("Texts have no pictures: readers see “%(picture)s” as it is written.")
            self.message_user(request, note % {"picture": picture}, messages.WARNING)
        for mark in dict.fromkeys(mark for row in rows for mark in typed_marks(row)):
            note = _("“%(mark)s” marks no source: write it with half-width signs, as “[^key]”.")
            self.message_user(request, note % {"mark": mark}, messages.WARNING)
        for title in translations(form.instance, "title").values():
            if signs := undrawable(title):
                note = _("The share card shows the slug instead of the title: no font has “%s”.")
                self.message_user(request, note % " ".join(signs), messages.WARNING)

    # The list

    def for_list(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        trends: Any = with_missing(rows)  # a TrendQuerySet
        reviewed: QuerySet[Any] = trends.with_review()
        # Most trends have no working version: with a join, SQLite would index all trends anew.
        return reviewed.select_related("preparation").prefetch_related(
            "working_version__preparation"
        )

    @admin.display(description=_("title"), ordering="slug")
    def the_title(self, trend: Trend) -> str:
        return str(trend)

    @admin.display(description=_("status"), ordering="status")
    def the_status(self, trend: Trend) -> SafeString:
        mark = render_to_string("components/status_mark.html", {"status": trend.status})
        return format_html("{} {}", mark, trend.get_status_display())

    @admin.display(description=_("confidence"), ordering="confidence")
    def the_confidence(self, trend: Trend) -> SafeString:
        bars = render_to_string("components/confidence_bars.html", {"confidence": trend.confidence})
        return format_html("{} {}", bars, trend.get_confidence_display())

    @admin.display(description=_("state"), ordering="published")
    def state(self, trend: Trend) -> str:
        parts = [self._state(trend), waiting_of(trend)]
        return pgettext("between items of a list", ", ").join(filter(None, parts))

    def _state(self, trend: Trend) -> str:
        if trend.published is None:
            return pgettext("state", "draft")
        if trend.retired and trend.is_retired():
            day = PartialDate.from_date(trend.retired).display()
            return gettext("retired %(day)s") % {"day": day}
        day = PartialDate.from_date(trend.published).display()
        if trend.is_under_review:
            return gettext("published %(day)s, under review") % {"day": day}
        if trend.is_published():
            return gettext("published %(day)s") % {"day": day}
        return gettext("scheduled for %(day)s") % {"day": day}

    @admin.display(description=_("last updated"), ordering="updated_at")
    def updated_on(self, trend: Trend) -> str:
        return PartialDate.from_date(timezone.localdate(trend.updated_at)).display()

    def lacking_in(self, language: str) -> Q:
        return lacking_in(language)

    def stale_in(self, language: str) -> Q:
        return stale_in(language)

    def language_text(self, row: Trend, language: str) -> str:
        url = self._address("translate", row.pk, language)
        return format_html('<a href="{}">{}</a>', url, language)

    def language_label(self, row: Trend, language: str) -> tuple[str, str]:
        kind, label = super().language_label(row, language)
        if kind != "partial":
            return kind, label
        if language not in row.languages:
            return "missing", gettext("title or shift is missing")
        if getattr(row, column("unread", language)):
            return kind, gettext("how the title is read is missing")
        return kind, label

    def told_of_showing(self, obj: Model) -> tuple[str, bool]:
        assert isinstance(obj, Trend)
        if obj.working_of_id:
            return gettext("%(trend)s (working version)") % {"trend": obj}, False
        if not obj.is_published():
            return gettext("%(trend)s (draft)") % {"trend": obj}, False
        return str(obj), True

    # Deleting

    def uses(self, rows: Iterable[Model]) -> list[str]:
        """Return links also to working versions, which have to be discarded first."""
        working = Trend.everything.filter(working_of__in=list(rows)).order_by("pk")
        return [
            *super().uses(rows),
            *(
                format_html(
                    gettext(
                        '<a href="{url}">Working version of “{trend}”</a> (publish or discard it)'
                    ),
                    url=self._address("publishing", row.pk),
                    trend=row,
                )
                for row in working
            ),
        ]

    def delete_warning(self, row: Model) -> SafeString | None:
        """Return, for a published trend, the advice to retire it instead."""
        if not isinstance(row, Trend) or row.published is None or not row.is_published():
            return None
        return format_html(
            gettext(
                "Readers have “{trend}” since {day}, and links to it would lead nowhere. "
                '<a href="{url}">Retire it instead</a>: the page stays, and says that it is no '
                "longer followed."
            ),
            trend=row,
            day=PartialDate.from_date(row.published).display(),
            url=f"{form_path(row)}#id_retired",
        )

    # The form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask in Japanese alone how a title is read, and in other languages where it is told."""
        unread = {
            column("title_reading", code)
            for code in languages()
            if not (code == "ja" or getattr(obj, column("title_reading", code), None))
        }
        return [
            (name, {**options, "fields": [f for f in options["fields"] if f not in unread]})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def pages(self) -> dict[str, AdminPage]:
        return {**super().pages(), "sources": ("sources/", require_safe(self.sources_to_cite))}

    def sources_to_cite(self, request: HttpRequest) -> HttpResponse:
        """Return the sources that match `term`, those that `trend` cites first, as JSON."""
        if not (self.has_view_permission(request) and request.user.has_perm("quotes.view_source")):
            raise PermissionDenied
        trend = request.GET.get("trend", "")
        cited = cited_source_ids(Trend(pk=int(trend))) if is_key(trend) else ()
        return JsonResponse(
            {
                "results": [
                    {
                        "key": source.key,
                        "text": " · ".join(filter(None, [str(source), source.credit])),
                    }
                    for source in citable_sources(request.GET.get("term", ""), cited)
                ]
            }
        )

    def site_links(self, obj: Model) -> list[dict[str, str]]:
        return super().site_links(obj) if isinstance(obj, Trend) and obj.is_published() else []
