"""The form of a trend."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms.models import inlineformset_factory
from django.utils.translation import gettext as _

from quotes.models import Source
from trends.editing.rules import (
    check_marks,
    check_newest_assessment,
    check_not_related_to_itself,
    check_quotation,
    check_successors,
    lock_successors,
)
from trends.models import MARKED_TEXTS, Assessment, Trend, TrendMention
from trends.queries.citable import all_keys_of_sources, sources_by_key
from trendsite.shared.forms import (
    EditorsForm,
    OrderedRowForm,
    RowForm,
    RowsFormSet,
    VersionedForm,
)
from trendsite.shared.text.marks import rename_marks
from trendsite.shared.translated import columns

_Assessments = inlineformset_factory(
    Trend, Assessment, form=RowForm, fields=["date", "status", "confidence"], extra=0
)


_Mentions = inlineformset_factory(
    Trend, TrendMention, form=RowForm, formset=RowsFormSet, fields=["mention"], extra=0
)


class TimelineFormSet(RowsFormSet):
    """The timeline, whose forecasts refer to the mentions submitted with it."""

    def clean(self) -> None:
        super().clean()
        quoting = {
            form: str(getattr(value, "pk", value))
            for form in self.forms
            if form not in self.deleted_forms
            if (value := getattr(form, "cleaned_data", {}).get("quotation"))
        }
        submitted = _Mentions(self.data, instance=self.instance)
        if not quoting or not submitted.management_form.is_valid():
            return  # the editor may not see mentions
        mentions = {form["mention"].data for form in submitted.forms if not form["DELETE"].data}
        for form, quotation in quoting.items():
            try:
                check_quotation(quotation, mentions)
            except ValidationError as error:
                form.add_error("quotation", error)


class MarkingForm(EditorsForm):
    """Base of forms of rows with a text that may cite sources.

    Sources that the text marks are added to those of the row. Former keys in marks are replaced by
    the present ones.
    """

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        marked = MARKED_TEXTS[self._meta.model]
        names = [name for name in columns(marked.field) if cleaned.get(name)]
        keys = {mark.key for name in names for mark in marked.find(cleaned[name])}
        if not keys:
            return cleaned
        sources = sources_by_key(keys)
        known = sources if keys <= sources.keys() else all_keys_of_sources()
        renamed = {key: source.key for key, source in sources.items() if key != source.key}
        added: dict[str, Source] = {}
        for name in names:
            marks = marked.find(cleaned[name])
            try:
                check_marks(marks, {*known, *renamed})
            except ValidationError as error:
                self.add_error(name, error)
                continue
            cleaned[name] = rename_marks(cleaned[name], marks, renamed)
            added.update({mark.key: sources[mark.key] for mark in marks})
        if marked.sources in cleaned:
            chosen = list(cleaned[marked.sources])
            more = dict.fromkeys(source for source in added.values() if source not in chosen)
            cleaned[marked.sources] = [*chosen, *more]
        return cleaned


class MarkingRowForm(MarkingForm, RowForm):
    """The form of a row of an inline with a text that may cite sources."""


class OrderedMarkingRowForm(MarkingForm, OrderedRowForm):
    """The form of an ordered row of an inline with a text that may cite sources."""


class TrendForm(MarkingForm, VersionedForm):
    """The form of a trend, whose inlines are submitted with it."""

    instance: Trend

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

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("successors"):
            lock_successors()
        cleaned = super().clean()
        self._check_assessments(cleaned)
        retired = cleaned.get("retired", self.instance.retired)
        if cleaned.get("successors") and not (retired or "retired" in self.errors):
            field = "retired" if "retired" in self.fields else "successors"
            self.add_error(field, _("There are successors: enter the day, too."))
        self._check_named_trends(cleaned)
        return cleaned

    def keys_to_lock(self, cleaned: dict[str, Any]) -> set[int]:
        """Return the primary keys of the trend and of all trends to which it refers.

        They are locked together, in one order. Otherwise two editors whose trends refer to each
        other could cause a deadlock when one of the trends is renamed.
        """
        named = [*(cleaned.get("related") or ()), *(cleaned.get("successors") or ())]
        return super().keys_to_lock(cleaned) | {trend.pk for trend in named}

    @property
    def public_trend(self) -> Trend:
        """Return the trend that readers see, or will see."""
        return self.instance

    def _check_named_trends(self, cleaned: dict[str, Any]) -> None:
        """Validate the trends to which it refers. They are locked, so nobody changes them."""
        for name, check in (
            ("related", check_not_related_to_itself),
            ("successors", check_successors),
        ):
            if cleaned.get(name):
                try:
                    check(self.public_trend, cleaned[name])
                except ValidationError as error:
                    self.add_error(name, error)

    def _check_assessments(self, cleaned: dict[str, Any]) -> None:
        """Validate status and confidence against the assessments submitted with the trend."""
        status, confidence = cleaned.get("status"), cleaned.get("confidence")
        submitted = _Assessments(self.data, instance=Trend(pk=self.instance.pk))
        if submitted.management_form.is_valid():
            if not submitted.is_valid():
                return  # their errors are reported first
            rows = [
                form.instance
                for form in submitted.forms
                if form not in submitted.deleted_forms and (form.instance.pk or form.has_changed())
            ]
        else:  # the editor may not see assessments
            rows = list(self.instance.assessments.all()) if self.instance.pk else []
        try:
            check_newest_assessment(Trend(status=status or "", confidence=confidence or ""), rows)
        except ValidationError as error:
            for name, messages in error.error_dict.items():
                if name in self.fields:
                    self.add_error(name, messages)
