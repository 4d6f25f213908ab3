"""The part of the admin of trends for working versions, previews and publication."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from trends.editing.publishing.checklist import Finding, links_within, refuse_errors
from trends.editing.publishing.copies import TrendCopy
from trends.editing.publishing.publication import (
    begin,
    discard,
    findings_of,
    keep_as_working_version,
    preparation_of,
    publish,
    published_for_preview,
    schedule,
    submit,
    text_of,
    unschedule,
    waive,
    withdraw,
)
from trends.editing.publishing.publishing_page import PublishingPage, read_moment, shown_time
from trends.editing.publishing.working_form import PublishedTrendForm, WorkingVersionForm
from trends.models import Preparation, Trend
from trends.pages.trend import render_trend
from trendsite.shared.admin.editors import links_in_each_language
from trendsite.shared.admin.renamable import Renamable
from trendsite.shared.merging.held_requests import SaveRefusedError
from trendsite.shared.revisions.merging import Choice
from trendsite.shared.revisions.version_pages import AdminPage
from trendsite.shared.snapshots import snapshot
from trendsite.shared.translated import columns, languages

# Fetches a row with all that its form shows of publication, in one query.
_ROWS = partial(Trend.everything.select_related, "working_of", "working_version", "preparation")

# The most warnings of the checklist that are named after a save.
_SHOWN_WARNINGS = 5

PUBLISH = "trends.publish_trend"
"""The permission to change what readers see."""


class PublishingAdmin(Renamable):
    """Base of the admin of trends: working versions, previews and publication."""

    # Rows

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Trend | None:
        """Return a trend or a working version. Lists do not have working versions."""
        try:
            pk = Trend._meta.pk.to_python(object_id)
            return _ROWS().get(pk=pk)
        except (Trend.DoesNotExist, ValidationError, ValueError, OverflowError):
            return None

    def may_publish(self, request: HttpRequest) -> bool:
        """Return whether a user may change what readers see."""
        return request.user.has_perm(PUBLISH) and self.may_change_all(request)

    has_publish_permission = may_publish  # for actions with `permissions=["publish"]`

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False for working versions, which `publishing_view()` discards."""
        if obj is not None and obj.working_of_id:
            return False
        return super().has_delete_permission(request, obj)

    def _may_restore(self, request: HttpRequest, obj: models.Model | None) -> bool:
        """Return False for working versions, and for users who may not change what readers see."""
        if not self.may_publish(request) and (not isinstance(obj, Trend) or obj.published):
            return False
        is_working = isinstance(obj, Trend) and obj.working_of_id is not None
        return not is_working and super()._may_restore(request, obj)

    # The form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return also the days of publication and retirement, for users who may not publish."""
        fields = [*super().get_readonly_fields(request, obj)]
        if not self.may_publish(request) and not (obj is not None and obj.working_of_id):
            fields += [name for name in ("published", "retired") if name not in fields]
        return fields

    def get_form(  # type: ignore[override]  # modeltranslation's has the same signature
        self, request: HttpRequest, obj: Any = None, **kwargs: Any
    ) -> Any:
        if obj is None or not (obj.working_of_id or obj.published):
            return super().get_form(request, obj, **kwargs)
        kwargs["form"] = WorkingVersionForm if obj.working_of_id else PublishedTrendForm
        form: Any = super().get_form(request, obj, **kwargs)
        if obj.working_of_id is None:
            form.makes_working_version = self._makes_working_version(request, obj)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the day of publication for working versions: the published trend has it."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.working_of_id:
            return fieldsets
        return [
            (name, {**options, "fields": list(map(_without_published, options["fields"]))})
            for name, options in fieldsets
        ]

    def _makes_working_version(self, request: HttpRequest, trend: Trend) -> bool:
        """Return whether a submitted form of a published trend is kept as a working version."""
        return bool(trend.published) and (
            "_working" in request.POST or not self.may_publish(request)
        )

    def save_related(
        self, request: HttpRequest, form: ModelForm[Any], formsets: list[Any], change: bool
    ) -> None:
        trend = form.instance
        if getattr(form, "makes_working_version", False) and "_preview" not in request.POST:
            base = text_of(trend).text
            with transaction.atomic():
                super().save_related(request, form, formsets, change)
                typed = TrendCopy.of(trend)
                transaction.set_rollback(True)
            user: Any = request.user
            vars(request)["working_version"] = keep_as_working_version(typed, base, user)
            return
        super().save_related(request, form, formsets, change)
        if trend.is_published() and preparation_of(trend).pk:
            Preparation.objects.filter(trend=trend).delete()  # the trend is published
        if change and "_preview" not in request.POST and not self.may_publish(request):
            self._take_off_schedule(request, trend)

    def check_saved(self, request: HttpRequest, form: ModelForm[Any], formsets: list[Any]) -> None:
        """Run the checklist on what readers will see: refuse errors, show warnings."""
        trend = form.instance
        waits = trend.published is None or getattr(form, "makes_working_version", False)
        if waits or "_preview" in request.POST:
            return
        findings = findings_of(trend)
        forms = [
            form,
            *(
                row
                for formset in formsets
                for row in formset.forms
                if row not in formset.deleted_forms
            ),
        ]
        errors: dict[tuple[str, str], list[str]] = {}
        elsewhere = []
        for finding in findings:
            if finding.is_error:
                places = _places(finding, trend, forms)
                elsewhere += [] if places else [finding.text]
                for place in places:
                    errors.setdefault(place, []).append(finding.text)
        if errors or elsewhere:
            reason = gettext("Nothing was saved: the checklist has errors.")
            raise SaveRefusedError(" ".join([reason, *elsewhere]), errors)
        if findings:
            texts = [finding.text for finding in findings[:_SHOWN_WARNINGS]]
            texts += ["…"] if len(findings) > len(texts) else []
            text = ngettext(
                "The checklist has %(count)d warning: %(texts)s",
                "The checklist has %(count)d warnings: %(texts)s",
                len(findings),
            )
            values = {"count": len(findings), "texts": " · ".join(texts)}
            self.message_user(request, text % values, messages.WARNING)

    def _take_off_schedule(self, request: HttpRequest, trend: Trend) -> None:
        """Cancel the scheduled publication after a change by a user who may not publish."""
        if preparation_of(trend).publish_at is not None:
            unschedule(trend)
            text = gettext("It is no longer scheduled, as it was changed: ask for it again.")
            self.message_user(request, text, messages.WARNING)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Add no entry for working versions, which have their own list of versions."""
        if getattr(obj, "working_of_id", None) or "working_version" in vars(request):
            return None
        return super().log_change(request, obj, message)

    # The answer to a form

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        if "_preview" in request.POST:
            return self._typed_preview(request, obj)
        if "_publishing" in request.POST and IS_POPUP_VAR not in request.POST:
            return HttpResponseRedirect(self._address("publishing", obj.pk))
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if "_preview" in request.POST:
            return self._typed_preview(request, obj)
        working = vars(request).get("working_version", obj)
        if not working.working_of_id:
            if "_publishing" in request.POST:
                return HttpResponseRedirect(self._address("publishing", obj.pk))
            return super().response_change(request, obj)
        text = gettext("The working version of “%(trend)s” was saved. Readers do not see it yet.")
        self.message_user(request, text % {"trend": working}, messages.SUCCESS)
        if "_publishing" in request.POST:
            return HttpResponseRedirect(self._address("publishing", working.pk))
        if "_continue" in request.POST or working is not obj:
            return HttpResponseRedirect(self._address("change", working.pk))
        return self.response_post_save_change(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if "_preview" in request.POST:
            return self._page(
                request,
                "admin/publishing/preview_refused.html",
                {"title": gettext("No preview yet"), "errors": _named_errors(context)},
            )
        trend = kwargs.get("obj")
        context["may_publish"] = self.may_publish(request)
        context["trend_is"] = "draft"
        if trend is not None and trend.working_of_id:
            context["trend_is"] = "working"
        elif trend is not None and trend.published:
            context["trend_is"] = "published"
        if trend is not None:
            context["publishing"] = PublishingPage(trend)
            if context["trend_is"] != "draft":
                context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    # Previews

    def preview_links(self, obj: models.Model) -> list[dict[str, str]]:
        return links_in_each_language(
            lambda: self._address("preview", obj.pk, translation.get_language())
        )

    def preview(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """Show the page of a trend as readers of a language will see it, under a banner."""
        if language not in languages():
            raise Http404
        trend = self.get_object(request, str(pk))
        if trend is None:
            raise Http404
        if not self.has_view_permission(request, trend):
            raise PermissionDenied
        if trend.working_of_id is None:
            with snapshot(), translation.override(language):
                response = render_trend(request, trend, preview=True)
        else:
            try:
                with transaction.atomic(), translation.override(language):
                    shown = published_for_preview(trend)
                    response = render_trend(request, shown, preview=True, working=trend)
                    transaction.set_rollback(True)
            except Trend.DoesNotExist as error:  # published or discarded meanwhile
                raise Http404 from error
            except ValidationError as error:
                return self._preview_refused(request, error)
        response["Content-Language"] = language
        return response

    def _preview_refused(self, request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [("", message) for message in error.messages]
        context = {"title": gettext("No preview yet"), "errors": errors}
        return self._page(request, "admin/publishing/preview_refused.html", context)

    def _typed_preview(self, request: HttpRequest, trend: Trend) -> HttpResponse:
        """Show the trend that was just saved in each language, and roll the save back."""
        frames = []
        try:
            shown = published_for_preview(trend) if trend.working_of_id else trend
            for link in links_in_each_language(str):
                with translation.override(link["language"]):
                    page = render_trend(request, shown, preview=True, is_typed=True)
                frames.append({**link, "page": page.content.decode()})
        except ValidationError as error:
            response = self._preview_refused(request, error)
        else:
            context = {
                "title": gettext("Preview of “%(trend)s”") % {"trend": shown},
                "frames": frames,
                "language": translation.get_language(),
            }
            response = self._page(request, "admin/publishing/preview.html", context)
        if isinstance(response, TemplateResponse):
            response.render()
        transaction.set_rollback(True)
        return response

    # Publishing

    def pages(self) -> dict[str, AdminPage]:
        return {
            **super().pages(),
            "preview": ("<int:pk>/preview/<str:language>/", require_safe(self.preview)),
            "begin": ("<int:pk>/working-version/", require_POST(self.begin_view)),
            "publishing": ("<int:pk>/publishing/", self.publishing_view),
        }

    def _changeable(self, request: HttpRequest, pk: int) -> Trend:
        """Return a trend or working version that a user may change."""
        trend = self.get_object(request, str(pk))
        if not self.has_change_permission(request, trend):
            raise PermissionDenied
        if trend is None:
            raise Http404
        return trend

    def begin_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin a working version of a published trend, and redirect to its form."""
        trend = self._changeable(request, pk)
        if trend.working_of_id or not trend.published:
            raise Http404
        user: Any = request.user
        return HttpResponseRedirect(self._address("change", begin(trend, user).pk))

    def publishing_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a draft or working version will change and what it lacks; act on a POST."""
        trend = self._here(request, pk)
        if trend is None:
            return self._gone(request)
        working: Trend | None = getattr(trend, "working_version", None)
        if working is not None:
            return HttpResponseRedirect(self._address("publishing", working.pk))
        problem = ""
        if request.method == "POST":
            try:
                with transaction.atomic():
                    # If two editors act at once, the second waits here and then sees the result.
                    Trend.locked(pk)
                    return self._act_on(request, self._changeable(request, pk))
            except Trend.DoesNotExist:
                return self._gone(request, trend)
            except ValidationError as error:
                problem = " ".join(error.messages)
        with snapshot():  # another editor may publish it while the page is made
            current = self._here(request, pk)
            if current is None:
                return self._gone(request, trend)
            return self._publishing_page(request, current, problem).render()

    def _here(self, request: HttpRequest, pk: int) -> Trend | None:
        """Return a trend or working version that a user may change, None if it does not exist."""
        try:
            return self._changeable(request, pk)
        except Http404:
            return None

    def _gone(self, request: HttpRequest, trend: Trend | None = None) -> HttpResponse:
        """Redirect with the message that a working version does not exist any more.

        The target is the published trend, or the list if that is not known.
        """
        text = gettext("It is no longer here: somebody published it, or threw it away.")
        self.message_user(request, text, messages.WARNING)
        if trend is not None and trend.working_of_id:
            return HttpResponseRedirect(self._address("change", trend.working_of_id))
        return HttpResponseRedirect(self._address("changelist"))

    def _publishing_page(
        self, request: HttpRequest, trend: Trend, problem: str
    ) -> TemplateResponse:
        choices = _choices(request)
        shown = PublishingPage(trend, choices)
        at = shown.preparation.publish_at
        try:
            asked = read_moment(request.GET.get("at", ""))
        except ValidationError as error:
            asked, problem = None, " ".join(error.messages)
        context = {
            "title": gettext("Publishing: %(trend)s") % {"trend": trend},
            "object": trend,
            "publishing": shown,
            "problem": problem,
            "may_publish": self.may_publish(request),
            "may_discard": self.may_change_all(request, trend),
            "is_public": trend.is_published(),
            "asked": asked,
            "asked_time": shown_time(asked) if asked else "",
            "scheduled_time": shown_time(at) if at else "",
        }
        return self._page(request, "admin/publishing/publishing.html", context)

    def _act_on(self, request: HttpRequest, trend: Trend) -> HttpResponse:
        """Do what the submitted button says. Raises ValidationError if that is refused."""
        action = request.POST.get("action", "")
        # A published trend can only have a language withdrawn here.
        if trend.is_published() != (action == "withdraw"):
            raise Http404
        if action == "discard":
            if not trend.working_of_id:
                raise Http404
            if not self.may_change_all(request, trend):
                raise PermissionDenied  # a translator may not
            published = trend.working_of_id
            discard(trend)
            self._say(request, gettext("The working version was thrown away."))
            return HttpResponseRedirect(self._address("change", published))
        user: Any = request.user
        chosen = [code for code in languages() if code in request.POST.getlist("languages")]
        if action in ("submit", "return"):
            note = request.POST.get("note", "").strip()[:1000]
            submit(trend, chosen if action == "submit" else [], user, note)
            text = gettext("It is no longer in review.")
            if action == "submit":
                text = gettext("It is submitted for review.")
        elif action == "waive":
            waive(trend, request.POST.getlist("waive"), request.POST.get("reason", ""), user)
            text = gettext("Waived.")
        elif action not in ("publish", "schedule", "unschedule", "withdraw"):
            raise Http404
        elif not self.may_publish(request):
            raise PermissionDenied
        elif action == "publish":
            return self._publish(request, trend, self._publishable(request, trend, chosen))
        elif action == "schedule":
            at = read_moment(request.POST.get("at", ""))
            if at is None:
                raise ValidationError(gettext("Enter the day and the time."))
            schedule(trend, at, user, self._publishable(request, trend, chosen))
            text = gettext("It will be published on %(when)s.") % {"when": shown_time(at)}
        elif action == "withdraw":
            language = request.POST.get("language", "")
            if language not in languages():
                raise Http404
            withdraw(trend, language, self.provenance(request))
            text = gettext("Readers no longer see it. It waits in a working version.")
        else:
            unschedule(trend)
            text = gettext("It is no longer scheduled.")
        self._say(request, text)
        return HttpResponseRedirect(self._address("publishing", trend.pk))

    def _publishable(
        self, request: HttpRequest, trend: Trend, chosen: list[str]
    ) -> list[str] | None:
        """Return the chosen languages, None if these are all in which the trend is written.

        Raises ValidationError if none is chosen, for errors of the checklist, and for warnings
        without a waiver.
        """
        written = PublishingPage(trend).written
        if not chosen and written:
            raise ValidationError(gettext("Choose at least one language."))
        partly = None if set(written) <= set(chosen) else chosen
        page = PublishingPage(trend, _choices(request), partly or [])
        refuse_errors(item["finding"] for item in page.findings)
        warnings = [finding.name for finding in page.open_warnings]
        if warnings:
            user: Any = request.user
            waive(trend, warnings, request.POST.get("reason", ""), user)
        return partly

    def _publish(
        self, request: HttpRequest, trend: Trend, chosen: list[str] | None
    ) -> HttpResponse:
        done = publish(trend, self.provenance(request), _choices(request), languages=chosen)
        self.log_change(request, done, [{"changed": {"fields": ["Published"]}}])
        text = gettext("“%(trend)s” is published: readers see it as it is now.")
        self._say(request, text % {"trend": done})
        if Trend.everything.filter(working_of=done).exists():
            self._say(request, gettext("What is in other languages waits in a working version."))
        return HttpResponseRedirect(self._address("change", done.pk))

    def _say(self, request: HttpRequest, text: str) -> None:
        self.message_user(request, text, messages.SUCCESS)


def _places(
    finding: Finding, trend: Trend, forms: Sequence[ModelForm[Any]]
) -> list[tuple[str, str]]:
    """Return the form prefix and the name of each field that an error of the checklist is about."""
    if not finding.link:  # the shift is missing in a language that has a title
        empty = [name for name in columns("shift") if not getattr(trend, name)]
        return [("", name) for name in empty if name in forms[0].fields][:1]
    return [
        (form.prefix or "", name)
        for form in forms
        for name in form.fields
        if isinstance(value := form[name].value(), str) and finding.link in links_within(value)
    ]


def _without_published(fields: Any) -> Any:
    if isinstance(fields, list | tuple):
        left = [name for name in fields if name != "published"]
        return left[0] if len(left) == 1 else tuple(left)
    return fields


def _choices(request: HttpRequest) -> dict[str, Choice]:
    """Return the chosen side of each collision, by its path."""
    prefix = "choice "
    chosen: dict[str, Choice] = {}
    for name in request.POST:
        if name.startswith(prefix):
            chosen[name.removeprefix(prefix)] = (
                "theirs" if request.POST[name] == "theirs" else "mine"
            )
    return chosen


def _named_errors(context: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the errors of the forms on a page, each with the label of its field."""
    forms = [context["adminform"].form]
    found: list[tuple[str, str]] = []
    for inline in context["inline_admin_formsets"]:
        forms += inline.formset.forms
        found += [
            (str(inline.opts.verbose_name_plural), error)
            for error in inline.formset.non_form_errors()
        ]
    for form in forms:
        for name, errors in form.errors.items():
            field = form.fields.get(name)
            label = str(field.label or name) if field else ""
            found += [(label, error) for error in errors]
    return found
