"""The form in which editors write a trend, with all that hangs on it."""

from typing import Any

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.forms.models import inlineformset_factory
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from trends.editing.rules import (
    check_newest_assessment,
    check_not_related_to_itself,
    check_successors,
)
from trends.models import Assessment, Trend

_Assessments = inlineformset_factory(
    Trend, Assessment, fields=["date", "status", "confidence"], extra=0
)


class TrendForm(forms.ModelForm):
    """A trend. `version_seen` is the version that the editor began with."""

    version_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Trend
        fields = [
            "slug",
            "status",
            "confidence",
            "since",
            "published",
            "shift_sources",
            "related",
            "retired",
            "successors",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version_seen"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_version(cleaned.get("version_seen"))
        self._check_assessments(cleaned)
        if cleaned.get("successors") and not (cleaned.get("retired") or "retired" in self.errors):
            self.add_error("retired", _("There are successors: write the day, too."))
        return cleaned

    def clean_related(self) -> Any:
        related = self.cleaned_data["related"]
        check_not_related_to_itself(self.instance, related)
        return related

    def clean_successors(self) -> Any:
        successors = self.cleaned_data["successors"]
        check_successors(self.instance, successors)
        return successors

    def _check_version(self, version: int | None) -> None:
        """Refuse to overwrite what a colleague saved since the form was opened.

        Locks the row, so that of two who save at once the second one sees the first.
        """
        if self.instance.pk is None:
            return
        saved = Trend.objects.select_for_update().values_list("version", flat=True)
        if saved.get(pk=self.instance.pk) == version:
            return
        url = reverse("admin:trends_trend_change", args=[self.instance.pk])
        last = (
            LogEntry.objects.filter(
                content_type=ContentType.objects.get_for_model(Trend),
                object_id=str(self.instance.pk),
                action_flag=CHANGE,
            )
            .select_related("user")
            .first()
        )
        who = last.user.get_username() if last else _("Somebody")
        raise ValidationError(
            format_html(
                _(
                    "{who} saved this trend while you were editing it. Your changes are not saved "
                    "yet, and none of them is lost: they stand below. "
                    '<a href="{url}" target="_blank">Open the saved version in a new window</a> '
                    "and make them there."
                ),
                who=who,
                url=url,
            ),
            code="stale",
        )

    def _check_assessments(self, cleaned: dict[str, Any]) -> None:
        """Hold status and confidence against the assessments submitted with the trend."""
        status, confidence = cleaned.get("status"), cleaned.get("confidence")
        submitted = _Assessments(self.data, instance=Trend(pk=self.instance.pk))
        if submitted.management_form.is_valid():
            if not submitted.is_valid():
                return  # their own errors come first
            rows = [
                form.instance
                for form in submitted.forms
                if form not in submitted.deleted_forms and (form.instance.pk or form.has_changed())
            ]
        else:  # an editor who may not see them
            rows = list(self.instance.assessments.all()) if self.instance.pk else []
        try:
            check_newest_assessment(Trend(status=status, confidence=confidence), rows)
        except ValidationError as error:
            for name, messages in error.error_dict.items():
                if name in self.fields:
                    self.add_error(name, messages)
