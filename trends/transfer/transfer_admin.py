"""The part of the admin of trends for the import and export of files."""

import datetime
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from quotes.models import Expert, Mention, Source, Video
from trends.editing.admin import TrendAdmin
from trends.models import Audience, PendingImport, Trend
from trends.transfer.archives import read_upload
from trends.transfer.exports import zip_of_evidence, zip_of_trends
from trends.transfer.imports import (
    ChangedMeanwhileError,
    RefusedFilesError,
    check_files,
    import_files,
    propose,
)
from trendsite.shared.models import Tag
from trendsite.shared.revisions.models import Revision
from trendsite.shared.revisions.version_pages import AdminPage
from trendsite.shared.writes import Origin, Provenance

_WRITTEN = (Trend, Tag, Audience, Expert, Source, Video, Mention)
_SECOND_CLICK = datetime.timedelta(minutes=2)
_MOST_MISTAKES = 200
_MOST_NOTICES = 20


class ImportForm(forms.Form):
    """The form for a file to import."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.zip"}),
        help_text=_("One YAML file, or a zip of such files with the pictures that they name."),
    )


@admin.register(Trend)
class TrendFilesAdmin(TrendAdmin):
    """The admin of trends, with import and export of files."""

    def pages(self) -> dict[str, AdminPage]:
        return {
            **super().pages(),
            "import": ("import/", self.import_view),
            "import_check": ("import/<int:pk>/", self.import_check_view),
            "export_evidence": ("evidence/", require_POST(self.export_evidence)),
        }

    # Export

    actions = [*TrendAdmin.actions, "export_files"]

    @admin.action(description=_("Export selected trends as a zip"), permissions=["view"])
    def export_files(self, request: HttpRequest, queryset: QuerySet[Any]) -> FileResponse | None:
        if not self.count_selected(request, queryset):
            return None
        try:
            file = zip_of_trends(queryset)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return None
        return FileResponse(file, as_attachment=True, filename="trends.zip")

    def export_evidence(self, request: HttpRequest) -> HttpResponseBase:
        """Send the evidence that belongs to no trend as a zip, or say why there is none."""
        if not self.may_import(request):
            raise PermissionDenied
        try:
            file = zip_of_evidence()
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        else:
            if file is not None:
                return FileResponse(file, as_attachment=True, filename="evidence.zip")
            self.message_user(request, gettext("All evidence belongs to trends."))
        return HttpResponseRedirect(self._address("import"))

    # Import

    def may_import(self, request: HttpRequest) -> bool:
        """Return whether a user may import, which needs the rights to publish and to write all."""
        return self.may_publish(request) and all(
            request.user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")
            for model in _WRITTEN
            for action in ("add", "change")
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {"may_import": self.may_import(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, or check the submitted file and show its mistakes."""
        if not self.may_import(request):
            raise PermissionDenied
        sent = request.method == "POST"
        form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
        context: dict[str, Any] = {"title": gettext("Import"), "form": form}
        if form.is_bound and form.is_valid():
            upload = form.cleaned_data["file"]
            name, content = PurePath(upload.name or "").name, upload.read()
            try:
                check_files(read_upload(name, content))
            except ValidationError as error:
                form.add_error("file", error)
            except RefusedFilesError as error:
                self._tell_mistakes(context, name, error)
            else:
                user: Any = request.user
                kept = PendingImport.objects.keep(user.pk, name, content)
                return HttpResponseRedirect(self._address("import_check", kept.pk))
        return self._page(request, "admin/transfer/import.html", context)

    def _tell_mistakes(
        self, context: dict[str, Any], name: str, refused: RefusedFilesError
    ) -> None:
        more = len(refused.mistakes) - _MOST_MISTAKES
        context |= {
            "name": name,
            "mistakes": refused.mistakes[:_MOST_MISTAKES],
            "more_mistakes": max(more, 0),
            "notices": refused.warnings,
        }

    def import_check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a checked file would change, or import it."""
        if not self.may_import(request):
            raise PermissionDenied
        upload = PendingImport.objects.of(request.user.pk).filter(pk=pk).first()
        if upload is None:
            return self._answer_to_gone(request)
        if "_discard" in request.POST:
            upload.delete()
            self.message_user(request, gettext("Nothing was imported."), messages.SUCCESS)
            return HttpResponseRedirect(self._address("changelist"))
        files = read_upload(upload.name, bytes(upload.content))
        provenance = self._of_import(request, upload.name)
        context: dict[str, Any] = {
            "title": gettext("Import of %(name)s") % {"name": upload.name},
            "name": upload.name,
        }
        try:
            if request.method == "POST":
                try:
                    return self._import_upload(request, upload, files, provenance)
                except (ChangedMeanwhileError, IntegrityError):
                    context["problem"] = gettext(
                        "Nothing was imported: somebody changed something meanwhile. Please look "
                        "again at what would be overwritten."
                    )
                except ValidationError as error:
                    context["problem"] = " ".join(error.messages)
            context["proposal"] = propose(files, provenance)
        except RefusedFilesError as error:  # something that the files need was changed since
            self._tell_mistakes(context, upload.name, error)
            context["form"] = ImportForm()
            return self._page(request, "admin/transfer/import.html", context)
        return self._page(request, "admin/transfer/proposal.html", context)

    def _import_upload(
        self,
        request: HttpRequest,
        upload: PendingImport,
        files: dict[str, bytes],
        provenance: Provenance,
    ) -> HttpResponse:
        overwrite = request.POST.getlist("overwrite")
        with transaction.atomic():
            # Of two clicks, the second waits here, and then finds nothing to import.
            if not PendingImport.objects.select_for_update().filter(pk=upload.pk):
                return self._answer_to_gone(request)
            count, notices = import_files(
                files, provenance, overwrite, request.POST.getlist("overwritable")
            )
            upload.delete()
        text = ngettext(
            "%(name)s was imported: %(count)d row was added or changed.",
            "%(name)s was imported: %(count)d rows were added or changed.",
            count,
        )
        values = {"name": upload.name, "count": count}
        self.message_user(request, text % values, messages.SUCCESS)
        for notice in notices[:_MOST_NOTICES]:
            self.message_user(request, notice, messages.WARNING)
        return HttpResponseRedirect(self._address("changelist"))

    def _answer_to_gone(self, request: HttpRequest) -> HttpResponse:
        """Tell of an upload that is not kept any more, perhaps since it was just imported."""
        last = Revision.objects.filter(
            user=request.user.pk,
            origin=Origin.IMPORT,
            stored_at__gt=timezone.now() - _SECOND_CLICK,
        )
        if request.method == "POST" and "_discard" not in request.POST and last.exists():
            self.message_user(request, gettext("It has already been imported."), messages.SUCCESS)
            return HttpResponseRedirect(self._address("changelist"))
        text = gettext("This file is not kept any more. Choose it again.")
        self.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(self._address("import"))

    def _of_import(self, request: HttpRequest, name: str) -> Provenance:
        """Return the provenance of an import. Its note begins with the name of the file."""
        provenance = self.provenance(request)
        note = " · ".join(filter(None, [name, provenance.note]))[:300]
        return replace(provenance, origin=Origin.IMPORT, note=note)
