"""The page of the admin for the export and import of files for translation tools."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language_info, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from trends.editing.publishing.publication import begin
from trends.editing.translating.exchange.importing import import_file, propose
from trends.editing.translating.exchange.translation_files import (
    MOST_BYTES,
    TranslationFile,
    exported,
    read_file,
    write_file,
)
from trends.editing.translating.saving import RefusedTranslationsError
from trends.editing.translating.translating_admin import TranslatingAdmin
from trends.editing.translating.trend_texts import TrendText
from trends.models import Trend
from trendsite.shared.forms import is_key
from trendsite.shared.revisions.version_pages import AdminPage
from trendsite.shared.translated import active_language, languages

_FORMATS = {
    "xlf": ("XLIFF 2.0", "application/xliff+xml"),
    "po": ("PO", "text/x-gettext-translation"),
}


def _language_choices() -> list[tuple[str, str]]:
    return [(code, get_language_info(code)["name_local"]) for code in languages()]


def _usual_language() -> str:
    """Return the default language of the form: the active one, unless that is the first."""
    others = languages()[1:]
    return active_language() if active_language() in others or not others else others[0]


class FileToWriteForm(forms.Form):
    """The form for an export: the language, the format, and which texts."""

    language = forms.ChoiceField(label=_("Into"), choices=_language_choices)
    format = forms.ChoiceField(
        label=_("Format"), choices=[(code, row[0]) for code, row in _FORMATS.items()]
    )
    all = forms.BooleanField(label=_("Also texts that need no work"), required=False)


class FileToReadForm(forms.Form):
    """The form for an import: an uploaded file, or the one that was shown in the step before."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xlf,.xliff,.po"}),
    )
    name = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    content = forms.CharField(
        required=False, max_length=MOST_BYTES, strip=False, widget=forms.HiddenInput
    )

    translations: TranslationFile

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        upload = cleaned.get("file")
        if upload is not None:
            if upload.size > MOST_BYTES:
                self.add_error("file", _("This file is too large."))
                return cleaned
            name, content = upload.name or "", upload.read()
        else:
            name, content = cleaned.get("name", ""), cleaned.get("content", "").encode()
        if not name:
            self.add_error("file", _("Choose a file."))
            return cleaned
        try:
            self.translations = read_file(name, content)
            cleaned |= {"name": name, "content": content.decode("utf-8-sig")}
        except UnicodeDecodeError:
            self.add_error("file", _("The file is not UTF-8."))
        except ValidationError as error:
            self.add_error("file", error)
        return cleaned


class TranslationFilesAdmin(TranslatingAdmin):
    """Base of the admin of trends: export and import of files of translations."""

    def pages(self) -> dict[str, AdminPage]:
        view = self.translation_files_view
        return {**super().pages(), "translation_files": ("translation-files/", view)}

    @admin.action(description=_("Files for translators"), permissions=["view"])
    def files_for_translators(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponseRedirect:
        pks = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
        return HttpResponseRedirect(f"{self._address('translation_files')}?trends={pks}")

    def translation_files_view(self, request: HttpRequest) -> HttpResponse:
        """Show both forms, export a file, show what a file would change, or import it."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        trends = Trend.objects.order_by("slug")
        chosen = request.GET.get("trends", "")
        if chosen:
            trends = trends.filter(pk__in=filter(is_key, chosen.split(",")))
        to_write = FileToWriteForm(
            request.GET if "language" in request.GET else None,
            initial={"language": _usual_language()},
        )
        if to_write.is_bound and to_write.is_valid():
            return self._file(trends, **to_write.cleaned_data)
        context: dict[str, Any] = {
            "title": gettext("Files for translators"),
            "to_write": to_write,
            "to_read": FileToReadForm(),
            "chosen": chosen,
            "trends": trends if chosen else None,
        }
        if request.method == "POST":
            form = FileToReadForm(request.POST, request.FILES)
            context["to_read"] = form
            if form.is_valid():
                if "_import" in request.POST:
                    response = self._import(request, form.translations, context)
                    if response is not None:
                        return response
                context["proposed"] = propose(
                    form.translations, lambda text: self.may_translate(request, text)
                )
                context["to_confirm"] = FileToReadForm(initial=form.cleaned_data | {"file": None})
        return self._page(request, "admin/translating/files.html", context)

    def _file(self, trends: QuerySet[Trend], **wanted: Any) -> HttpResponse:
        language, ending = wanted["language"], wanted["format"]
        _name, content_type = _FORMATS[ending]
        file = exported(trends.values_list("pk", flat=True), language, shows_all=wanted["all"])
        response = HttpResponse(write_file(file, ending), content_type=content_type)
        response["Content-Disposition"] = f'attachment; filename="trends-{language}.{ending}"'
        return response

    def _import(
        self, request: HttpRequest, file: TranslationFile, context: dict[str, Any]
    ) -> HttpResponse | None:
        """Import a file. If it is refused, add the errors to the context and return None."""

        def may_write(text: TrendText) -> bool:
            return self.may_translate(request, text)

        def writable(trend: Trend) -> Trend:
            user: Any = request.user
            may = self.may_publish(request) or not trend.published
            return trend if may else begin(trend, user)

        try:
            count = import_file(file, self.provenance(request), may_write, writable=writable)
        except RefusedTranslationsError as error:
            context["errors"] = [
                f"{name}: {message}"
                for name, messages in error.messages.items()
                for message in messages
            ]
            return None
        text = ngettext("%(count)d text was saved.", "%(count)d texts were saved.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
        return HttpResponseRedirect(self._address("changelist"))
